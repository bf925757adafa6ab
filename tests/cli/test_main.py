from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import FlaskGroup

from horizon import __version__
from horizon.cli.group import cli
from horizon.cli.main import replaced
from tests.cli.conftest import Site

WITHOUT = "from flask import Flask\napp = Flask('bare')\n"
WITH = "from flask import Flask\nfrom horizon import Horizon\napp = Flask('shop', instance_path={folder!r})\nHorizon(app)\n"


PACKAGE = Path(__file__).resolve().parents[2] / "horizon"


def shell(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`horizon WORDS` in this folder, where only the package itself can be imported, not what stands beside it."""
    only = folder / "only"
    only.mkdir(exist_ok=True)
    (only / "horizon").symlink_to(PACKAGE)
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(only), **environ}
    # an installation that can be edited puts the project's own folder, and the wsgi.py in it, on the path of every process
    start = f"import runpy, sys; sys.path = [p for p in sys.path if p != {str(PACKAGE.parent)!r}]; sys.path.insert(0, ''); "
    command = [sys.executable, "-c", start + "runpy.run_module('horizon.cli.main', run_name='__main__', alter_sys=True)", *words]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("work", ("work", [])),
        ("work --queue a,b", ("work", ["--queue", "a,b"])),
        ("queue:work --once", ("work", ["--once"])),
        ("--app shop work --once", ("work", ["--app", "shop", "--once"])),
        ("-A shop work", ("work", ["--app", "shop"])),
        ("--app=shop work", ("work", ["--app", "shop"])),
        ("demo --port 8001", ("demo", ["--port", "8001"])),
        ("--app shop demo", ("demo", [])),
        ("stats", None),
        ("--app work stats", None),
        ("--version", None),
        ("", None),
    ],
)
def test_verbs_that_are_programs_are_recognised_before_anything_is_loaded(typed: str, found: tuple[str, list[str]] | None) -> None:
    assert replaced(typed.split()) == found


def test_a_verb_that_is_nearly_right_is_suggested(horizon) -> None:
    done = horizon("stauts")
    assert done.exit_code == 2
    assert "did you mean 'stats'" in done.output or "did you mean 'status'" in done.output


def test_a_verb_that_is_nothing_like_any_lists_them(horizon) -> None:
    done = horizon("xyzzy")
    assert done.exit_code == 2
    assert "prioritize" in done.output


def test_names_of_artisan_are_understood(site: Site, horizon) -> None:
    assert horizon("queue:stats").output == horizon("stats").output
    assert horizon("queue:failed").exit_code == 0
    assert horizon("queue:clear", "mail", "--yes").output.endswith("Cancelled 0 jobs.\n")


def test_flask_horizon_is_the_same(app: Flask, site: Site) -> None:
    (id,) = site.push(1)
    group = FlaskGroup(create_app=lambda: app, add_default_commands=False)
    group.add_command(cli)
    done = CliRunner().invoke(group, ["horizon", "jobs"])
    assert done.exit_code == 0
    assert id in done.output
    assert CliRunner().invoke(group, ["horizon", "show", "nonsense"]).exit_code == 1


def test_version(horizon) -> None:
    assert horizon("version").output == horizon("--version").output == f"Flask-Horizon {__version__}\n"


def test_every_verb_explains_itself(horizon) -> None:
    assert horizon("--help").exit_code == 0
    for name in sorted(set(cli.commands) - {"work", "demo"}):
        done = horizon(name, "--help")
        assert done.exit_code == 0
        assert "Usage: " in done.output


def test_the_help_cuts_no_summary(horizon) -> None:
    for name in sorted(cli.commands):
        first = (cli.commands[name].help or "").split(". ")[0].split("\n\n")[0].split()
        assert " ".join(first).rstrip(".") in " ".join(horizon("--help").output.split()), name


def test_no_color_is_respected(horizon, site: Site) -> None:
    site.push(1)
    assert "\x1b[" in horizon("show", site.push(1)[0], color=True).output
    assert "\x1b[" not in horizon("show", site.push(1)[0], color=True, env={"NO_COLOR": "1"}).output


def test_reading_verbs_print_json(horizon) -> None:
    for name in ("stats", "status", "jobs", "failed", "show", "queues", "workers", "operations", "doctor"):
        assert "--json" in horizon(name, "--help").output, name


# finding the app, in a shell ----------------------------------------------------------------------------------------------


def test_the_app_of_wsgi_py_is_found_by_itself(tmp_path: Path) -> None:
    (tmp_path / "wsgi.py").write_text(WITH.format(folder=str(tmp_path)))
    done = shell(tmp_path, "stats")
    assert (done.returncode, done.stderr) == (0, "No queue has held a job yet.\n")


@pytest.mark.parametrize("words", [("--app", "shop", "db", "upgrade"), ("stats", "--app", "shop"), ("stats", "-A", "shop:app")])
def test_the_app_may_be_named_before_the_verb_or_behind_it(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "shop.py").write_text(WITH.format(folder=str(tmp_path)))
    done = shell(tmp_path, *words)
    assert done.returncode == 0, done.stderr


def test_the_app_may_be_named_by_the_environment(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(WITH.format(folder=str(tmp_path)))
    assert shell(tmp_path, "stats", FLASK_APP="shop").returncode == 0


@pytest.mark.parametrize("words", [("stats",), ("queues", "--json"), ("doctor",), ("work", "--once"), ("serve", "--bind", "127.0.0.1:0")])
def test_where_there_is_no_app_every_verb_says_the_same_and_ends_with_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "wsgi.py").write_text("nothing = 1\n")
    done = shell(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "Error: no app found: failed to find Flask application or factory in module 'wsgi'. Use 'wsgi:name' to specify one.\n"
    )


def test_in_an_empty_folder_the_ways_to_name_an_app_are_told(tmp_path: Path) -> None:
    done = shell(tmp_path, "stats")
    assert done.returncode == 2
    assert "--app MODULE:NAME, FLASK_APP, or a 'wsgi.py' or 'app.py' file" in done.stderr


def test_an_app_without_horizon_is_told_what_to_add(tmp_path: Path) -> None:
    (tmp_path / "wsgi.py").write_text(WITHOUT)
    done = shell(tmp_path, "stats")
    assert done.returncode == 1
    assert (
        done.stderr == "Error: the app 'bare' has no Horizon; create it with Horizon(app), or call horizon.init_app(app) in its factory\n"
    )


def test_settings_that_are_not_usable_are_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "wsgi.py").write_text(WITH.format(folder=str(tmp_path)))
    done = shell(tmp_path, "stats", HORIZON_LEASE="soon", HORIZON_PROCESSES="0")
    assert done.returncode == 1
    assert "HORIZON_LEASE" in done.stderr
    assert "HORIZON_PROCESSES" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_cannot_be_opened_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "wsgi.py").write_text(WITH.format(folder=str(tmp_path)))
    (tmp_path / "taken.db").write_text("this is no database " * 100)
    done = shell(tmp_path, "stats", HORIZON_URL=f"sqlite:///{tmp_path / 'taken.db'}")
    assert done.returncode == 1
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
