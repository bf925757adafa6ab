"""The scripts of `horizon completion`; that of bash is tried out in a real bash."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from horizon.cli import words
from horizon.cli.group import ALIASES, cli
from horizon.cli.shells import script
from tests.cli.conftest import Site

FAKE = """#!/bin/sh
echo "$*" >> "$ASKED"
case "$*" in *"--names queue") echo mail; echo reports;; *"--names search") echo state:failed; echo class:SendEmail; echo class:SendSms;; esac
"""


class Shell:
    """A bash in which the script is loaded, and `horizon` is a program that knows two queues and two classes."""

    def __init__(self, folder: Path) -> None:
        self.asked = folder / "asked"
        self.folder = folder
        program = folder / "horizon"
        program.write_text(FAKE)
        program.chmod(0o755)
        (folder / "completion").write_text(script("bash", words.verbs(cli), ALIASES))

    def offers(self, line: str, breaks: str = " \t\n\"'><=;|&(:") -> list[str]:
        """What Tab offers behind this line."""
        text = 'source completion; COMP_LINE="$1"; COMP_POINT=${#1}; COMP_WORDBREAKS="$2"; _horizon; printf "%s\\n" "${COMPREPLY[@]}"'
        env = {"PATH": f"{self.folder}:/usr/bin:/bin", "ASKED": str(self.asked)}
        done = subprocess.run(
            ["bash", "-c", text, "bash", line, breaks], cwd=self.folder, env=env, capture_output=True, text=True, timeout=30, check=True
        )
        assert done.stderr == ""
        return done.stdout.split()

    def questions(self) -> list[str]:
        return self.asked.read_text().splitlines() if self.asked.exists() else []


@pytest.fixture
def bash(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_verbs_and_options_are_offered_without_asking_anybody(bash: Shell) -> None:
    assert bash.offers("horizon pa") == ["pause"]
    assert {"jobs", "operations", "users", "queue:work"} <= set(bash.offers("horizon ", breaks=""))
    assert bash.offers("horizon jobs --st") == ["--state"]
    assert bash.offers("horizon work --conc") == ["--concurrency"]
    assert bash.offers("horizon operations s") == ["show", "stop"]
    assert bash.offers("horizon users add --role o") == ["operator"]
    assert bash.offers("horizon jobs --state f") == ["failed"]
    assert bash.offers("horizon completion z") == ["zsh"]
    assert bash.offers("horizon retry a") == ["all"]
    assert bash.questions() == []


def test_names_are_asked_for(bash: Shell) -> None:
    assert bash.offers("horizon pause m") == ["mail"]
    assert bash.offers("horizon jobs --queue ") == ["mail", "reports"]
    assert bash.offers("horizon move mail r") == ["reports"]
    assert bash.questions() == ["completion --names queue"] * 3


def test_the_app_that_was_named_is_asked(bash: Shell) -> None:
    bash.offers("horizon --app shop pause ")
    bash.offers("horizon pause --app=shop ")
    assert bash.questions() == ["--app shop completion --names queue"] * 2


def test_search_words_are_completed_across_the_colon(bash: Shell) -> None:
    assert bash.offers("horizon jobs class:SendE") == ["SendEmail"]
    assert bash.offers("horizon jobs class:SendE", breaks=" ") == ["class:SendEmail"]
    assert bash.offers("horizon queue:fa") == ["failed"]


def test_where_nobody_can_guess_nothing_is_offered(bash: Shell) -> None:
    assert bash.offers("horizon show ") == []
    assert bash.offers("horizon jobs --limit ") == []
    assert bash.questions() == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_know_the_same(horizon, shell: str) -> None:
    text = horizon("completion", shell).output
    for verb in words.verbs(cli):
        assert f"'{verb.name}'" in text
    assert "'jobs --state'" in text
    assert all(state in text for state in words.STATES.split())
    assert text.count("{") == text.count("}")


def test_every_option_of_every_verb_is_known(horizon) -> None:
    known = {verb.name: verb for verb in words.verbs(cli)}
    assert known["jobs"].options["--queue"] == words.QUEUE
    assert known["jobs"].options["--json"] == words.FLAG
    assert known["jobs"].options["--app"] == words.FREE
    assert known["work"].options["--queue"] == words.QUEUE
    assert known["operations show"].argument == words.OPERATION
    assert known["users"].subs == tuple(sorted(known["users"].subs))


# names --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, too."""
    monkeypatch.setattr("horizon.cli.completion.PATIENCE", 300.0)


def test_names_that_take_too_long_are_given_up_in_silence(horizon, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(state: object, kind: str) -> Iterator[str]:
        yield "mail"
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        while True:
            with suppress(Exception):
                time.sleep(60)

    monkeypatch.setattr("horizon.cli.completion.found", endless)
    done = horizon("completion", "--names", "queue")
    assert (done.exit_code, done.output) == (0, "")


def names(horizon, kind: str) -> list[str]:
    return horizon("completion", "--names", kind).output.split()


def test_names_come_from_the_app_and_its_store(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    site.push(1, queue="old", connection="archive")
    site.worker("w1")
    assert names(horizon, "queue") == ["mail", "old"]
    assert names(horizon, "connection") == ["default", "archive"]
    assert names(horizon, "worker") == ["here:1"]
    assert {"state:failed", "queue:mail", "class:Send"} <= set(names(horizon, "search"))


def test_where_no_app_is_found_names_are_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLASK_APP", raising=False)
    done = CliRunner().invoke(cli, ["completion", "--names", "queue"])
    assert (done.exit_code, done.output) == (0, "")


def test_without_a_shell_the_three_are_named(horizon) -> None:
    done = horizon("completion")
    assert done.exit_code == 2
    assert "bash, zsh, fish" in done.output


def test_names_that_a_shell_would_take_for_commands_are_left_out(app, site: Site, horizon) -> None:
    from horizon.cli.completion import found

    app.extensions["horizon"].runtime.registry.add(type("Evil", (), {"__module__": "shop"}), "shop:$(reboot)")
    try:
        assert not [name for name in found(app.extensions["horizon"], "search") if "$" in name]
    finally:
        app.extensions["horizon"].runtime.registry._names.remove("shop:$(reboot)")
        del app.extensions["horizon"].runtime.registry._classes["shop:$(reboot)"]
