"""Completion where it is used: scripts loaded into a real bash, zsh and fish, and Tab pressed there.

A shell that is not installed skips its tests.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from horizon.cli import words
from horizon.cli.group import ALIASES, cli
from horizon.cli.shells import script
from tests.cli.test_completion import FAKE

PATIENCE = 30.0
"""Seconds after which a shell that has not answered is taken for stuck."""
BEGIN = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "bind 'set enable-bracketed-paste off'; source ./completion"),
    "zsh": (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u -D; source ./completion"),
}


def needed(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed; tests/deps.sh installs it")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `horizon` is a program that knows some names, and notes all that it is asked."""
    program = tmp_path / "horizon"
    program.write_text(FAKE)
    program.chmod(0o755)
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    place = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "ZDOTDIR")}
    return {"PATH": f"{folder}:/usr/bin:/bin", "ASKED": str(folder / "asked"), "TERM": "vt100", "LC_ALL": "C.UTF-8", "PS1": "$ ", **place}


class Terminal:
    """An interactive shell at a terminal of its own."""

    def __init__(self, shell: str, folder: Path) -> None:
        self.folder = folder
        (folder / "completion").write_text(script(shell, words.verbs(cli), ALIASES))
        command, begin = BEGIN[shell]
        self.side, other = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, cwd=folder, env=environment(folder), start_new_session=True
        )
        os.close(other)
        self.type(f"{begin}; touch rea''dy\r")
        self.until(lambda: (folder / "ready").exists())

    def type(self, text: str) -> None:
        os.write(self.side, text.encode())

    def until(self, fits: object) -> None:
        """Read what the shell writes, so that it never waits for us, until something is so."""
        assert callable(fits)
        end, said = time.monotonic() + PATIENCE, b""
        while not fits():
            assert time.monotonic() < end, said.decode(errors="replace")
            if select.select([self.side], [], [], 0.05)[0]:
                said += os.read(self.side, 65_536)

    def ran(self, typed: str) -> str:
        """What was run when this was typed, with a Tab where it says so, and Enter pressed."""
        before = len(self.notes())
        self.type(typed + "\r")
        self.until(lambda: any("--names" not in note for note in self.notes()[before:]))
        return next(note for note in self.notes()[before:] if "--names" not in note)

    def notes(self) -> list[str]:
        asked = self.folder / "asked"
        return asked.read_text().splitlines() if asked.exists() else []

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.side)


@pytest.fixture(params=list(BEGIN))
def terminal(request: pytest.FixtureRequest, folder: Path) -> Iterator[Terminal]:
    needed(request.param)
    made = Terminal(request.param, folder)
    yield made
    made.close()


def test_tab_completes_verbs_options_and_names(terminal: Terminal) -> None:
    assert terminal.ran("horizon paus\tm\t") == "pause mail"
    assert terminal.ran("horizon jobs --que\trep\t") == "jobs --queue reports"
    assert terminal.ran("horizon jobs class:SendE\t") == "jobs class:SendEmail"
    assert terminal.ran("horizon operations sh\t7") == "operations show 7"
    assert terminal.ran("horizon queues se\tre\tx") == "queues set reports x"
    assert terminal.ran("horizon --app shop pause m\t") == "--app shop pause mail"
    assert "--app shop completion --names queue" in terminal.notes()


FISH = {
    "horizon paus": ["pause"],
    "horizon pause ": ["mail", "reports"],
    "horizon jobs --que": ["--queue"],
    "horizon jobs --queue r": ["reports"],
    "horizon jobs class:": ["class:SendEmail", "class:SendSms"],
    "horizon operations sh": ["show"],
    "horizon queues set m": ["mail"],
    "horizon --app shop pause m": ["mail"],
    "horizon jobs --state fai": ["failed"],
}


def test_fish_offers_the_same(folder: Path) -> None:
    needed("fish")
    (folder / "completion").write_text(script("fish", words.verbs(cli), ALIASES))
    asked = "\n".join(f"complete -C '{line}'; echo ---" for line in FISH)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source completion\n{asked}"],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    offered = [part.split() for part in done.stdout.split("---\n")][: len(FISH)]
    assert dict(zip(FISH, offered, strict=True)) == FISH
    assert "--app shop completion --names queue" in (folder / "asked").read_text()
