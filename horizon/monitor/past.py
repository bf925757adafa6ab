"""What is over does not change any more: sums of past steps of one store are read once, and kept by whoever asks again.

1. A cell is what happened in one step, per queue and class. It is closed a few minutes after its step has ended.
2. Eight closed cells in a row are a block, of which only the sum is kept: a range that moves on by a step adds up few things.
3. An open day is made of the closed hours and the open hour in it, an open hour of minutes: only the latest minutes are read anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from threading import RLock
from typing import TypeVar

from horizon.backends.values import Sample
from horizon.core.clock import DAY, HOUR, MINUTE, Micros
from horizon.core.histogram import Histogram, Unread
from horizon.monitor.measures import Pair, Sum, total
from horizon.monitor.span import Span
from horizon.monitor.tail import Cell, Tail

BLOCK = 8
"""Cells of a block."""
FINER: Mapping[Micros, Micros] = {DAY: HOUR, 6 * HOUR: HOUR}
"""Step → the steps that an open one is made of; of all others it is minutes."""
SETTLED: Micros = 3 * MINUTE
"""How long after its end a step is closed: a delta is folded into its minute within seconds, with room to spare."""
MOST_CELLS, MOST_BLOCKS, MOST_PERIODS = 400, 96, 12
"""So many are kept."""
MOST_PARTS = 40_000
"""Sums of one queue and class that are kept in cells, each about a kilobyte; beyond that the oldest cells are read again."""

Read = Callable[[Micros, Micros | None], Iterable[Sample]]
"""Asks a store for what happened from a time on, up to another (None: now). Raises BackendUnavailable."""
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """What happened over a stretch of time."""

    span: Span
    pairs: Mapping[Pair, Sum]
    """Per queue and class."""
    steps: Sequence[Sum]
    """Oldest first."""


@dataclass(slots=True)
class _Added:
    """Several cells as one, and of each cell the sum of all that is in it."""

    pairs: Mapping[Pair, Sum]
    totals: Sequence[Sum]


@dataclass(slots=True)
class _Begun:
    """What is over of a step that is still open."""

    upto: Micros
    cell: Cell = field(default_factory=dict)


class Past:
    """Of one store. Thread-safe; who asks while another reads waits for it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._tail = Tail()
        self._cells: OrderedDict[tuple[Micros, Micros], Cell] = OrderedDict()
        self._blocks: OrderedDict[tuple[Micros, Micros], _Added] = OrderedDict()
        self._periods: OrderedDict[tuple[Micros, Micros, Micros], _Added] = OrderedDict()
        self._begun: dict[tuple[Micros, Micros], _Begun] = {}

    def period(self, read: Read, span: Span, now: Micros) -> Period:
        """What happened in this stretch. Raises what reading raises."""
        starts = list(span.starts)
        closed = [start for start in starts if is_closed(start, span.step, now)]
        with self._lock:
            added = self._added(read, span.step, closed)
            if len(closed) < len(starts):
                self._tail.renew(read, now)
            rest = [self._open(read, span.step, start, now) for start in starts[len(closed) :]]
        return Period(span=span, pairs=merged([added.pairs, *rest]), steps=[*added.totals, *(self._tail.total(cell) for cell in rest)])

    # what is closed -----------------------------------------------------------------------------------------------

    def _added(self, read: Read, step: Micros, starts: Sequence[Micros]) -> _Added:
        """The sum of closed cells that follow each other."""
        if not starts:
            return _Added({}, ())
        asked = (step, starts[0], starts[-1])
        found = self._periods.get(asked)
        if found is None:
            runs = runs_of(starts, step)
            self._fetch(read, step, [one for run in runs if len(run) < BLOCK or (step, run[0]) not in self._blocks for one in run])
            parts = [self._block(step, run) for run in runs]
            found = _Added(merged(part.pairs for part in parts), [one for part in parts for one in part.totals])
            self._forget()
        self._periods[asked] = found
        self._periods.move_to_end(asked)
        _trim(self._periods, MOST_PERIODS)
        return found

    def _block(self, step: Micros, run: Sequence[Micros]) -> _Added:
        """The sum of a few cells, kept where they are a whole block."""
        found = self._blocks.get((step, run[0])) if len(run) == BLOCK else None
        if found is None:
            cells = [self._cells[step, start] for start in run]
            found = _Added(merged(cells), [total(cell.values()) for cell in cells])
        if len(run) == BLOCK:
            self._blocks[step, run[0]] = _Added({pair: packed(one) for pair, one in found.pairs.items()}, found.totals)
            self._blocks.move_to_end((step, run[0]))
        return found

    def _fetch(self, read: Read, step: Micros, starts: Sequence[Micros]) -> None:
        """Read the closed cells that are not known, in one question."""
        missing = [start for start in starts if (step, start) not in self._cells]
        if not missing:
            return
        rows: dict[Micros, dict[Pair, list[Sample]]] = {start: {} for start in missing}
        for sample in read(missing[0], missing[-1] + step):
            start = missing[0] + (sample.minute - missing[0]) // step * step
            if start in rows:
                rows[start].setdefault((sample.queue, sample.name), []).append(sample)
        for start, pairs in rows.items():
            self._cells[step, start] = {pair: few[0] if len(few) == 1 else packed(total(few)) for pair, few in pairs.items()}

    def _forget(self) -> None:
        """Where too much is kept, the oldest goes; the blocks that were made of a cell stay longer than it."""
        _trim(self._blocks, MOST_BLOCKS)
        _trim(self._cells, MOST_CELLS)
        parts = sum(len(cell) for cell in self._cells.values())
        while parts > MOST_PARTS:
            parts -= len(self._cells.popitem(last=False)[1])

    # what is open -------------------------------------------------------------------------------------------------

    def _open(self, read: Read, step: Micros, start: Micros, now: Micros) -> Cell:
        """A step that is not closed yet."""
        if step <= MINUTE:
            return self._tail.cell(start)
        finer = FINER.get(step, MINUTE)
        starts = range(start, min(start + step, now + 1), finer)
        closed = [one for one in starts if is_closed(one, finer, now)]
        rest = [self._open(read, finer, one, now) for one in list(starts)[len(closed) :]]
        return merged([self._grown(read, step, start, closed, finer), *rest])

    def _grown(self, read: Read, step: Micros, start: Micros, closed: Sequence[Micros], finer: Micros) -> Cell:
        """What is over of an open step: to what was known, what closed since is added."""
        begun = self._begun.get((step, start)) or _Begun(start)
        new = [one for one in closed if one >= begun.upto]
        if new:
            self._fetch(read, finer, new)
            cell = merged([begun.cell, *(self._cells[finer, one] for one in new)])
            begun = _Begun(new[-1] + finer, cell)
            self._begun = {key: kept for key, kept in self._begun.items() if key[0] != step or key[1] >= start - step}
            self._begun[step, start] = begun
        return begun.cell


def is_closed(start: Micros, step: Micros, now: Micros) -> bool:
    """Whether nothing can be added to this step any more. Pure."""
    return start + step + SETTLED <= now


def runs_of(starts: Sequence[Micros], step: Micros) -> list[Sequence[Micros]]:
    """Steps that follow each other, cut where a block begins. Pure."""
    cuts = [0, *(at for at in range(1, len(starts)) if starts[at] // step % BLOCK == 0), len(starts)]
    return [starts[first:last] for first, last in pairwise(cuts)]


def merged(cells: Iterable[Cell]) -> dict[Pair, Sum]:
    """All of them as one. Pure."""
    found: dict[Pair, list[Sample | Sum]] = {}
    for cell in cells:
        for pair, part in cell.items():
            found.setdefault(pair, []).append(part)
    return {pair: parts[0] if len(parts) == 1 and isinstance(parts[0], Sum) else total(parts) for pair, parts in found.items()}


def packed(one: Sum) -> Sum:
    """The same, its histograms as text: they take a tenth of the room, and many are taken apart together."""
    made = Sum()
    for name in ("pushed", "completed", "failed", "cancelled", "retried", "memory_kb"):
        setattr(made, name, getattr(one, name))
    made.runtime, made.wait = _text(one.runtime), _text(one.wait)
    return made


def _text(of: Histogram) -> Histogram:
    return Unread(of.encode()) if of.count else of


def _trim(kept: OrderedDict[K, V], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)
