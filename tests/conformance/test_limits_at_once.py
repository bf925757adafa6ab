"""Eight workers at once, and limits that they share in pairs: none is ever passed, nothing is stuck, and no slot is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from horizon.backends.base import Backend
from horizon.backends.connect import connect
from horizon.backends.values import Reservation, SessionInfo, StoreOptions, Want
from horizon.core.clock import DAY, ManualClock
from horizon.core.envelope import Envelope
from horizon.core.limit import Limit
from horizon.core.outcome import Kind, Outcome
from tests.conformance.driver import envelope, open_store, outcome, url_of
from tests.conformance.limiting import at_a_time, limit

WORKERS = 8
PUSHED = 10
"""By each worker."""
SLOTS, HITS = 2, 10
DOORS = [at_a_time(SLOTS, key) for key in "abc"]
RATES = [limit(HITS, "d"), limit(HITS, "e", strategy="bucket")]
PAIRS: list[tuple[Limit, Limit]] = [
    (DOORS[0], DOORS[1]), (DOORS[1], DOORS[2]), (DOORS[2], DOORS[0]), (RATES[0], DOORS[0]), (DOORS[1], RATES[1]),
]  # fmt: skip
EACH = WORKERS * PUSHED // len(PAIRS)
CAN_RUN = 3 * EACH + 2 * HITS
"""Of all that is pushed, while the clock stands."""


class Shift:
    """What the workers know of each other: they never run more than is allowed, and are done when all that can run has run."""

    def __init__(self) -> None:
        self.running: Counter[str] = Counter()
        self.started: Counter[str] = Counter()
        self.done: set[str] = set()
        self.limits: dict[str, tuple[Limit, Limit]] = {}
        self._lock = threading.Lock()

    def begin(self, jobs: list[Reservation]) -> None:
        """These have been handed out."""
        with self._lock:
            for key in (one.key for job in jobs for one in self.limits[job.id]):
                self.running[key] += 1
                self.started[key] += 1
                assert self.running[key] <= (SLOTS if key in "abc" else HITS), f"{key} is passed"

    def end(self, outcomes: list[Outcome]) -> None:
        """The store is about to hear of these."""
        with self._lock:
            for said in outcomes:
                unstarted = said.kind is Kind.RETURNED
                self.running.subtract(one.key for one in self.limits[said.id])
                self.started.subtract(one.key for one in self.limits[said.id] if unstarted)
                self.done.update(() if unstarted else (said.id,))


@pytest.fixture
def stores(kind: str, tmp_path: Path, clock: ManualClock) -> Iterator[list[Backend]]:
    first = open_store(kind, tmp_path, clock)
    # memory is one process's, so everybody shares it; every other store is met over a connection of one's own
    others = [first if kind == "memory" else connect(url_of(kind, tmp_path), StoreOptions(clock=clock)) for _ in range(WORKERS)]
    yield others
    for store in {id(store): store for store in (first, *others)}.values():
        store.close()


def work(store: Backend, index: int, shift: Shift, envelopes: list[Envelope]) -> None:
    """Push, then take, give every fifth back unstarted, and complete the rest."""
    store.sessions.open(SessionInfo(id=f"w{index}", kind="worker", host="here", pid=index), DAY)
    for start in range(0, PUSHED, 2):
        store.push(envelopes[start : start + 2])
    ends: list[Outcome] = []
    returned: set[str] = set()
    for round in range(2_000):
        shift.end(ends)
        got = list(store.turn(ends, Want(session=f"w{index}", executor=0, count=1 + index % 4)).reservations)
        shift.begin(got)
        ends = [end_of(one, returned) for one in got]
        if not got and len(shift.done) == CAN_RUN:
            return
        if not got:
            store.wait((), 0.02)
        if index == 0 and round % 10 == 0:
            store.tick()
    raise AssertionError(f"only {len(shift.done)} of {CAN_RUN} have run, and nothing more does")


def end_of(job: Reservation, returned: set[str]) -> Outcome:
    """Some go back unstarted, each once for each worker."""
    if job.id in returned or sum(map(ord, job.id)) % 5:
        return outcome(job, Kind.COMPLETED)
    returned.add(job.id)
    return outcome(job, Kind.RETURNED, started=False)


def test_limits_shared_in_pairs_by_eight_workers_are_never_passed(stores: list[Backend]) -> None:
    shift = Shift()
    made = [envelope(limits=PAIRS[number % len(PAIRS)], queue="ab"[number % 2]) for number in range(WORKERS * PUSHED)]
    shift.limits = {one.id: one.limits for one in made}
    with ThreadPoolExecutor(WORKERS) as threads:
        under_way = [threads.submit(work, store, index, shift, made[index::WORKERS]) for index, store in enumerate(stores)]
        for one in under_way:
            one.result(120)
    store = stores[0]
    while store.tick().more:
        pass
    assert (shift.started["d"], shift.started["e"], len(shift.done)) == (HITS, HITS, CAN_RUN)
    assert [(one.key, one.running) for one in store.limits.list() if one.running] == []
    assert dict(store.numbers.recount()) == {}
    counted: Counter[str] = Counter()
    for row in store.numbers.counts():
        counted.update({str(state): times for state, times in row.counts.items()})
    assert counted == {"completed": CAN_RUN, "scheduled": WORKERS * PUSHED - CAN_RUN}
