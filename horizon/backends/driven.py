"""What every store asks of an act, and of an operation before it drives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import NamedTuple

from horizon.backends import guarding
from horizon.backends.values import ActParams, Verb
from horizon.core import dead
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import InvalidOption, UnknownAction
from horizon.core.states import MAX_PRIORITY, MIN_PRIORITY

PER_SECOND = "per_second"
"""The parameter of an operation that goes on at a pace."""
OF_OPERATIONS = frozenset({PER_SECOND, guarding.CANARY, guarding.STOP_AT, guarding.NOTE})
"""Parameters of an operation that say how it goes on, not what is done to a job."""
GUARDED = (Verb.RETRY, Verb.RUN_NOW)
"""Verbs whose jobs may be watched: those that put jobs to work."""
SLOWEST, FASTEST = 1 / 3600, 100_000
CATCH_UP: Micros = 2 * SECOND
"""Somebody looks after operations about once a second; what is missed beyond this is not made up for."""
ROUNDING = 1e-6
"""A part of a row that is but an error of the division."""


def parsed(verb: str, params: Mapping[str, object]) -> tuple[Verb, ActParams]:
    """The verb and its parameters as values. Raises UnknownAction, InvalidOption."""
    if verb not in set(Verb):
        raise UnknownAction(f"an operation's verb is one of {', '.join(Verb)}; got {verb!r}")
    known = {field.name for field in fields(ActParams)}
    if unknown := sorted(set(params) - known - OF_OPERATIONS):
        raise InvalidOption(f"an operation takes the parameters {', '.join(sorted(known | OF_OPERATIONS))}; got {', '.join(unknown)}")
    guarding.check(params)
    if guarding.guard_of(params).on() and verb not in GUARDED:
        raise InvalidOption(f"only what puts jobs to work ({', '.join(GUARDED)}) can have a canary or stop by itself; got {verb}")
    if params.get(PER_SECOND) is not None and not SLOWEST <= (pace(params) or 0) <= FASTEST:
        raise InvalidOption(f"{PER_SECOND} is how many jobs a second, from {SLOWEST:.5f} to {FASTEST:,}; got {params[PER_SECOND]!r}")
    return Verb(verb), ActParams(**{name: value for name, value in params.items() if name not in OF_OPERATIONS})  # type: ignore[arg-type]


def shared(params: Mapping[str, object], stores: int) -> Mapping[str, object]:
    """The parameters of one part of an operation on several stores: all of them together keep its pace, and are one canary."""
    if stores < 2:
        return params
    rate, canary = pace(params), guarding.guard_of(params).canary
    paced = {} if rate is None else {PER_SECOND: max(SLOWEST, rate / stores)}
    return {**params, **paced, **({guarding.CANARY: -(-canary // stores)} if canary else {})}


def check(verb: Verb, params: ActParams) -> None:
    """Refuse a verb without what it needs. Raises InvalidOption."""
    needed = {Verb.RESCHEDULE: "at", Verb.PRIORITIZE: "priority", Verb.MOVE: "queue"}.get(verb)
    if needed is not None and getattr(params, needed) is None:
        raise InvalidOption(f"{verb} needs `{needed}`, which was not given")
    if params.priority is not None and not MIN_PRIORITY <= params.priority <= MAX_PRIORITY:
        raise InvalidOption(f"a priority is from {MIN_PRIORITY} to {MAX_PRIORITY}, got {params.priority}")
    if params.queue is not None:
        dead.refuse(params.queue)


class Portion(NamedTuple):
    """How far an operation may go now."""

    rows: int
    paid: Micros
    """The moment up to which its pace is used up then."""


def portion(params: Mapping[str, object], paid: Micros, now: Micros, limit: int) -> Portion:
    """How many more rows an operation may look at. `paid` is what the step before left behind, at first when it was stored.

    One with a pace goes on evenly: so many rows for the time that has passed, and never those of more than `CATCH_UP`, however long
    nobody drove it: whoever asked for a pace fears a flood.
    """
    rate = pace(params)
    if rate is None:
        return Portion(limit, paid)
    gap = SECOND / rate
    since = max(paid, now - max(CATCH_UP, round(gap)))
    rows = max(0, min(limit, int((now - since) / gap + ROUNDING)))
    return Portion(rows, since + round(rows * gap))


def pace(params: Mapping[str, object]) -> float | None:
    """How many rows a second; None: as fast as it goes."""
    rate = params.get(PER_SECOND)
    return float(rate) if isinstance(rate, (int, float)) and not isinstance(rate, bool) and rate > 0 else None
