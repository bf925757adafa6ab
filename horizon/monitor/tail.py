"""The latest minutes of a store, which may still change: read each time, but taken apart only where they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from horizon.backends.values import Sample
from horizon.core.clock import MINUTE, SECOND, Micros
from horizon.core.histogram import Unread
from horizon.monitor.measures import Pair, Sum, gathered, total

MINUTES = 4
"""So many are read before the one that goes on."""
AGAIN: Micros = 20 * SECOND
"""How often those that are over are read again; the latest of them is read each time."""
Cell = Mapping[Pair, Sample | Sum]
NOTHING = Sum()


class Tail:
    """Minute by minute, per queue and class."""

    def __init__(self) -> None:
        self._signs: dict[tuple[Micros, Pair], tuple[Sample, object]] = {}
        self._cells: dict[Micros, dict[Pair, Sum]] = {}
        self._totals: dict[Micros, Sum] = {}
        self._read_at: Micros | None = None
        """When all of them were read."""

    def renew(self, read: Callable[[Micros, Micros | None], Iterable[Sample]], now: Micros) -> None:
        """Read them. Raises what reading raises."""
        first, oldest = self._first(now), now - now % MINUTE - MINUTES * MINUTE
        cells: dict[Micros, dict[Pair, Sum]] = {minute: cell for minute, cell in self._cells.items() if oldest <= minute < first}
        signs = {key: sign for key, sign in self._signs.items() if oldest <= key[0] < first}
        for sample in read(first, None):
            pair = (sample.queue, sample.name)
            before = self._signs.get((sample.minute, pair))
            sign = before[1] if before is not None and before[0] is sample else _sign(sample)
            signs[sample.minute, pair] = (sample, sign)
            known = self._cells[sample.minute][pair] if before is not None and before[1] == sign else None
            cells.setdefault(sample.minute, {})[pair] = known or gathered([sample])
        known_totals = {minute: (one, self._cells.get(minute, {})) for minute, one in self._totals.items() if minute in cells}
        self._cells, self._signs = cells, signs
        found = {minute: grown(one, before, cells[minute]) for minute, (one, before) in known_totals.items()}
        self._totals = {minute: one for minute, one in found.items() if one is not None}

    def _first(self, now: Micros) -> Micros:
        """From when on minutes are read."""
        minute, read_at = now - now % MINUTE, self._read_at
        if read_at is not None and minute <= read_at <= now < read_at + AGAIN:
            return minute - MINUTE
        self._read_at = now
        return minute - MINUTES * MINUTE

    def cell(self, minute: Micros) -> Cell:
        """One of them."""
        return self._cells.get(minute, {})

    def total(self, minute: Micros) -> Sum:
        """All that is in one of them."""
        if minute not in self._totals:
            self._totals[minute] = total(self.cell(minute).values())
        return self._totals[minute]


def grown(known: Sum, before: Cell, after: Cell) -> Sum | None:
    """The sum of a cell from what it was: only what has changed is taken apart. None where something has become less. Pure."""
    changed = [(before.get(pair, NOTHING), one) for pair, one in after.items() if before.get(pair) is not one]
    if not changed and before.keys() == after.keys():
        return known
    if before.keys() - after.keys() or any(_is_less(one, old) for old, one in changed):
        return None
    made = Sum()
    for what in ("pushed", "completed", "failed", "cancelled", "retried"):
        setattr(made, what, getattr(known, what) + sum(getattr(one, what) - getattr(old, what) for old, one in changed))
    made.memory_kb = max(known.memory_kb, *(one.memory_kb for _, one in changed))
    made.runtime = known.runtime.grown((old.runtime, one.runtime) for old, one in changed)
    made.wait = known.wait.grown((old.wait, one.wait) for old, one in changed)
    return made


def _is_less(one: Sample | Sum, than: Sample | Sum) -> bool:
    return one.runtime.count < than.runtime.count or one.wait.count < than.wait.count or one.memory_kb < than.memory_kb


def _sign(sample: Sample) -> object:
    """What differs whenever anything was added."""
    counted = (sample.pushed, sample.completed, sample.failed, sample.cancelled, sample.retried)
    return (
        *counted,
        *(one.kept if isinstance(one, Unread) and isinstance(one.kept, str) else one.count for one in (sample.runtime, sample.wait)),
    )
