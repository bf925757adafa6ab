"""Two real processes dispatch every second; the one that leads is killed without a word, twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from horizon.backends.connect import connect
from horizon.backends.values import Lease
from horizon.core.clock import SECOND
from horizon.schedule.leader import LOCK
from horizon.timetable import planning
from tests.schedule.office import Office
from tests.stores.lending import fresh
from tests.waiting import until

pytestmark = pytest.mark.e2e

PROGRAM = """
import signal, sys
from functools import partial
from horizon.backends.connect import connect
from horizon.schedule.punctual import Punctual
from horizon.schedule.ticker import Ticker
from tests.schedule.office import runtime
backend = connect(sys.argv[1]); backend.ready()
ticker = Ticker(lambda: {"default": lambda: backend}, every=0.1, ttl=1_500_000)
ticker.start()
Punctual(runtime(backend), partial(ticker.term, "default")).start()
signal.pause()
"""


@pytest.fixture
def url() -> str:
    return fresh("sqlite")


@pytest.fixture
def processes(url: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    made = [start(url) for _ in range(2)]
    yield made
    for process in made:
        process.kill()
        process.wait()


def start(url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, url])


def test_through_two_kills_each_second_gets_its_job_once(url: str, processes: list[subprocess.Popen[bytes]]) -> None:
    store = connect(url)
    store.ready()
    office = Office(store)
    made = office.add(name="tick", when="every 1s", misfire="all", most=100)
    try:
        for _ in range(2):
            seen = len(office.jobs("tick"))
            until(lambda seen=seen: len(office.jobs("tick")) >= seen + 2, timeout=60)  # type: ignore[misc]
            lease = until(lambda: store.locks.read(LOCK))  # nobody may lead for a moment where one stalled
            assert isinstance(lease, Lease)
            os.kill(int(lease.holder.split(":")[1]), signal.SIGKILL)
            processes.append(start(url))
        seen = len(office.jobs("tick"))
        until(lambda: len(office.jobs("tick")) >= seen + 2, timeout=60)
        due = office.kept("tick").due_at
        ids = [job.id for job in office.jobs("tick")]
        expected = [planning.job_id(made, at) for at in range(made.due_at, due, SECOND)]
        assert ids[: len(expected)] == expected
        assert len(ids) == len(set(ids))
    finally:
        store.close()
