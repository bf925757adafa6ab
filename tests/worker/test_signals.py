from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from horizon.worker.signals import Signals, group
from tests.waiting import until


@pytest.fixture
def ears():
    before = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    made = Signals()
    yield made
    made.close()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_signals_are_read_in_the_order_in_which_they_came(ears):
    ears.watch([signal.SIGUSR1, signal.SIGUSR2])
    os.kill(os.getpid(), signal.SIGUSR2)
    os.kill(os.getpid(), signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR2)
    assert ears.read() == [signal.SIGUSR2, signal.SIGUSR1, signal.SIGUSR2]
    assert ears.read() == []


def test_a_signal_that_came_while_it_was_blocked_is_heard(ears):
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR2)  # to this thread: others of a test's process do not block it
    ears.watch([signal.SIGUSR2])
    assert ears.read() == [signal.SIGUSR2]


def test_a_signal_that_was_ignored_before_stays_ignored(ears):
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    ears.watch([signal.SIGUSR1])
    os.kill(os.getpid(), signal.SIGUSR1)
    assert ears.read() == []


def test_a_group_that_is_gone_can_be_signalled_without_harm():
    process = subprocess.Popen([sys.executable, "-c", "pass"], start_new_session=True)
    process.wait()
    group(process.pid, signal.SIGTERM)


def test_a_group_is_signalled_as_a_whole():
    code = "import subprocess,sys,time;p=subprocess.Popen([sys.executable,'-c','import time;time.sleep(60)']);print(p.pid,flush=True);time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE, text=True)
    grandchild = int(process.stdout.readline())
    group(process.pid, signal.SIGKILL)
    process.wait()
    until(lambda: gone(grandchild))
    process.stdout.close()


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True
