"""What a limit costs on its way from dispatch to the end of the run: nothing beside what is done anyway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from horizon import ConcurrencyLimit, Job, RateLimit, RateLimited
from horizon.backends.database.postgres.line import Line, Statement
from horizon.core import current
from horizon.core.outcome import Outcome
from horizon.runtime import Runtime
from tests.jobs.hands import Hands, runtime
from tests.stores.lending import fresh_of

ASKED = ("evalsha", "eval", "fcall")


class Free(Job, name="free-of-limits"):
    def handle(self) -> None: ...


class Bound(Job, RateLimited, name="bound-by-limits", max_concurrent=1000):
    def get_rate_limits(self) -> list[RateLimit | ConcurrencyLimit]:
        return [RateLimit(1000, 3600), RateLimit(1000, 60, key="k", strategy="bucket"), ConcurrencyLimit(1000, key="k")]

    def handle(self) -> None: ...


def asked(here: Runtime) -> int:
    """How often the store was asked to do something."""
    lines = here.backend()._link.call("INFO", "commandstats").decode().splitlines()  # type: ignore[attr-defined]
    calls = Counter(
        {line.partition(":")[0].removeprefix("cmdstat_"): int(line.split("calls=")[1].split(",")[0]) for line in lines if "calls=" in line}
    )
    return sum(calls[name] for name in ASKED)


@pytest.mark.parametrize("work", ["dispatch", "dispatch_many", "run"])
def test_limits_cost_no_way_to_the_store_of_their_own(work: str) -> None:
    here = runtime(fresh_of("redis"))
    with current.use(here):
        hands = Hands(here)
        costs = [_cost(work, cls, here, hands) for cls in (Free, Bound)]
    here.close()
    assert costs[0] == costs[1]
    assert costs[0] == {"dispatch": 20, "dispatch_many": 1, "run": 2}[work]


def _cost(work: str, cls: Any, here: Runtime, hands: Hands) -> int:
    cls.dispatch()
    hands.run()
    if work == "run":
        cls.dispatch_many([()] * 20)
    before = asked(here)
    if work == "dispatch":
        for _ in range(20):
            cls.dispatch()
    elif work == "dispatch_many":
        cls.dispatch_many([()] * 20)
    else:
        assert len(hands.run()) == 20
    cost = asked(here) - before
    hands.run()
    return cost


class Ways:
    """How often a process that talks to PostgreSQL goes to the server and back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, send = 0, Line.send

        def counted(line: Line, statements: Sequence[Statement]) -> None:
            self.count += 1
            send(line, statements)

        monkeypatch.setattr(Line, "send", counted)

    def of(self, act: Callable[[], object]) -> int:
        """Of this act."""
        before = self.count
        act()
        return self.count - before


@pytest.mark.parametrize(
    ("work", "plain", "limited"), [("push", 1, 10), ("push 100", 1, 10), ("one by one", 50, 80), ("by ones", 22, 25), ("by fives", 10, 13)]
)
def test_a_check_of_limits_costs_no_way_to_postgres_in_a_turn_that_settles_what_the_one_before_it_took(
    work: str, plain: int, limited: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = runtime(fresh_of("postgres"))
    with current.use(here):
        hands, ways = Hands(here), Ways(monkeypatch)
        _stop_time(hands, monkeypatch)
        costs = [_ways(work, cls, hands, ways) for cls in (Free, Bound)]
    here.close()
    assert costs == [plain, limited]


def _stop_time(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    """No housekeeping falls due from now on, and nobody asks the server for its time."""
    store = hands.backend._store  # type: ignore[attr-defined]
    at, page = store.now(), store.read(store.book.read)
    monkeypatch.setattr(store, "now", lambda: at)
    monkeypatch.setattr(store, "_clock", None)
    monkeypatch.setattr(store.book, "read", lambda db: page)
    store.chores.last = at


def _ways(work: str, cls: Any, hands: Hands, ways: Ways) -> int:
    for _ in range(2):  # its limits, its lot and the queue are known then
        cls.dispatch()
        hands.run()
    if work in ("push", "push 100"):
        return ways.of(lambda: cls.dispatch_many([()] * (1 if work == "push" else 100)))
    cls.dispatch_many([()] * (20 if work == "by fives" else 10))
    turns = {"one by one": _one_by_one, "by ones": lambda hands: _by(1, hands), "by fives": lambda hands: _by(5, hands)}
    return ways.of(lambda: turns[work](hands))


def _one_by_one(hands: Hands) -> None:
    for _ in range(10):
        taken = hands.backend.turn([], replace(hands.want, count=1)).reservations
        hands.backend.turn([hands.attempts.prepare(one).run() for one in taken])


def _by(count: int, hands: Hands) -> None:
    """Each turn settles what the one before it took, the last finds no more."""
    outcomes: list[Outcome] = []
    while taken := hands.backend.turn(outcomes, replace(hands.want, count=count)).reservations:
        outcomes = [hands.attempts.prepare(one).run() for one in taken]
