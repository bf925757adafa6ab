"""Jobs that wait for limits, and circuits in every state, on a stage."""

from __future__ import annotations

from horizon.backends import circuits
from horizon.backends.circuits import Circuit
from horizon.core.clock import HOUR, MINUTE, SECOND
from horizon.core.limit import Limit
from tests.web.pages.stage import Stage

OF_QUEUE = Limit(key="queue emails", most=2, per=HOUR)
OF_ANA = Limit(key="send-email user:ana", most=5, per=MINUTE, strategy="bucket")
RENDERS = Limit(key="shop.jobs:Render, at once", most=1, strategy="concurrent")


def waiting(stage: Stage, *limits: Limit, count: int = 5, queue: str = "emails") -> list[str]:
    """Jobs of which as many ran as there was room for; the last one waits."""
    ids = [stage.push(queue=queue, limits=limits) for _ in range(count)]
    stage.worker("limits")
    for id in ids[: min(limit.most for limit in limits)]:
        stage.run(id, session="limits")
    return ids


def broken(stage: Stage, service: str) -> Circuit:
    """A circuit that has just opened."""
    made = Circuit(service=service, fail_max=5, within=MINUTE, reset=30 * SECOND)
    circuits.enlist(stage.store, made)
    circuits.open_it(stage.store, made, circuits.OPEN)
    return made


def all_sorts(stage: Stage, texts: tuple[str, ...]) -> str:
    """Some of everything, named by these texts; the id of a job that waits."""
    for text in texts:
        waiting(stage, Limit(key=text[:200], most=3, per=MINUTE), count=4, queue="held")
        broken(stage, text[:150])
    waiting(stage, RENDERS, count=2, queue="renders")
    circuits.enlist(stage.store, Circuit(service="the bank", fail_max=5, within=MINUTE, reset=30 * SECOND))
    return waiting(stage, OF_ANA, OF_QUEUE, count=6)[-1]
