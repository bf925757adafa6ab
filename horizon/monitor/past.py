"""What is over does not change any more: sums of past steps of one store are read once, and kept by whoever asks again.

1. A stretch of time is covered with few pieces: ten days, days, six hours, hours, ten minutes, minutes. Stores keep the sums of most
   of them (backends/rollup.py); what they have not is added up from samples.
2. A piece is closed a few minutes after it has ended. Only the latest minutes are read anew.
3. For each piece the sum of all is kept, and what happened per queue and class where somebody asked for that.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, pairwise
from threading import RLock
from typing import Protocol, TypeVar

from horizon.backends.rollup import LEVELS, TEN
from horizon.backends.values import Sample
from horizon.core.clock import HOUR, MINUTE, Micros
from horizon.core.histogram import Histogram, Unread
from horizon.monitor.measures import Pair, Sum, gathered, total
from horizon.monitor.memo import Memo
from horizon.monitor.patience import Patience
from horizon.monitor.span import Span
from horizon.monitor.tail import Cell, Latest, Tail

SETTLED: Micros = 3 * MINUTE
"""How long after its end a piece is closed: its sums are written by then, and a delta is folded within seconds."""
MOST_TOTALS, MOST_PERIODS = 1_200, 24
MOST_PARTS = 40_000
"""Sums of one queue and class that are kept in cells, each about a kilobyte; beyond that the oldest cells are read again."""
Piece = tuple[Micros, Micros]
"""Length and beginning."""
NOTHING = Latest(0, {}, {}, {})
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rolled:
    """What a store keeps of a piece."""

    piece: Piece
    pairs: Sequence[Sample] | None = None
    """Per queue and class; None where nobody asked for it."""
    steps: Sequence[Sample] | None = None
    """The sum of all, of ten minutes that of each minute; None where only the pairs are known."""
    effort: int = 0
    """As many sums of one queue and class could have been read instead."""


class Source(Protocol):
    """Whom to ask what happened. Both questions raise BackendUnavailable."""

    @property
    def narrowed(self) -> bool:
        """It tells of some queues and classes only: the sums of these are made of what is kept of each, and of minutes nothing is."""

    def latest(self, since: Micros) -> Iterable[Sample]:
        """What happened from a time on up to now; what it does not tell of may be among it."""

    def read(self, since: Micros, until: Micros) -> Iterable[Sample]:
        """What happened between two times."""

    def part(self, pair: Pair) -> Pair | None:
        """As what it tells of a queue and class; None: of that nothing. Pure."""

    def rolled(self, span: Micros, since: Micros, until: Micros, pairs: bool) -> Sequence[Rolled]:
        """Sums that are kept of pieces of this length, as far as they are; `pairs`: per queue and class, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """What happened over a stretch of time."""

    span: Span
    pairs: Mapping[Pair, Sum]
    """Per queue and class; empty where nobody asked for it."""
    steps: Sequence[Sum]
    """Oldest first."""
    memo: Memo = field(default_factory=Memo, compare=False)
    """For sums of these pairs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """Of a stretch what does not change any more, and the sums that were made with it."""

    pairs: Mapping[Pair, Sum]
    memo: Memo = field(default_factory=Memo)


class Past:
    """Of one store. Thread-safe; who asks while another reads waits for it. `tail`: reads its latest minutes for others, too."""

    def __init__(self, tail: Tail | None = None) -> None:
        self._lock = RLock()
        self._tail = Tail() if tail is None else tail
        self._cells: OrderedDict[Piece, Cell] = OrderedDict()
        self._totals: OrderedDict[Piece, Sum] = OrderedDict()
        self._periods: OrderedDict[tuple[Micros, Micros], Closed] = OrderedDict()

    def period(
        self, source: Source, span: Span, now: Micros, *, pairs: bool = True, asked: float | None = None, patience: Patience | None = None
    ) -> Period:
        """What happened in this stretch. `asked`: latest minutes that were read since will do (see `Tail.renew`); `patience`: how much may
        be read per queue and class. Raises what reading raises, and Unfinished."""
        with self._lock:
            end, upto, tail = self._renew(source, span, now, asked)
            patience = patience or Patience()
            self._learn(source, span, end, tail)
            closed = self._closed(source, span, end, patience) if pairs else Closed(pairs={})
            latest = [cell for minute in range(end, upto, MINUTE) if (cell := tail.cell(minute))] if pairs else []
            steps = self._steps(source, span, (end, upto), tail, patience)
            self._forget()
        found = closed.memo.gathered("pairs", by_pair([closed.pairs, *latest], source.part)) if latest else closed.pairs
        return Period(span=span, pairs=found, steps=steps, memo=closed.memo)

    def total(self, source: Source, span: Span, now: Micros) -> Sum:
        """All that happened in this stretch, as one. Raises what reading raises."""
        with self._lock:
            end, upto, tail = self._renew(source, span, now)
            pieces = cover(span.since, end)
            self._sum_up(source, pieces, Patience())
            parts = [*(self._totals[piece] for piece in pieces), *(_of_minute(source, tail, one) for one in range(end, upto, MINUTE))]
            self._forget()
        return gathered(parts) if parts else Sum()

    def _renew(self, source: Source, span: Span, now: Micros, asked: float | None = None) -> tuple[Micros, Micros, Latest]:
        """Up to when what happened in a stretch is closed, where it ends, and what is not closed, which is read."""
        upto = now + 1 if span.open else span.until
        end = max(span.since, min((now - SETTLED) // MINUTE * MINUTE, upto))
        return end, upto, self._tail.renew(source.latest, now, asked=asked) if upto > end else NOTHING

    def _learn(self, source: Source, span: Span, end: Micros, tail: Latest) -> None:
        """What has just been closed was read a moment ago, when nothing was to come any more."""
        for at in range(max(tail.first, span.since), min(tail.minute, end), MINUTE):
            if (MINUTE, at) not in self._cells:
                self._cells[MINUTE, at] = {pair: one for pair, one in tail.cell(at).items() if source.part(pair) is not None}

    def _closed(self, source: Source, span: Span, end: Micros, patience: Patience) -> Closed:
        closed = self._periods.get((span.since, end))
        if closed is None:
            hour = end - end % HOUR  # what is before stays as it is for the other minutes of this hour
            older = self._closed(source, span, hour, patience).pairs if span.since < hour < end else {}
            pieces = self._known(source, cover(hour if older else span.since, end), span.step, patience)
            found = by_pair([older, *(self._cells[piece] for piece in pieces)])
            closed = Closed(pairs={pair: gathered(parts) for pair, parts in found.items()})
        self._periods[span.since, end] = closed
        self._periods.move_to_end((span.since, end))
        return closed

    def _steps(self, source: Source, span: Span, ends: tuple[Micros, Micros], tail: Latest, patience: Patience) -> list[Sum]:
        end, upto = ends
        made_of = [[(span.step, at)] if at + span.step <= end else cover(at, min(at + span.step, end)) for at in span.starts]
        self._sum_up(source, [piece for few in made_of for piece in few], patience)
        steps = []
        for at, pieces in zip(span.starts, made_of, strict=True):
            minutes = range(max(at, end), min(at + span.step, upto), MINUTE)
            parts = [*(self._totals[piece] for piece in pieces), *(_of_minute(source, tail, one) for one in minutes)]
            steps.append(gathered(parts) if parts else Sum())
        return steps

    # what is closed -----------------------------------------------------------------------------------------------

    def _known(self, source: Source, pieces: Sequence[Piece], step: Micros, patience: Patience) -> list[Piece]:
        """Read the cells of these pieces; one of which a store has no sum is made of steps. Raises Unfinished."""
        for span, starts in by_length(piece for piece in pieces if piece not in self._cells and piece[0] in LEVELS):
            self._in_portions([(span, at) for at in starts], patience, partial(self._bring, source))
        wanted = [part for piece in pieces for part in (cut(piece, step) if piece not in self._cells else [piece])]
        self._in_portions([piece for piece in wanted if piece not in self._cells], patience, partial(self._read, source))
        for piece in wanted:
            self._cells.move_to_end(piece)
        return wanted

    def _in_portions(self, pieces: Sequence[Piece], patience: Patience, read: Callable[[Sequence[Piece]], int]) -> None:
        """`read`: returns how many sums it read, or could have read instead."""
        each: int | None = None
        while pieces:
            few = patience.portion(pieces, each)
            sums = read(few)
            each = max(each or 0, -(-sums // len(few)))
            patience.spend(sums)
            pieces = pieces[len(few) :]

    def _bring(self, source: Source, pieces: Sequence[Piece], *, pairs: bool = True) -> int:
        """Read what a store keeps of these pieces, which are of one length."""
        (span, first), (_, last) = pieces[0], pieces[-1]
        found = source.rolled(span, first, last + span, pairs=pairs)
        for one in found:
            self._take(one)
        return sum(one.effort for one in found)

    def _sum_up(self, source: Source, pieces: Sequence[Piece], patience: Patience) -> None:
        """Learn the sums of all of these pieces; `patience`: where they are made of what each queue and class did. Raises Unfinished."""
        for span, starts in by_length(piece for piece in pieces if piece not in self._totals and piece not in self._cells):
            if source.narrowed and span in LEVELS:
                self._in_portions([(span, at) for at in starts], patience, partial(self._bring, source))
            elif not source.narrowed:
                self._bring(source, [(max(span, TEN), at // max(span, TEN) * max(span, TEN)) for at in starts], pairs=False)
        left = [piece for piece in pieces if piece not in self._totals]
        unread = [piece for piece in left if piece not in self._cells]
        self._in_portions(unread, patience if source.narrowed else Patience(), partial(self._read, source))
        self._totals.update({piece: total(self._cells[piece].values()) for piece in left})
        for piece in pieces:
            self._totals.move_to_end(piece)

    def _take(self, one: Rolled) -> None:
        """Learn what a store keeps of a piece."""
        if one.pairs is not None:
            self._cells[one.piece] = {(sample.queue, sample.name): sample for sample in one.pairs}
        if one.steps is None:
            return
        (span, begin), found = one.piece, {sample.minute: gathered([sample]) for sample in one.steps}
        if span == TEN:
            self._totals.update({(MINUTE, at): found.get(at, Sum()) for at in range(begin, begin + TEN, MINUTE)})
        self._totals[one.piece] = gathered([*found.values()]) if found else Sum()

    def _read(self, source: Source, pieces: Iterable[Piece]) -> int:
        """Add up the samples of these cells; of those that follow each other in one question."""
        sums = 0
        for span, starts in by_length(pieces):
            for run in runs_of(starts, span):
                rows: dict[Micros, dict[Pair, list[Sample]]] = {start: {} for start in run}
                for sample in source.read(run[0], run[-1] + span):
                    start = run[0] + (sample.minute - run[0]) // span * span
                    rows[start].setdefault((sample.queue, sample.name), []).append(sample)
                for start, pairs in rows.items():
                    self._cells[span, start] = {pair: few[0] if len(few) == 1 else packed(total(few)) for pair, few in pairs.items()}
                    sums += len(pairs)
        return sums

    def _forget(self) -> None:
        """Where too much is kept, what was asked for longest ago goes."""
        _trim(self._periods, MOST_PERIODS)
        _trim(self._totals, MOST_TOTALS)
        parts = sum(len(cell) for cell in self._cells.values())
        while parts > MOST_PARTS:
            parts -= len(self._cells.popitem(last=False)[1])


def cover(since: Micros, until: Micros) -> list[Piece]:
    """The fewest pieces that make up a stretch between two whole minutes, in order. Pure."""
    found, at = [], since
    while at < until:
        span = next((one for one in reversed(LEVELS) if not at % one and at + one <= until), MINUTE)
        found.append((span, at))
        at += span
    return found


def cut(piece: Piece, step: Micros) -> list[Piece]:
    """A piece that is longer than a step, in steps. Pure."""
    span, at = piece
    return [(step, start) for start in range(at, at + span, step)] if span > step and not span % step and not at % step else [piece]


def by_length(pieces: Iterable[Piece]) -> list[tuple[Micros, list[Micros]]]:
    """The beginnings of all pieces of each length, in order. Pure."""
    return [(span, [at for _, at in few]) for span, few in groupby(sorted(set(pieces)), key=lambda piece: piece[0])]


def runs_of(starts: Sequence[Micros], step: Micros) -> list[Sequence[Micros]]:
    """Cut where one does not follow the other. Pure."""
    cuts = [0, *(at for at in range(1, len(starts)) if starts[at] != starts[at - 1] + step), len(starts)]
    return [starts[first:last] for first, last in pairwise(cuts)]


def by_pair(cells: Iterable[Cell], part: Callable[[Pair], Pair | None] = lambda pair: pair) -> dict[Pair, list[Sample | Sum]]:
    """What each queue and class has in these cells; `part`: as what it is told, None: not at all. Pure."""
    found: dict[Pair, list[Sample | Sum]] = {}
    for cell in cells:
        for pair, one in cell.items():
            if (told := part(pair)) is not None:
                found.setdefault(told, []).append(one)
    return found


def _of_minute(source: Source, tail: Latest, minute: Micros) -> Sum:
    """All that is told of one of the latest minutes."""
    if not source.narrowed:
        return tail.total(minute)
    parts = [one for pair, one in tail.cell(minute).items() if source.part(pair) is not None]
    return gathered(parts) if parts else Sum()


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
