"""What every store decides alike of jobs that wait for a limit: which limits are refused, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable

from horizon.core.alike import kinds
from horizon.core.clock import SECOND
from horizon.core.envelope import Envelope
from horizon.core.errors import InvalidOption
from horizon.core.limit import LONGEST, MAX_KEY, MOST, Limit, span

MOST_LIMITS = 20
"""So many one job has at the most: each is looked at whenever it starts."""
TIMED = ("sliding", "fixed", "bucket")
KNOWN = (*TIMED, "concurrent")


def refuse_limits(envelopes: Iterable[Envelope]) -> None:
    """Before anything is stored. Raises InvalidOption."""
    for envelope in kinds(envelopes):
        if not envelope.limits:
            continue
        if len(envelope.limits) > MOST_LIMITS:
            raise InvalidOption(f"a job has at most {MOST_LIMITS} limits; {envelope.name} was pushed with {len(envelope.limits)}")
        keys = [limit.key for limit in envelope.limits]
        if len(set(keys)) < len(keys):
            raise InvalidOption(f"each limit of a job has a key of its own; {envelope.name} was pushed with {', '.join(map(repr, keys))}")
        check_limits(envelope.limits)


def check_limits(limits: Iterable[Limit]) -> None:
    """Refuse what could never have room, or never be counted. Raises InvalidOption."""
    for limit in limits:
        if not 1 <= len(limit.key) <= MAX_KEY:
            raise InvalidOption(f"the key of a limit has 1 to {MAX_KEY} characters; got {len(limit.key)} of them")
        if limit.strategy not in KNOWN:
            raise InvalidOption(f"the strategy of a limit is one of {', '.join(KNOWN)}; that of {limit.key!r} is {limit.strategy!r}")
        if not 1 <= limit.most <= MOST:
            raise InvalidOption(f"a limit allows 1 to {MOST:,} starts; {limit.key!r} allows {limit.most!r}")
        if limit.strategy in TIMED and not 0 < limit.per <= LONGEST:
            raise InvalidOption(f"the stretch of a limit is more than 0 and at most {LONGEST // SECOND:,} seconds; see {limit.key!r}")


def waits_for(limit: Limit) -> str:
    """Why a parked job has not started."""
    if limit.strategy == "concurrent":
        return f"waits for its limit: {limit.key}, {limit.most:,} at a time"
    return f"waits for its limit: {limit.key}, {limit.most:,} in {span(limit.per)}"


def not_now(limit: Limit) -> str:
    """Why `run_now` leaves a parked job alone."""
    return f"it {waits_for(limit)}"
