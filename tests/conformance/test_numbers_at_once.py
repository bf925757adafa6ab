"""Eight workers at once, deltas folded and minutes rolled up in between: the numbers come to what happened, exactly."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from horizon.backends.base import Backend
from horizon.backends.connect import connect
from horizon.backends.values import Reservation, Sample, SessionInfo, StoreOptions, Want
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, ManualClock
from horizon.core.histogram import Histogram
from horizon.core.outcome import Answer, Kind, Outcome
from tests.conformance.driver import envelope, error, open_store, outcome, url_of

WORKERS = 8
PUSHED = 20
"""By each worker in each phase."""
GAPS = (0, 70, 5 * 3600, 9 * 86_400, 3 * 3600)
"""Seconds between phases: what happened in one is rolled up, minute to hour and hour to day, while the next one runs."""
KINDS = (Kind.COMPLETED, Kind.COMPLETED, Kind.COMPLETED, Kind.FAILED, Kind.RETRY, Kind.CANCELLED, Kind.RETURNED)
COUNTED = {Kind.COMPLETED: "completed", Kind.FAILED: "failed", Kind.RETRY: "retried", Kind.CANCELLED: "cancelled"}
Key = tuple[str, str]


@dataclass
class Told:
    """What happened to one class on one queue, as the workers were answered; or as the store's samples come to."""

    times: Counter[str] = field(default_factory=Counter)
    runtime: Histogram = field(default_factory=Histogram)
    waits: int = 0
    memory_kb: int = 0

    def plain(self) -> tuple[object, ...]:
        return (
            dict(+self.times),
            self.runtime.buckets,
            self.runtime.count,
            self.runtime.total,
            self.runtime.peak,
            self.waits,
            self.memory_kb,
        )


class Crowd:
    """Eight workers with a connection each, and one who keeps house."""

    def __init__(self, stores: list[Backend], clock: ManualClock, seed: int) -> None:
        self.stores, self.clock, self.seed = stores, clock, seed
        self.told: dict[Key, Told] = {}
        self._lock = threading.Lock()
        self._working = threading.Event()

    def phase(self, number: int) -> None:
        """Everybody pushes and works until nothing is left, while deltas are folded and minutes rolled up.

        They come one after the other: whoever notices that the clock jumped gives everybody who is there one lease to renew, and these
        workers renew none.
        """
        for index, store in enumerate(self.stores[:WORKERS]):
            store.sessions.open(SessionInfo(id=f"w{number}-{index}", kind="worker", host="here", pid=index), DAY)
        self._working.set()
        with ThreadPoolExecutor(WORKERS + 1) as threads:
            house = threads.submit(self.keep_house)
            work = [threads.submit(self.work, number, index) for index in range(WORKERS)]
            try:
                for one in work:
                    one.result(120)
            finally:
                self._working.clear()
                house.result(120)

    def keep_house(self) -> None:
        ticks = 0
        while self._working.is_set():
            self.stores[-1].tick()
            ticks += 1
            if ticks < 100:
                self.clock.advance(1)

    def work(self, phase: int, index: int) -> None:
        store, dice = self.stores[index], random.Random(f"{self.seed} {phase} {index}")
        session = f"w{phase}-{index}"
        self.push(store, dice)
        settled: list[tuple[Reservation, Outcome]] = []
        while True:
            turned = store.turn([one for _, one in settled], Want(session=session, executor=0, count=dice.randint(1, 6)))
            self.note(settled, turned.answers)
            settled = [(job, self.end(job, dice)) for job in turned.reservations]
            if not settled:
                return

    def push(self, store: Backend, dice: random.Random) -> None:
        made = [envelope(dice.choice(("m:A", "m:B")), dice.choice(("mails", "reports"))) for _ in range(PUSHED)]
        for start in range(0, PUSHED, 5):
            store.push(made[start : start + 5])
        with self._lock:
            for one in made:
                self._of(one.queue, one.name).times["pushed"] += 1

    @staticmethod
    def end(job: Reservation, dice: random.Random) -> Outcome:
        kind = dice.choice(KINDS)
        if kind is Kind.RETURNED:
            return outcome(job, kind, started=False)
        told = error() if kind in (Kind.FAILED, Kind.RETRY) else None
        return outcome(job, kind, error=told, runtime=dice.randint(1, 10 * SECOND), memory_kb=dice.randint(1, 90_000))

    def note(self, settled: list[tuple[Reservation, Outcome]], answers: object) -> None:
        """Only what the store said yes to has happened."""
        with self._lock:
            for (job, end), answer in zip(settled, answers, strict=True):
                assert answer is Answer.OK
                if end.kind in COUNTED:
                    told = self._of(job.queue, job.name)
                    told.times[COUNTED[end.kind]] += 1
                    told.runtime.add(end.runtime)
                    told.waits += 1
                    told.memory_kb = max(told.memory_kb, end.memory_kb)

    def _of(self, queue: str, name: str) -> Told:
        return self.told.setdefault((queue, name), Told())


def summed(samples: list[Sample]) -> dict[Key, tuple[object, ...]]:
    found: dict[Key, Told] = {}
    for sample in samples:
        one = found.setdefault((sample.queue, sample.name), Told())
        one.times.update({what: getattr(sample, what) for what in ("pushed", *COUNTED.values())})
        one.runtime.merge(sample.runtime)
        one.waits += sample.wait.count
        one.memory_kb = max(one.memory_kb, sample.memory_kb)
    return {key: one.plain() for key, one in found.items()}


@pytest.fixture
def crowd_of(kind: str, tmp_path: Path, clock: ManualClock) -> Iterator[Callable[[int], Crowd]]:
    clock.at -= clock.at % DAY - 10 * HOUR
    first = open_store(kind, tmp_path, clock)
    # memory is one process's, so everybody shares it; every other store is met over a connection of one's own
    others = [first if kind == "memory" else connect(url_of(kind, tmp_path), StoreOptions(clock=clock)) for _ in range(WORKERS)]
    yield lambda seed: Crowd([first, *others], clock, seed)
    for store in {id(store): store for store in (first, *others)}.values():
        store.close()


def test_no_increment_is_lost_under_eight_workers_and_while_minutes_become_hours_and_days(
    crowd_of: Callable[[int], Crowd], clock: ManualClock
) -> None:
    crowd = crowd_of(1)
    store = crowd.stores[0]
    for number, gap in enumerate(GAPS):
        clock.advance(gap)
        crowd.phase(number)
        happened = {key: told.plain() for key, told in crowd.told.items()}
        assert summed(list(store.numbers.samples(0))) == happened, f"after phase {number}"
        assert dict(store.numbers.recount()) == {}
    assert sum(told.times["pushed"] for told in crowd.told.values()) == len(GAPS) * WORKERS * PUSHED
    starts = {sample.minute for sample in store.numbers.samples(0)}
    assert {min(starts) % DAY, max(starts) % MINUTE} == {0}, "the first phase has become part of a day, the last has not"
    assert max(starts) % HOUR != 0
    for _ in range(3):
        clock.advance(30 * 86_400)
        for other in crowd.stores:
            other.tick()
    assert all(sample.minute % DAY == 0 for sample in store.numbers.samples(0))
    assert summed(list(store.numbers.samples(0))) == happened
    assert dict(store.numbers.recount()) == {}
