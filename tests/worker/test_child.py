from __future__ import annotations

import os
import signal
import sys

import pytest

from horizon.worker import child as module
from horizon.worker.child import SAID_BYTES, Child
from horizon.worker.orders import Orders
from horizon.worker.page import Command
from tests.waiting import until


@pytest.fixture
def child():
    made = Child(Orders(session="s", number=1, worker="w", guardian=os.getpid()))
    made.pipe.setblocking(False)
    yield made
    made.close()


def test_what_it_says_once_it_is_ready_is_heard(child):
    child._theirs.sendall(b'{"problems": ["a", ')
    child.hear()
    assert (child.problems, child.hearing) == ((), True)
    child._theirs.sendall(b'"b"], "code_version": "r8"}\n')
    child.hear()
    assert child.problems == ("a", "b")
    assert child.code_version == "r8"


def test_what_a_job_writes_into_its_pipe_afterwards_is_not_listened_to(child):
    child._theirs.sendall(b'{"problems": []}\n{"problems": ["a lie"]}\n')
    child.hear()
    assert (child.problems, child.hearing) == ((), False)


def test_who_is_to_go_home_says_so_in_its_report_and_who_is_paused_does_not(child):
    child.pid = os.getpid()
    assert child.report(0, 0)["leaves"] is False
    child.command(Command.PAUSE)
    assert child.report(0, 0)["leaves"] is False
    child.command(Command.DRAIN)
    assert child.report(0, 0)["leaves"] is True


@pytest.mark.parametrize("noise", [b"no json\n", b"[]\n", b'{"problems": 3}\n', b"\xff\n"])
def test_nonsense_harms_nobody(child, noise):
    child._theirs.sendall(noise)
    child.hear()
    assert child.problems == ()


def test_a_flood_without_an_end_is_not_kept(child):
    while child.hearing:
        child._theirs.send(b"x" * 4096)
        child.hear()
    assert len(child._said) <= 2 * SAID_BYTES


def test_what_it_left_behind_in_its_group_dies_with_it(child, monkeypatch):
    leaves = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True)"
    real = module.subprocess.Popen
    reader, writer = os.pipe()
    monkeypatch.setattr(
        module.subprocess, "Popen", lambda command, **options: real([sys.executable, "-c", leaves], stdout=writer, start_new_session=True)
    )
    child.start(None, None)
    left = int(os.read(reader, 100))
    assert until(lambda: child.gone() is not None)
    until(lambda: not _alive(left))
    os.close(reader)
    os.close(writer)


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_an_end_is_ordered_once_for_each_step(child, monkeypatch):
    sent = []
    child.pid = 4711
    monkeypatch.setattr(module.signals, "group", lambda pid, number: sent.append((pid, number)))
    child.end(module.Step.TERM, "first")
    child.end(module.Step.TERM, "again")
    child.end(module.Step.KILL, "second")
    assert sent == [(4711, signal.SIGTERM), (4711, signal.SIGKILL)]
    assert child.doom == "first"


def test_its_report_tells_what_it_began_last_in_the_same_words_until_there_is_another(child):
    child.pid = os.getpid()
    assert child.report(5_000_000, 90)["last"] is None
    child.page.begin(0, "t", "job-1", 3_000_000, 0, None)
    child.page.end(0)
    first = child.report(5_000_000, 10_000)
    assert first["last"] == {"job": "job-1", "at": 8_000}
    assert child.report(6_000_000, 99_000)["last"] == first["last"]
    child.page.begin(0, "t", "job-2", 6_000_000, 0, None)
    told = child.report(6_000_000, 99_000)
    assert told["last"] == {"job": "job-2", "at": 99_000}
    assert told["recent"] == [first["last"]]
