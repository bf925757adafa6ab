"""What an act knows of the limits and lots that it holds: read once, together, and as it left them until it ends.

Nobody else changes them meanwhile. Which limits a lot has never changes, so a process remembers it: the limits of lots that it has met
before are locked, and the lots read behind that, in one go where the way to the store takes several statements at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from horizon.backends.database.db import Question
from horizon.backends.database.kernel.gauges import HOLD_GAUGES, READ_LOTS, WATCHES, hold, lots_of, names_of, watches_of
from horizon.backends.database.kernel.scope import Scope

REMEMBERED = 10_000
"""Lots of which a process remembers the limits."""
Names = dict[int, tuple[str, ...]]
"""The limits of lots by their numbers."""


def foresee(scope: Scope, ns: Iterable[int]) -> None:
    """Let what `gather` asks of lots that this process has met go with the next statement."""
    known = _known(scope, sorted(set(ns)))
    names = sorted({name for these in known.values() for name in these})
    scope.db.foresee([Question(HOLD_GAUGES, values=names), *_behind(list(known), names)])


def gather(scope: Scope, ns: Iterable[int], also: Iterable[str] = (), *, wait: bool = True) -> Names:
    """Hold the limits of these lots and others (without waiting: those that are free), and read the lots and who keeps watch for them.

    Returns the limits of those of these lots that there are. What was read stands in `ledger.lots`; a lot only where its limits are held.
    """
    lots, asked = scope.ledger.lots, sorted(set(ns))
    names = _names(scope, asked)
    _read(scope, names, also, wait=wait)
    for n in [n for n in names if n in lots.lots and lots.lots[n].names != names[n]]:  # a number that was given anew
        names[n] = scope.lot_names[n] = lots.lots.pop(n).names
        _read(scope, {n: names[n]}, (), wait=wait)
    for n in [n for n in names if n not in lots.lots and all(name in lots.held for name in names[n])]:
        del names[n]  # it is gone
        scope.lot_names.pop(n, None)
    return names


def _names(scope: Scope, asked: Iterable[int]) -> Names:
    known = scope.lot_names
    if len(known) > REMEMBERED:
        known.clear()
    found = _known(scope, asked)
    new = names_of(scope.db, [n for n in asked if n not in found])
    known.update(new)
    return {**found, **new}


def _known(scope: Scope, asked: Iterable[int]) -> Names:
    """As far as the process has met them. Other threads come here, too."""
    return {n: names for n in asked if (names := scope.lot_names.get(n)) is not None}


def _behind(lots: Sequence[int], names: Sequence[str]) -> list[Question]:
    """What is asked when limits are held."""
    return [Question(READ_LOTS, values=lots), Question(WATCHES, values=names)]


def _read(scope: Scope, names: Mapping[int, tuple[str, ...]], also: Iterable[str], *, wait: bool) -> None:
    db, lots = scope.db, scope.ledger.lots
    new = [n for n in names if n not in lots.lots]
    wanted = {*also, *(name for these in names.values() for name in these)}
    unwatched = sorted(wanted - lots.watches.keys())
    db.foresee(_behind(new, unwatched))
    lots.held.update(hold(db, wanted - lots.held.keys(), wait=wait))
    free = [n for n in new if wait or all(name in lots.held for name in names[n])]
    found = lots_of(db, new) if len(free) == len(new) else lots_of(db, free)
    lots.lots.update(found)
    watched = watches_of(db, unwatched)
    lots.watches.update((name, watched.get(name, [])) for name in unwatched if name in lots.held)
