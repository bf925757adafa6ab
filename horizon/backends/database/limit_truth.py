"""Counting the jobs of limits and lots themselves, beside the figures that are kept of them; and mending those that are wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.gauges import hold, lots_of, save
from horizon.backends.database.kernel.rows import PENDING, PROCESSING
from horizon.backends.database.kernel.scope import Scope

JOBS = "SELECT abs(lot), CASE WHEN lot < 0 THEN 0 ELSE state END, count(*) FROM horizon_live WHERE lot IS NOT NULL GROUP BY 1, 2"
"""Parked ones in a state that there is not."""
PARKED = 0
LOTS = "SELECT n, queue, names, stands, parked, waits_for FROM horizon_lot"
LIMITS = "SELECT name, running, -crowd, lots FROM horizon_limit"


class Drift(NamedTuple):
    """A figure that is wrong."""

    kept: int
    truth: int
    lot: int | None
    """The number of its lot; None where it is that of a limit."""
    limits: tuple[str, ...]
    """The limit, or all of those of its lot."""
    figure: str
    words: str
    """What it is called."""


def drifts(db: Db) -> Iterator[Drift]:
    """Every figure that is wrong."""
    jobs: dict[tuple[int, int], int] = {(lot, state): count for lot, state, count in db.all(JOBS)}
    truth: dict[str, Counter[str]] = {figure: Counter() for figure in ("running", "waiting", "lots")}
    for n, queue, text, stands, parked, waits_for in db.all(LOTS):
        names = tuple(json.loads(text))
        for figure, kept, found in (("stands", stands, jobs.get((n, PENDING), 0)), ("parked", parked, jobs.get((n, PARKED), 0))):
            if kept != found:
                yield Drift(kept, found, n, names, figure, f"lot:{queue}/{n}/{figure}")
        for name in names:
            truth["running"][name] += jobs.get((n, PROCESSING), 0)
            truth["lots"][name] += 1
        truth["waiting"].update({waits_for: jobs.get((n, PARKED), 0)} if waits_for is not None else {})
    for name, *figures in db.all(LIMITS):
        for figure, kept in zip(("running", "waiting", "lots"), figures, strict=True):
            if kept != truth[figure][name]:
                yield Drift(kept, truth[figure][name], None, (name,), figure, f"limit:{name}/{figure}")


def drifted(db: Db) -> Iterator[tuple[str, tuple[int, int]]]:
    """`limit:key/figure` and `lot:queue/n/figure` → (figure, truth) of every figure that is wrong."""
    return ((one.words, (one.kept, one.truth)) for one in drifts(db))


def mend(scope: Scope) -> None:
    """Set right what is wrong, so that no slot is lost for ever; those that wait for it are looked at then."""
    names = {name for one in drifts(scope.db) for name in one.limits}
    held = hold(scope.db, names)
    wrong = [one for one in drifts(scope.db) if all(name in held for name in one.limits)]
    lots = lots_of(scope.db, sorted({one.lot for one in wrong if one.lot is not None}))
    for one in wrong:
        if one.lot in lots:
            setattr(lots[one.lot], one.figure, one.truth)
        elif one.lot is None:
            limit = held[one.limits[0]]
            limit.changed = True
            if one.figure == "running":
                limit.gauge = replace(limit.gauge, running=one.truth)
            elif one.figure == "waiting":
                limit.crowd = one.truth
            else:
                limit.lots = one.truth
    save(scope.db, held, lots.values(), scope.now)
    scope.ledger.lots.forget(limits=True)
    scope.ledger.lots.changed |= names
    for n in lots:
        scope.ledger.lots.of(n)
