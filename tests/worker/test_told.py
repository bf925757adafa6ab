from __future__ import annotations

import signal
import sys

import pytest

from horizon.worker import told
from horizon.worker.signals import Signals

TELL = """
import json, os, subprocess, sys
fd = int(sys.argv[sys.argv.index("--fd") + 1])
{before}
os.write(fd, json.dumps(dict(location="here", warnings=[], problems=[], text="x" * 200_000)).encode())
sys.exit({code})
"""


@pytest.fixture
def ears():
    before = signal.getsignal(signal.SIGCHLD), signal.getsignal(signal.SIGTERM)
    made = Signals()
    made.watch((signal.SIGCHLD, signal.SIGTERM))
    yield made
    made.close()
    signal.signal(signal.SIGCHLD, before[0])
    signal.signal(signal.SIGTERM, before[1])


@pytest.fixture
def telling(monkeypatch):
    """`ask` runs this script instead of loading an app."""
    real, started = told.subprocess.Popen, []

    def use(before="", code=0):
        def start(command, **options):
            started.append(real([sys.executable, "-c", TELL.format(before=before, code=code), *command[3:]], **options))
            return started[-1]

        monkeypatch.setattr(told.subprocess, "Popen", start)
        return started

    return use


def test_an_answer_of_any_length_is_read(ears, telling):
    telling()
    assert told.ask(None, ears).location == "here"


def test_an_app_that_starts_a_process_of_its_own_does_not_keep_the_worker_waiting_for_it(ears, telling):
    telling(before="left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'], pass_fds=[fd])")
    assert told.ask(None, ears).location == "here"


def test_an_app_that_cannot_be_loaded_gives_its_exit_code(ears, telling):
    telling(before="sys.exit(3)")
    assert told.ask(None, ears) == 3


def test_a_process_that_is_killed_while_it_loads_the_app_says_nothing_about_the_app(ears, telling, tmp_path):
    first = tmp_path / "first"
    started = telling(before=f"if not os.path.exists({str(first)!r}): open({str(first)!r}, 'w').close(); os.kill(os.getpid(), 9)")
    assert told.ask(None, ears).location == "here"
    assert [one.returncode for one in started] == [-signal.SIGKILL, 0]


def test_an_app_that_is_killed_again_and_again_is_given_up_with_a_word(ears, telling, capsys):
    started = telling(before="os.kill(os.getpid(), 9)")
    assert told.ask(None, ears) == 1
    assert len(started) == told.TRIES
    assert capsys.readouterr().err.count("the process that loads the app was ended by SIGKILL") == told.TRIES


def test_told_to_stop_meanwhile_it_stops(ears, telling):
    (started) = telling(before="import signal; os.kill(os.getppid(), signal.SIGTERM); signal.pause()")
    assert told.ask(None, ears) == 0
    assert started[0].returncode == -signal.SIGKILL
