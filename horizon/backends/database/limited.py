"""Jobs with limits that come up in a turn: asked once more, and either taken for or parked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from horizon.backends.database.kernel import parked
from horizon.backends.database.kernel.gauges import Held, save
from horizon.backends.database.kernel.holding import gather
from horizon.backends.database.kernel.lots import MARK as MARK
from horizon.backends.database.kernel.rows import PENDING
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.metering import room, take

ROUNDS = 4
"""How often a turn looks for jobs again where all that came up had to be parked, before it takes some without limits from behind them."""
WIDE = 100
"""So many it looks at then: where one has no room, those behind it may have none either."""


class Limited(Protocol):
    """What must be known of a job that comes up."""

    @property
    def n(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def lot(self) -> int | None: ...
    @property
    def rank(self) -> int: ...
    @property
    def place(self) -> int: ...


Job = TypeVar("Job", bound=Limited)


def within(jobs: Sequence[Job], most: int | None) -> list[Job]:
    """So many of those with limits at the most, the first of them."""
    if most is None:
        return list(jobs)
    asked = [job.n for job in jobs if job.lot is not None][most:]
    return [job for job in jobs if job.n not in asked] if asked else list(jobs)


def ask(scope: Scope, jobs: Sequence[Job], behind: Sequence[Job]) -> tuple[list[Job], frozenset[int]]:
    """(those of these jobs that may start, for which their limits are taken; those that cannot be asked now).

    What has no room is parked, and of those behind them what has none either. Somebody else may be busy with the limits of some.
    """
    limited = [job for job in jobs if job.lot is not None]
    if not limited:
        return list(jobs), frozenset()
    first = {job.n for job in limited}
    others = [job for job in behind if job.lot is not None and job.n not in first]
    lots = scope.ledger.lots
    names = gather(scope, {job.lot or 0 for job in (*limited, *others)}, wait=not lots.holding)
    held, lots.holding = lots.held, True
    known = {lot: these for lot, these in names.items() if all(name in held for name in these)}
    busy = frozenset(job.n for job in (*limited, *others) if job.lot not in known)
    taken = {job.n for job in limited if job.n not in busy and _take(scope, held, known[job.lot or 0])}
    for job in limited:
        if job.n in taken:  # a lot of which this act does not hold the limits must not be noted
            lots.of(job.lot or 0).stands -= 1
    _refuse(scope, [job for job in limited if job.n not in taken | busy])
    if len(taken) < len(limited):
        _refuse(scope, [job for job in others if job.n not in busy and not _has_room(scope, held, known[job.lot or 0])])
    save(scope.db, held, [], scope.now)
    return [job for job in jobs if job.lot is None or job.n in taken], busy


def _refuse(scope: Scope, jobs: Sequence[Limited]) -> None:
    parked.refused(scope.db, scope.ledger, [(j.n, j.queue, j.name, j.lot or 0, (j.rank, j.place, j.n), PENDING) for j in jobs])


def _take(scope: Scope, held: dict[str, Held], names: Sequence[str]) -> bool:
    """All or nothing."""
    if not _has_room(scope, held, names):
        return False
    for name in names:
        held[name].gauge, held[name].changed = take(held[name].gauge, scope.now), True
    return True


def _has_room(scope: Scope, held: dict[str, Held], names: Sequence[str]) -> bool:
    return all(room(held[name].gauge, scope.now) for name in names)
