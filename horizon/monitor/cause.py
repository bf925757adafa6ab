"""One cause of failure with all that is known of it: its figures, its latest jobs, where it began, what its failures have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.backends.spread import Seen, Spread
from horizon.backends.spread import spread as spread_of
from horizon.backends.values import Cause
from horizon.core import dead
from horizon.core.clock import DAY, Micros
from horizon.core.errors import NotFound
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.monitor import said as reading
from horizon.monitor.causes import FailureGroup, group, of_the_past
from horizon.monitor.gathering import SPANS
from horizon.monitor.said import Stores
from horizon.monitor.triage import CauseState

ALIKE = 100
"""Latest failures that are compared."""
SINCE: Micros = 30 * DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """What all failures that were compared have in common."""

    what: str
    """In a word: `version`, `host`, `queue`, `class`, `user`, `tenant`, `tag`."""
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OneCause:
    """All of it."""

    group: FailureGroup
    latest: Sequence[Record] = ()
    """Jobs that stand failed with it, the latest first, `ALIKE` at most."""
    first: Record | None = None
    """The first of those that stand failed: in its version of the code it began."""
    again: Record | None = None
    """Of what has regressed, the latest job that failed after it was resolved."""
    alike: Sequence[Alike] = ()


def look(
    stores: Stores,
    store: Backend,
    cause: str,
    now: Micros,
    *,
    seen: Callable[[Sequence[Cause]], Sequence[Cause]] = lambda found: found,
    spread: Callable[[], Mapping[str, Spread]] | None = None,
) -> OneCause:
    """`seen`: as whoever asks may see it; `spread`: of the past 30 days, where that was asked for already. Raises NotFound.

    Of a cause with few failures, all of them were read, which tells how they spread; of another it is asked.
    """
    latest = store.find(JobQuery(states=(JobState.FAILED,), cause=cause, limit=ALIKE)).items if cause else []
    said = reading.of(stores, cause)
    newest = _newest(cause, latest)
    tally = store.tally((cause,)).get(cause) if cause else None
    if newest is None:
        if said is None:
            raise NotFound(
                f"no job stands failed with the cause {cause[:120]!r}; it was retried or forgotten, or its time to be kept is over"
            )
        return OneCause(group=of_the_past(cause, said, tally, now))
    found = None
    if tally is None or tally.count > len(latest):
        found = (spread() if spread else store.spread(now - SINCE, now, SPANS)).get(cause)
    whole = group(seen([newest])[0], found or _spread(latest, now), tally, said, now)
    again = latest[0] if whole.state is CauseState.REGRESSED else None
    return OneCause(group=whole, latest=latest, first=_first(store, whole, latest), again=again, alike=alike(latest))


def alike(latest: Sequence[Record]) -> list[Alike]:
    """What all of them have in common; nothing where there are too few to say so. Pure."""
    if len(latest) < 2:
        return []
    rows = [_facts(one) for one in latest]
    found = [Alike(what=what, value=value) for what, value in rows[0].items() if value and all(row[what] == value for row in rows)]
    common = set.intersection(*(set(one.tags) for one in latest))
    return [*found, *(Alike(what="tag", value=tag) for tag in latest[0].tags if tag in common)]


def _facts(one: Record) -> dict[str, str | None]:
    return {
        "version": one.code_version,
        "host": (one.worker or "").rpartition(":")[0],
        "queue": dead.own(one.queue),
        "class": one.name,
        "user": one.user,
        "tenant": one.tenant,
    }


def _newest(cause: str, latest: Sequence[Record]) -> Cause | None:
    if not latest or latest[0].error is None:
        return None
    error, ends = latest[0].error, [record.finished_at or 0 for record in latest]
    return Cause(
        cause=cause, type=error.type, message=error.message, name=latest[0].name, count=len(latest), first_at=min(ends), last_at=max(ends)
    )  # fmt: skip


def _spread(latest: Sequence[Record], now: Micros) -> Spread | None:
    """How the latest of the past 30 days spread; where there are none, older ones."""
    since, each = now - SINCE, max(1, SINCE // SPANS)
    rows = [
        Seen(one.error.cause, ((one.finished_at or 0) - since) // each, one.worker, one.code_version, one.name, one.queue, 1)
        for one in [one for one in latest if (one.finished_at or 0) >= since] or latest
        if one.error is not None
    ]
    return next(iter(spread_of(rows, SPANS).values()), None)


def _first(store: Backend, whole: FailureGroup, latest: Sequence[Record]) -> Record | None:
    """Found by its time, which the index of causes knows; None where not all of them were counted."""
    if whole.more:
        return None
    found = store.find(JobQuery(states=(JobState.FAILED,), cause=whole.cause, before=whole.first_at + 1, limit=1)).items
    return found[0] if found else latest[-1]
