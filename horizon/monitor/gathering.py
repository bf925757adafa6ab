"""Every cause of failure with all that is known of it: what the stores count, what people said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from horizon.backends.spread import Spread, Tally
from horizon.backends.values import Cause
from horizon.core.clock import Micros
from horizon.monitor import said as reading
from horizon.monitor.causes import FailureGroup, group, of_the_past
from horizon.monitor.said import Stores
from horizon.monitor.triage import TALLIED, CauseState

SPANS = 20
"""Points of a trend."""
MOST = 50
"""Causes that are looked at, the most frequent."""
SORTS: Mapping[str, Callable[[FailureGroup], tuple[int, ...]]] = {
    "count": lambda one: (-one.count, -one.last_at),
    "last": lambda one: (-one.last_at, -one.count),
    "first": lambda one: (-one.first_at, -one.count),
}


class Failures(Protocol):
    """What a store tells of jobs that failed; see `Backend`."""

    def causes(self, since: Micros, limit: int) -> Sequence[Cause]:
        """See `Backend.causes`."""

    def tally(self, causes: Sequence[str]) -> Mapping[str, Tally]:
        """See `Backend.tally`."""

    def spread(self, since: Micros, until: Micros, spans: int) -> Mapping[str, Spread]:
        """See `Backend.spread`."""


def causes(
    stores: Stores,
    store: Failures,
    since: Micros,
    now: Micros,
    *,
    most: int = MOST,
    seen: Callable[[Sequence[Cause]], Sequence[Cause]] = lambda found: found,
    spread: Callable[[], Mapping[str, Spread]] | None = None,
) -> list[FailureGroup]:
    """Those with which jobs failed since then, the most frequent first, and after them quiet ones with which none did.

    `seen`: as whoever asks may see them; `spread`: where that was asked for already.
    """
    found, said = seen(store.causes(since, most)), reading.of_all(stores)
    known = {one.cause for one in found}
    asked = [*sorted(known), *sorted(set(said) - known, key=lambda cause: -said[cause].last.at)][:TALLIED]
    tallies = store.tally(tuple(asked)) if asked else {}
    how = (spread or (lambda: store.spread(since, now, SPANS)))() if found else {}
    rows = [group(one, how.get(one.cause), tallies.get(one.cause), said.get(one.cause), now) for one in found]
    gone = [of_the_past(cause, one, tallies.get(cause), now) for cause, one in said.items() if cause not in known]
    return [*rows, *sorted((one for one in gone if one.state.quiet), key=SORTS["last"])]


def by_state(rows: Sequence[FailureGroup], state: CauseState | None) -> list[FailureGroup]:
    """Those of one state; None: those that somebody should look at."""
    return [one for one in rows if (one.state is state if state is not None else not one.state.quiet)]


def counted(rows: Sequence[FailureGroup]) -> dict[CauseState, int]:
    """How many causes are in each state."""
    return {state: sum(one.state is state for one in rows) for state in CauseState}
