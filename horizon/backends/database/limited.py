"""Jobs with limits that come up in a turn: asked once more, and either taken for or parked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

from horizon.backends.database.kernel import parked
from horizon.backends.database.kernel.gauges import Held, hold, names_of, save
from horizon.backends.database.kernel.rows import PENDING
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.metering import room, take

MARK = "+"
"""At the end of the word of attempts of which some hold limits: what is said of them has to be looked at."""
ROUNDS = 50
"""How often a turn looks for jobs again where some that came up had to be parked."""


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


class Asked(NamedTuple):
    """What became of those that came up."""

    fine: bool
    """Whether all of them may start; else some were parked, or left for another turn, and nothing was taken."""
    busy: frozenset[int] = frozenset()
    """Those that cannot be asked now, because somebody else is busy with their limits."""


def within(jobs: Sequence[Job], most: int | None) -> list[Job]:
    """So many of those with limits at the most, the first of them."""
    if most is None:
        return list(jobs)
    asked = [job.n for job in jobs if job.lot is not None][most:]
    return [job for job in jobs if job.n not in asked] if asked else list(jobs)


def ask(scope: Scope, jobs: Sequence[Limited]) -> Asked:
    """Take from the limits for all of these, or park those for which there is no room."""
    limited = [job for job in jobs if job.lot is not None]
    if not limited:
        return Asked(True)
    names = names_of(scope.db, sorted({job.lot or 0 for job in limited}))
    lots = scope.ledger.lots
    held = hold(scope.db, {name for these in names.values() for name in these}, wait=not lots.holding)
    lots.holding = True
    busy = frozenset(job.n for job in limited if any(name not in held for name in names[job.lot or 0]))
    if busy:
        return Asked(False, busy)
    refused = [job for job in limited if not _take(scope, held, names[job.lot or 0])]
    if refused:
        parked.refused(scope.db, scope.ledger, [(j.n, j.queue, j.name, j.lot or 0, (j.rank, j.place, j.n), PENDING) for j in refused])
        return Asked(False)
    save(scope.db, held, [], scope.now)
    for job in limited:
        lots.of(job.lot or 0).stands -= 1
    return Asked(True)


def _take(scope: Scope, held: dict[str, Held], names: Sequence[str]) -> bool:
    """All or nothing."""
    if not all(room(held[name].gauge, scope.now) for name in names):
        return False
    for name in names:
        held[name].gauge, held[name].changed = take(held[name].gauge, scope.now), True
    return True
