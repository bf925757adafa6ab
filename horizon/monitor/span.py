"""Which stretch of time figures are about, and in which steps. Pure.

Stores keep minutes for a while, then only hours, then only days. So a stretch begins with the whole minute, hour or day
that is kept for its beginning; whoever asks is told where that was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from horizon.core.clock import DAY, HOUR, MINUTE, Micros, from_datetime, to_datetime
from horizon.core.errors import InvalidOption
from horizon.jobs import options

STEPS: Mapping[str, Micros] = {"minute": MINUTE, "hour": HOUR, "day": DAY}
MOST = 1_000
"""Steps of one stretch."""
FEW, MANY = 180, 200
"""So many minutes, and so many hours, are shown as such where nobody names a step."""
DEFAULT: Micros = DAY
"""How far back figures go where nobody says."""
Since = datetime | timedelta | float | None
"""An aware datetime, or how long ago: seconds or a timedelta."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """For how long each kind of step is kept."""

    minutes: Micros = 2 * HOUR
    hours: Micros = 7 * DAY
    days: Micros = 366 * DAY


KEPT = Kept()


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """From `since` up to but without `until`; both are limits of steps, unless `until` is now."""

    since: Micros
    until: Micros
    step: Micros
    open: bool
    """It goes on: `until` is now."""

    @property
    def starts(self) -> Sequence[Micros]:
        """The beginning of each step, oldest first; the one that `now` begins is among them."""
        return range(self.since, self.until + self.open, self.step)

    @property
    def minutes(self) -> float:
        """Its length."""
        return (self.until - self.since) / MINUTE

    @property
    def unit(self) -> str:
        """What a step is called."""
        return next(word for word, length in STEPS.items() if length == self.step)


def moment(given: datetime | timedelta | float, now: Micros, what: str = "since") -> Micros:
    """A time as people hand it to Python: aware, or so long ago. Raises InvalidOption."""
    if not isinstance(given, datetime):
        return now - options.seconds(given, what)
    try:
        return from_datetime(given)
    except ValueError as error:
        raise InvalidOption(f"{what}: {error}") from None


def span(now: Micros, since: Micros | None = None, until: Micros | None = None, step: Micros | None = None, kept: Kept = KEPT) -> Span:
    """The stretch in steps that the store still has, chosen by its length where none is named.

    `since`: a day ago where left out; `until`: now. Raises InvalidOption for a stretch that ends before it begins, or a
    step finer than what is kept so far back.
    """
    asked = now - DEFAULT if since is None else since
    end = now if until is None else min(until, now)
    if asked >= end:
        raise InvalidOption(
            f"the figures of a stretch that begins at {_spelt(asked)} and ends at {_spelt(end)}: it must begin in the past and before its end"
        )
    first = max(asked, _whole(now - kept.days, DAY))
    finest = grain(first, now, kept)
    wanted = max(finest, _fitting(end - first)) if step is None else step
    if wanted < finest:
        raise InvalidOption(_too_fine(wanted, finest, kept))
    begin = _whole(first, wanted)
    # up to the whole minute, hour or day that the end falls into, as far as it is over
    closed = end if end == now else min(now, -(-end // wanted) * wanted)
    if begin >= closed:
        raise InvalidOption(f"nothing is kept from before {_spelt(begin)}; ask for a stretch that ends later than {_spelt(end)}")
    if (closed - begin) // wanted >= MOST:
        raise InvalidOption(
            f"at most {MOST:,} steps are told at once, and this stretch has {(closed - begin) // wanted:,}; take a longer step or a shorter stretch"
        )
    return Span(since=begin, until=closed, step=wanted, open=closed == now)


def grain(at: Micros, now: Micros, kept: Kept = KEPT) -> Micros:
    """The finest step that is kept for this time; a store rolls up whole hours and whole days only."""
    if at >= _whole(now - kept.minutes, HOUR):
        return MINUTE
    return HOUR if at >= _whole(now - kept.hours, DAY) else DAY


def before(over: Span, length: Micros, now: Micros, kept: Kept = KEPT) -> Span:
    """As long, up to where a stretch begins; in its steps where they were kept so long, else in days from midnight (UTC).

    The step that has only just begun counts as a whole one, unless nothing is kept any more of that one step.
    """
    for since in (over.since - length, over.since - length + over.step):
        if since < over.since and grain(since, now, kept) <= over.step:
            return Span(since=since, until=over.since, step=over.step, open=False)
    until = _whole(over.since, DAY)
    return Span(since=until - max(1, round(length / DAY)) * DAY, until=until, step=DAY, open=False)


def _fitting(length: Micros) -> Micros:
    """The step that shows a stretch of this length best."""
    if length <= FEW * MINUTE:
        return MINUTE
    return HOUR if length <= MANY * HOUR else DAY


def _whole(at: Micros, step: Micros) -> Micros:
    return at - at % step


def _too_fine(wanted: Micros, finest: Micros, kept: Kept) -> str:
    coarser = "hours or days" if finest == HOUR else "days"
    word, length, unit = ("minute", kept.minutes // HOUR, "hours") if wanted == MINUTE else ("hour", kept.hours // DAY, "days")
    return f"what happened in each {word} is kept for {length} {unit}; ask for a shorter stretch, or for steps of {coarser}"


def _spelt(at: Micros) -> str:
    moment = to_datetime(at)
    return "" if moment is None else moment.isoformat(timespec="seconds")
