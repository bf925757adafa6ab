"""Two real processes, one of which is killed without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from horizon.backends.connect import connect
from horizon.schedule.leader import LOCK
from tests.stores.lending import fresh
from tests.waiting import until

pytestmark = pytest.mark.e2e

PROGRAM = """
import signal, sys
from horizon.backends.connect import connect
from horizon.schedule.ticker import Ticker
backend = connect(sys.argv[1]); backend.ready()
ticker = Ticker(lambda: {"default": lambda: backend}, every=0.1, ttl=2_000_000)
ticker.start()
signal.signal(signal.SIGTERM, lambda *_: (ticker.stop(), sys.exit(0)))
signal.pause()
"""


@pytest.fixture
def url() -> str:
    return fresh("sqlite")


@pytest.fixture
def candidates(url: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    made = [subprocess.Popen([sys.executable, "-c", PROGRAM, url]) for _ in range(2)]
    yield made
    for process in made:
        process.kill()
        process.wait()


def leader(locks) -> int | None:
    """The process id of whoever leads."""
    pid, _ = reign(locks)
    return pid


def reign(locks) -> tuple[int | None, int]:
    """The process id of whoever leads, and for the how manieth time somebody does."""
    lease = locks.read(LOCK)
    return (None, 0) if lease is None else (int(lease.holder.split(":")[1]), lease.term)


def test_when_the_leader_is_killed_the_other_leads_as_soon_as_its_lease_has_run_out(url, candidates):
    store = connect(url)
    store.ready()
    try:
        until(lambda: leader(store.locks))
        first, term = reign(store.locks)
        assert first in {process.pid for process in candidates}
        os.kill(first, signal.SIGKILL)
        _, second = until(lambda: next((now for now in [reign(store.locks)] if now[0] not in (None, first)), None))
        assert second > term
    finally:
        store.close()


def test_when_the_leader_stops_the_other_leads_at_once(url, candidates):
    store = connect(url)
    store.ready()
    try:
        first = until(lambda: leader(store.locks))
        other = next(process for process in candidates if process.pid != first)
        stopped = next(process for process in candidates if process.pid == first)
        stopped.terminate()
        assert stopped.wait(60) == 0
        until(lambda: leader(store.locks) == other.pid)
    finally:
        store.close()
