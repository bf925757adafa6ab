"""What the code says of a queue beside what can be set at run time, in words: as far as this process has loaded that code. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from horizon.core.limit import RateLimit, told
from horizon.jobs.ordering import Fairness
from horizon.jobs.routing import DELAY, DROP, QueueDefinition
from horizon.web import words

ROOM = {
    DELAY: "wait for room, {most} wait or run at the most", DROP: "are dropped, beyond {most} waiting ones",
}  # fmt: skip
"""What becomes of more jobs than `max_jobs`; where it says nothing they are refused, which the settings tell."""


def coded(said: QueueDefinition | None, limit: RateLimit | None) -> list[tuple[str, str]]:
    """(what, in words) of everything the code says; `limit` is its rate limit, however it was said."""
    return list(_lines(said, limit))


def delayed(said: QueueDefinition | None) -> int | None:
    """How many may wait or run before more wait for room; None where that is not how the queue is limited."""
    return said.max_jobs if said is not None and said.delays else None


def _lines(said: QueueDefinition | None, limit: RateLimit | None) -> Iterator[tuple[str, str]]:
    if said is not None:
        yield from _order(said)
        if said.when_full in ROOM and said.max_jobs is not None:
            yield "More jobs", ROOM[said.when_full].format(most=words.number(said.max_jobs))
        if said.max_concurrent is not None:
            yield "At a time", f"{words.number(said.max_concurrent)} of its jobs run at the most"
    if limit is not None:
        yield "Rate", f"starts {told(limit.max_attempts, limit.per)}"
    if said is not None:
        yield from _jobs(said)


def _order(said: QueueDefinition) -> Iterator[tuple[str, str]]:
    if said.fifo:
        yield "Order", "first come, first served, one after the other's start"
    if said.fair is not None:
        yield "Order", f"jobs take turns by {_by(said.fair)}"


def _by(fair: Fairness) -> str:
    by = f"{getattr(fair.by, '__name__', 'a function')}()" if callable(fair.by) else fair.by
    weights = fair.weights
    if callable(weights):
        return f"{by}, with weights by a function"
    return by + (f", with {words.plural(len(weights), 'weight')}" if weights else "")


def _jobs(said: QueueDefinition) -> Iterator[tuple[str, str]]:
    """What holds for jobs that say nothing themselves."""
    if said.sealed:
        yield "Encryption", "whatever is dispatched to it is encrypted"
    if said.expire:
        yield "Deadlines", "a job that has not started by its deadline expires"
    if said.max_tries is not None:
        yield "Tries", f"{words.number(said.max_tries)}, for jobs that say nothing"
    if said.timeout is not None:
        yield "Timeout", f"{words.duration(said.timeout)}, for jobs that say nothing"
    if said.connection is not None:
        yield "Connection", said.connection
