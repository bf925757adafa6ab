"""How jobs do over a range, against the same stretch before: in all, per class, per queue, step by step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock

from horizon.backends.base import Backend
from horizon.backends.together.members import Members, Stores
from horizon.core.clock import DAY, MINUTE, Micros
from horizon.monitor.chosen import ALL, Choice, Chosen
from horizon.monitor.forecast import SEASONS, Expected, band, reach
from horizon.monitor.history import Range, Step, first_step
from horizon.monitor.measures import Metrics, Pair, Sum, gathered
from horizon.monitor.past import Past, Period
from horizon.monitor.patience import Patience
from horizon.monitor.span import KEPT, Kept, Span
from horizon.monitor.span import before as as_long_before
from horizon.monitor.tail import Latest, Tail

LATEST = 5
"""Steps that may have changed since somebody looked; the others are added up once."""
MOST = 24
"""Choices of which the past is kept; that of all goes last, for it is asked for most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """A period, and the one before."""

    over: Range
    now: Period
    before: Period
    """As long, up to where the other begins; its steps may be coarser, as far as what was kept is."""

    @property
    def known_before(self) -> bool:
        """Whether anything is known of the stretch before."""
        return first_of(self.before.steps) is not None

    @property
    def known_now(self) -> bool:
        """Whether anything happened in the range itself."""
        return first_of(self.now.steps) is not None

    @property
    def minutes_before(self) -> float:
        """How long the stretch before is; in days, from the first on which anything happened: before that, nobody counted."""
        span = self.before.span
        unknown = (first_of(self.before.steps) or 0) if span.step >= DAY else 0
        return (len(self.before.steps) - unknown) * span.step / MINUTE


class Pasts:
    """What is kept of the past of each store of one app, for whatever was chosen lately. Thread-safe.

    `whole`: the latest minutes are read for all who look, whatever each has chosen; for whoever asks once that would be too much.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._lock = Lock()
        self._whole = whole
        self._tails: dict[str, Tail] = {}
        self._of: OrderedDict[tuple[str, Choice], Past] = OrderedDict()

    def trend(
        self,
        stores: Stores,
        over: Range,
        *,
        connection: str | None = None,
        choice: Choice = ALL,
        kept: Kept = KEPT,
        pairs: bool = True,
        asked: float | None = None,
        most: int | None = None,
    ) -> Trend:
        """Over every store that answers, or over one; `pairs`: per queue and class, too; `asked`: see `Tail.renew`; `most`: so many sums of
        these may be read. Raises BackendUnavailable where none does, Unfinished."""
        names = stores.connections() if connection is None else (connection,)
        patience = Patience(most)

        def read(store: Backend) -> tuple[Period, Period]:
            now, past, chosen = store.now(), self._past(store, choice), self._chosen(store, choice)
            span = current(over, now)
            period = partial(past.period, chosen, now=now, pairs=pairs, asked=asked, patience=patience)
            return period(span=span), period(span=earlier(over, span, now, kept))

        found = Members(stores).all(read, names)
        nows, befores = zip(*found.values(), strict=True)
        return Trend(over=over, now=together(nows), before=together(befores))

    def period(self, store: Backend, over: Range, now: Micros, choice: Choice = ALL) -> Period:
        """Of one store, without the one before. Raises BackendUnavailable."""
        return self._past(store, choice).period(self._chosen(store, choice), current(over, now), now)

    def latest(self, store: Backend, now: Micros) -> Latest:
        """The minutes of a store that may still change, read anew for all who look. Raises BackendUnavailable."""
        return self._tail(store.name).renew(store.numbers.latest, now)

    def of_queue(
        self, store: Backend, queue: str, over: Range, now: Micros, *, asked: float | None = None, most: int | None = None
    ) -> list[Step]:
        """Every step of the range on one queue of a store, oldest first; the last one still goes on. `asked`: see `Tail.renew`; `most`: so
        many sums may be read for it. Raises BackendUnavailable, Unfinished."""
        past, chosen = self._past(store, Choice(queue=queue)), self._chosen(store, Choice(queue=queue))
        found = past.period(chosen, current(over, now), now, pairs=False, asked=asked, patience=Patience(most))
        return [
            Step(at=at, entered=one.pushed, completed=one.completed, failed=one.failed, cancelled=one.cancelled, wait=one.wait)
            for at, one in zip(found.span.starts, found.steps, strict=True)
        ]

    def stretch(
        self, stores: Stores, span: Span, now: Micros, *, connection: str | None = None, choice: Choice = ALL, pairs: bool = True
    ) -> Period:
        """Any stretch of time, over every store that answers, or over one. Raises BackendUnavailable where none does."""
        names = stores.connections() if connection is None else (connection,)

        def ask(store: Backend) -> Period:
            return self._past(store, choice).period(self._chosen(store, choice), span, now, pairs=pairs)

        return together([*Members(stores).all(ask, names).values()])

    def total(self, stores: Stores, span: Span, now: Micros, *, connection: str | None = None, choice: Choice = ALL) -> Sum:
        """All of a stretch as one, over every store that answers, or over one. Raises BackendUnavailable where none does."""
        names = stores.connections() if connection is None else (connection,)

        def ask(store: Backend) -> Sum:
            return self._past(store, choice).total(self._chosen(store, choice), span, now)

        return gathered([*Members(stores).all(ask, names).values()])

    def expected(
        self, stores: Stores, period: Period, now: Micros, *, connection: str | None = None, kept: Kept = KEPT
    ) -> Sequence[Expected | None]:
        """How many jobs were to be expected to end in each step of a period of all jobs, and in the one that comes next; nothing where
        that is not told for such steps. Raises BackendUnavailable."""
        span, step = period.span, period.span.step
        if step not in SEASONS:
            return ()
        begin = now - kept.hours if step < DAY else now - kept.days
        since = min(span.since, max(reach(span.since, step), -(-begin // DAY) * DAY))
        history = Span(since=since, until=span.since, step=step, open=False)
        past = self.stretch(stores, history, now, connection=connection, pairs=False).steps if since < span.since else ()
        over = [*period.steps][: -1 if span.open else None]  # the last one still goes on
        sums = [*past, *over]
        first = first_of(sums) or 0
        ended = [_ended(one) for one in sums]
        return band((*span.starts, span.starts[-1] + step), step, tuple(zip(range(since, span.until, step), ended, strict=False))[first:])

    def _chosen(self, store: Backend, choice: Choice) -> Chosen:
        return Chosen(numbers=store.numbers, choice=choice, whole=self._whole)

    def _tail(self, name: str) -> Tail:
        with self._lock:
            return self._tails.setdefault(name, Tail())

    def _past(self, store: Backend, choice: Choice) -> Past:
        tail = self._tail(store.name) if self._whole or choice == ALL else None
        with self._lock:
            found = self._of.setdefault((store.name, choice), Past(tail))
            self._of.move_to_end((store.name, choice))
            while len(self._of) > MOST:
                self._of.popitem(last=False)
        return found


def current(over: Range, now: Micros) -> Span:
    """A range up to now."""
    return Span(since=first_step(over, now), until=now, step=over.span, open=True)


def earlier(over: Range, span: Span, now: Micros, kept: Kept) -> Span:
    """As long, and before; in the steps of the range where they were kept so long, else in days from midnight (UTC)."""
    return as_long_before(span, over.span * over.steps, now, kept)


def together(periods: Sequence[Period]) -> Period:
    """Those of several stores as one; clocks of stores may differ a little, so each counts from its own end. Pure."""
    if len(periods) == 1:
        return periods[0]
    found: dict[Pair, list[Sum]] = {}
    for period in periods:
        for pair, one in period.pairs.items():
            found.setdefault(pair, []).append(one)
    steps = [gathered(few) for few in zip(*(period.steps for period in periods), strict=True)]
    return Period(span=periods[0].span, pairs={pair: gathered(few) for pair, few in found.items()}, steps=steps)


def by_queue(period: Period) -> Mapping[str, Sum]:
    """One sum for each queue."""
    return _by("queue", lambda pair: pair[0], period)


def by_class(period: Period, present: Callable[[str], str]) -> Mapping[str, Sum]:
    """One sum for each class; `present`: the name that one has now."""
    return _by("class", lambda pair: present(pair[1]), period)


def _by(kind: str, key: Callable[[Pair], str], period: Period) -> Mapping[str, Sum]:
    found: dict[str, list[Sum]] = {}
    for pair, one in period.pairs.items():
        found.setdefault(key(pair), []).append(one)
    return period.memo.gathered(kind, found)


def whole(period: Period) -> Metrics:
    """All of a period, as one."""
    return summed(period).metrics("", period.span.since, period.span.until)


def summed(period: Period) -> Sum:
    """All of a period, as one; of its steps, which are there whatever was asked for."""
    older = period.memo.gathered("steps", {"": period.steps[:-LATEST]} if len(period.steps) > LATEST else {})
    parts = [*older.values(), *period.steps[-LATEST:]]
    return period.memo.gathered("summed", {"": parts})[""] if parts else Sum()


def each(period: Period) -> list[Metrics]:
    """Every step, oldest first."""
    span = period.span
    ends = [*span.starts[1:], span.until]
    return [one.metrics("", start, end) for start, end, one in zip(span.starts, ends, period.steps, strict=True)]


def change(now: float | None, before: float | None) -> float | None:
    """By which share a figure has grown: 0.5 is half as much again; None where that cannot be said. Pure."""
    if now is None or not before:
        return None
    return now / before - 1


def _ended(one: Sum) -> int:
    return one.completed + one.failed + one.cancelled


def first_of(sums: Iterable[Sum]) -> int | None:
    """The place of the first that holds anything; None where none does: before it nothing was measured. Pure."""
    return next((at for at, one in enumerate(sums) if one.pushed or one.completed or one.failed or one.runtime.count), None)
