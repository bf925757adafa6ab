"""The latest minutes of a store, which may still change: read each time, but taken apart only where they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import Lock

from horizon.backends.values import Sample
from horizon.core.clock import MINUTE, SECOND, Micros, monotonic
from horizon.core.histogram import Unread
from horizon.monitor.measures import Pair, Sum, gathered, total

MINUTES = 4
"""So many are read before the one that goes on."""
AGAIN: Micros = 20 * SECOND
"""How often those that are over are read again; the latest of them is read each time."""
Cell = Mapping[Pair, Sample | Sum]
Signs = Mapping[Pair, tuple[Sample, object]]
"""What came of a minute, each beside what tells whether it has changed."""
NOTHING = Sum()


class Latest:
    """Those minutes as they were when somebody read them, per queue and class."""

    def __init__(
        self, now: Micros, cells: Mapping[Micros, Mapping[Pair, Sum]], totals: dict[Micros, Sum], signs: Mapping[Micros, Signs]
    ) -> None:
        self.minute = now - now % MINUTE
        """The one that goes on."""
        self._cells, self._signs = cells, signs
        self.totals = totals
        """Of the minutes of which somebody wanted all."""

    @property
    def first(self) -> Micros:
        """The oldest of them."""
        return self.minute - MINUTES * MINUTE

    @property
    def minutes(self) -> Iterable[Micros]:
        """Those in which anything happened."""
        return self._cells.keys()

    def samples(self, since: Micros) -> list[Sample]:
        """What they are made of, from a minute on."""
        return [sample for minute, signs in self._signs.items() if minute >= since for sample, _ in signs.values()]

    def cell(self, minute: Micros) -> Cell:
        """One of them."""
        return self._cells.get(minute, {})

    def total(self, minute: Micros) -> Sum:
        """All that is in one of them."""
        if minute not in self.totals:
            self.totals[minute] = total(self.cell(minute).values())
        return self.totals[minute]


class Tail:
    """Reads them. Thread-safe: who asks while another reads waits for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._signs: dict[Micros, dict[Pair, tuple[Sample, object]]] = {}
        self._cells: dict[Micros, dict[Pair, Sum]] = {}
        self._latest = Latest(0, {}, {}, {})
        self._read_at: Micros | None = None
        """When all of them were read."""
        self._asked = float("-inf")
        """When the latest were asked for, by the clock of this process."""

    def renew(self, read: Callable[[Micros], Iterable[Sample]], now: Micros, *, asked: float | None = None) -> Latest:
        """Read them. `asked`: what was read since that moment, by the clock of this process, will do. Raises what reading raises."""
        with self._lock:
            if asked is None or asked > self._asked or self._latest.minute != now - now % MINUTE:
                began = monotonic()
                self._latest = self._read(read, now)
                self._asked = began
            return self._latest

    def _read(self, read: Callable[[Micros], Iterable[Sample]], now: Micros) -> Latest:
        first, oldest = self._first(now), now - now % MINUTE - MINUTES * MINUTE
        cells: dict[Micros, dict[Pair, Sum]] = {minute: cell for minute, cell in self._cells.items() if oldest <= minute < first}
        signs = {minute: self._signs[minute] for minute in cells}
        for sample in read(first):
            minute, pair = sample.minute, (sample.queue, sample.name)
            before = self._signs.get(minute, {}).get(pair)
            sign = before[1] if before is not None and before[0] is sample else _sign(sample)
            signs.setdefault(minute, {})[pair] = (sample, sign)
            known = self._cells[minute][pair] if before is not None and before[1] == sign else None
            cells.setdefault(minute, {})[pair] = known or gathered([sample])
        known_totals = {minute: (one, self._cells.get(minute, {})) for minute, one in dict(self._latest.totals).items() if minute in cells}
        self._cells, self._signs = cells, signs
        self._read_at = self._read_at if first == now - now % MINUTE - MINUTE else now
        found = {minute: grown(one, before, cells[minute]) for minute, (one, before) in known_totals.items()}
        totals = {minute: one for minute, one in found.items() if one is not None}
        return Latest(now, cells, totals, signs)

    def _first(self, now: Micros) -> Micros:
        """From when on minutes are read."""
        minute, read_at = now - now % MINUTE, self._read_at
        if read_at is not None and minute <= read_at <= now < read_at + AGAIN:
            return minute - MINUTE
        return minute - MINUTES * MINUTE


def grown(known: Sum, before: Cell, after: Cell) -> Sum | None:
    """The sum of a cell from what it was: only what has changed is taken apart. None where something has become less. Pure."""
    if before is after:
        return known
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
