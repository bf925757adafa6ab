"""The latest minutes of a store, which may still change: read each time, but taken apart only where they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from horizon.backends.values import Sample
from horizon.core.clock import MINUTE, Micros
from horizon.core.histogram import Unread
from horizon.monitor.measures import Pair, Sum, total

MINUTES = 4
"""So many are read before the one that goes on."""
Cell = Mapping[Pair, Sample | Sum]


class Tail:
    """Minute by minute, per queue and class."""

    def __init__(self) -> None:
        self._signs: dict[tuple[Micros, Pair], object] = {}
        self._cells: dict[Micros, dict[Pair, Sum]] = {}
        self._totals: dict[int, Sum] = {}

    def renew(self, read: Callable[[Micros, Micros | None], Iterable[Sample]], now: Micros) -> None:
        """Read them. Raises what reading raises."""
        cells: dict[Micros, dict[Pair, Sum]] = {}
        signs: dict[tuple[Micros, Pair], object] = {}
        for sample in read(now - now % MINUTE - MINUTES * MINUTE, None):
            pair = (sample.queue, sample.name)
            sign = signs[sample.minute, pair] = _sign(sample)
            known = self._cells.get(sample.minute, {}).get(pair) if self._signs.get((sample.minute, pair)) == sign else None
            cells.setdefault(sample.minute, {})[pair] = known or total([sample])
        # a minute in which nothing has changed stays the same object, and with it the sum of all that is in it
        self._cells = {minute: self._same(minute, cell) for minute, cell in cells.items()}
        self._signs = signs
        stay = {id(cell) for cell in self._cells.values()}
        self._totals = {key: one for key, one in self._totals.items() if key in stay}

    def _same(self, minute: Micros, cell: dict[Pair, Sum]) -> dict[Pair, Sum]:
        before = self._cells.get(minute, {})
        same = before.keys() == cell.keys() and all(before[pair] is one for pair, one in cell.items())
        return before if same else cell

    def cell(self, minute: Micros) -> Cell:
        """One of them."""
        return self._cells.get(minute, {})

    def total(self, cell: Cell) -> Sum:
        """All that is in a cell; kept where it is one of these minutes."""
        if not any(cell is own for own in self._cells.values()):
            return total(cell.values())
        if id(cell) not in self._totals:
            self._totals[id(cell)] = total(cell.values())
        return self._totals[id(cell)]


def _sign(sample: Sample) -> object:
    """What differs whenever anything was added."""
    counted = (sample.pushed, sample.completed, sample.failed, sample.cancelled, sample.retried)
    return (
        *counted,
        *(one.kept if isinstance(one, Unread) and isinstance(one.kept, str) else one.count for one in (sample.runtime, sample.wait)),
    )
