"""What is over is read once; whatever is kept, the sums are those of all samples."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from horizon.backends.values import Sample
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, Micros
from horizon.core.histogram import Histogram
from horizon.monitor import measures, past
from horizon.monitor.history import RANGES
from horizon.monitor.past import Past, Period, runs_of
from horizon.monitor.span import Span
from horizon.monitor.trends import current

NOW: Micros = 20_000 * DAY + 17 * HOUR + 23 * MINUTE + 11 * SECOND


class Store:
    """Minutes of a few queues and classes, as a store keeps them, and how often it was asked."""

    def __init__(self) -> None:
        self.samples: dict[tuple[Micros, str, str], list[int]] = {}
        self.asked: list[tuple[Micros, Micros | None]] = []

    def ran(self, at: Micros, queue: str, name: str, micros: int) -> None:
        self.samples.setdefault((at - at % MINUTE, queue, name), []).append(micros)

    def read(self, since: Micros, until: Micros | None) -> Iterable[Sample]:
        self.asked.append((since, until))
        return self.all(since, until)

    def all(self, since: Micros, until: Micros | None) -> list[Sample]:
        return [
            Sample(
                minute=at,
                queue=queue,
                name=name,
                pushed=len(ran) + 1,
                completed=len(ran),
                retried=1,
                memory_kb=max(ran) % 1000,
                runtime=Histogram.decode(Histogram.of(ran).encode()),
                wait=Histogram.of(ran[:1]),
            )
            for (at, queue, name), ran in sorted(self.samples.items())
            if at >= since and (until is None or at < until)
        ]


def told(one: object) -> object:
    assert isinstance(one, (measures.Sum, Sample))
    counted = (one.pushed, one.completed, one.failed, one.cancelled, one.retried, one.memory_kb)
    return (*counted, *((h.count, h.total, h.peak, dict(h.buckets)) for h in (one.runtime, one.wait)))


def plain(store: Store, span: Span) -> tuple[dict[tuple[str, str], object], list[object]]:
    samples = store.all(span.since, None if span.open else span.until)
    pairs = {pair: told(one) for pair, one in measures.by_pair(samples).items()}
    return pairs, [told(one) for one in measures.by_step(samples, span)]


def as_told(period: Period) -> tuple[dict[tuple[str, str], object], list[object]]:
    return {pair: told(one) for pair, one in period.pairs.items()}, [told(one) for one in period.steps]


def filled(chance: random.Random, now: Micros, days: int) -> Store:
    store = Store()
    for _ in range(400):
        ago = chance.choice((2 * HOUR, DAY, days * DAY))
        store.ran(now - chance.randrange(ago), chance.choice("ab"), chance.choice("XYZ"), chance.randrange(1, 10**8))
    return store


@pytest.mark.parametrize("key", RANGES)
def test_a_range_that_moves_on_has_the_sums_of_what_happened_in_it(key):
    chance, over, kept, now = random.Random(key), RANGES[key], Past(), NOW
    store = filled(chance, now, over.span * over.steps // DAY + 2)
    for gap in (0, SECOND, 40 * SECOND, MINUTE, 3 * MINUTE, over.span, 2 * over.span, 9 * over.span, 20 * HOUR):
        now += gap
        for _ in range(5):
            store.ran(now - chance.randrange(MINUTE), chance.choice("ab"), chance.choice("XYZ"), chance.randrange(1, 10**7))
        span = current(over, now)
        assert as_told(kept.period(store.read, span, now)) == plain(store, span), gap
        before = Span(since=span.since - over.span * over.steps, until=span.since, step=over.span, open=False)
        assert as_told(kept.period(store.read, before, now)) == plain(store, before), gap


def test_of_a_range_that_was_asked_for_only_the_latest_minutes_are_read_again():
    store, kept = filled(random.Random(1), NOW, 100), Past()
    kept.period(store.read, current(RANGES["90d"], NOW), NOW)
    store.asked.clear()
    kept.period(store.read, current(RANGES["90d"], NOW + 2 * SECOND), NOW + 2 * SECOND)
    assert store.asked == [(NOW - NOW % MINUTE - 4 * MINUTE, None)]


def test_when_a_minute_closes_one_minute_more_is_read_and_nothing_older():
    store, kept = filled(random.Random(1), NOW, 100), Past()
    kept.period(store.read, current(RANGES["1h"], NOW), NOW)
    store.asked.clear()
    kept.period(store.read, current(RANGES["1h"], NOW + MINUTE), NOW + MINUTE)
    closed = NOW - NOW % MINUTE - 3 * MINUTE
    assert store.asked[0] == (closed, closed + MINUTE)
    assert len(store.asked) == 2


def test_a_late_figure_is_counted_until_three_minutes_after_its_minute():
    store, kept = Store(), Past()
    minute = NOW - NOW % MINUTE
    span = current(RANGES["1h"], NOW)
    assert kept.period(store.read, span, NOW).pairs == {}
    store.ran(minute - 2 * MINUTE, "a", "X", 5)
    found = kept.period(store.read, current(RANGES["1h"], NOW + SECOND), NOW + SECOND)
    assert found.pairs["a", "X"].completed == 1


def test_cells_that_are_too_many_go_and_are_read_again(monkeypatch):
    monkeypatch.setattr(past, "MOST_PARTS", 10)
    monkeypatch.setattr(past, "MOST_BLOCKS", 2)
    store, kept = filled(random.Random(3), NOW, 100), Past()
    for now in (NOW, NOW + DAY, NOW + 9 * DAY):
        span = current(RANGES["90d"], now)
        assert as_told(kept.period(store.read, span, now)) == plain(store, span)
    assert sum(len(cell) for cell in kept._cells.values()) <= 10


def test_steps_are_cut_where_a_block_begins():
    starts = [step * HOUR for step in range(5, 19)]
    assert [[start // HOUR for start in run] for run in runs_of(starts, HOUR)] == [[5, 6, 7], list(range(8, 16)), [16, 17, 18]]
    assert runs_of([], HOUR) == [[]]
