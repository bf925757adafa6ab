"""What a limit costs on its way from dispatch to the end of the run: nothing beside what is done anyway."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from horizon import ConcurrencyLimit, Job, RateLimit, RateLimited
from horizon.core import current
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
