"""What is over is read once; whatever is kept, the sums are those of all samples."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import cast

import pytest

from horizon.backends.nouns import Numbers
from horizon.backends.retention import Retention
from horizon.backends.rollup import LEVELS, TEN, Roll, roll
from horizon.backends.values import Sample
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, Micros, monotonic
from horizon.core.errors import BackendUnavailable
from horizon.core.histogram import Histogram
from horizon.monitor import measures, past, tail
from horizon.monitor.chosen import ALL, Choice, Chosen
from horizon.monitor.history import RANGES
from horizon.monitor.past import Past, Period, cover, cut, runs_of
from horizon.monitor.patience import Patience, Unfinished
from horizon.monitor.span import Span
from horizon.monitor.trends import current

NOW: Micros = 20_000 * DAY + 17 * HOUR + 23 * MINUTE + 11 * SECOND


class Store:
    """Minutes of a few queues and classes, as a store keeps them, and how often it was asked."""

    def __init__(self) -> None:
        self.durations: dict[tuple[Micros, str, str], list[int]] = {}
        self.asked: list[tuple[Micros, Micros | None]] = []
        self.rolls: list[Roll] = []
        self.rows = 0
        """How many were read, of samples and of sums."""

    def ran(self, at: Micros, queue: str, name: str, micros: int) -> None:
        self.durations.setdefault((at - at % MINUTE, queue, name), []).append(micros)

    def samples(self, since: Micros, until: Micros | None, *, queue: str | None = None, name: str | None = None) -> list[Sample]:
        self.asked.append((since, until))
        found = [one for one in self.all(since, until) if queue in (None, one.queue) and name in (None, one.name)]
        self.rows += len(found)
        return found

    def latest(self, since: Micros) -> list[Sample]:
        return self.samples(since, None)

    def rolled(self, span: Micros, since: Micros, until: Micros, *, pairs: bool) -> Sequence[Roll]:
        found = [one for one in self.rolls if one.span == span and since <= one.at < until]
        self.rows += len(found)
        return [one if pairs else replace(one, pairs=b"") for one in found]

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
            for (at, queue, name), ran in sorted(self.durations.items())
            if at >= since and (until is None or at < until)
        ]


class Shelf:
    """Writes the sums of such a store, as a tick does."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def newest(self, span: Micros) -> Micros | None:
        return max((one.at for one in self.store.rolls if one.span == span), default=None)

    def oldest_sample(self) -> Micros | None:
        return min((at for at, _, _ in self.store.durations), default=None)

    def read(self, span: Micros, since: Micros, until: Micros) -> Sequence[Roll]:
        return [one for one in self.store.rolls if one.span == span and since <= one.at < until]

    def samples(self, since: Micros, until: Micros) -> Sequence[Sample]:
        return self.store.all(since, until)

    def write(self, rolls: Sequence[Roll]) -> None:
        self.store.rolls += rolls

    def forget(self, span: Micros, before: Micros, after: Micros) -> None:
        self.store.rolls = [one for one in self.store.rolls if one.span != span or before <= one.at <= after]


def source(store: Store, **choice: object) -> Chosen:
    return Chosen(numbers=cast(Numbers, store), choice=Choice(**choice))  # type: ignore[arg-type]


def gather(store: Store, now: Micros) -> None:
    while roll(Shelf(store), now, Retention.default())[1]:
        pass


def told(one: object) -> object:
    assert isinstance(one, (measures.Sum, Sample))
    counted = (one.pushed, one.completed, one.failed, one.cancelled, one.retried, one.memory_kb)
    return (*counted, *((h.count, h.total, h.peak, dict(h.buckets)) for h in (one.runtime, one.wait)))


def plain(store: Store, span: Span, choice: Choice = ALL) -> tuple[dict[tuple[str, str], object], list[object]]:
    samples = [
        one
        for one in store.all(span.since, None if span.open else span.until)
        if choice.queue in (None, one.queue) and (choice.names is None or one.name in choice.names)
    ]
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


@pytest.mark.parametrize("summed", [False, True])
@pytest.mark.parametrize("key", RANGES)
def test_a_range_that_moves_on_has_the_sums_of_what_happened_in_it(key, summed):
    chance, over, kept, now = random.Random(key), RANGES[key], Past(), NOW
    store = filled(chance, now, over.span * over.steps // DAY + 2)
    for gap in (0, SECOND, 40 * SECOND, MINUTE, 3 * MINUTE, over.span, 2 * over.span, 9 * over.span, 20 * HOUR):
        now += gap
        for _ in range(5):
            store.ran(now - chance.randrange(MINUTE), chance.choice("ab"), chance.choice("XYZ"), chance.randrange(1, 10**7))
        if summed and chance.random() < 0.7:
            gather(store, now)
        span = current(over, now)
        assert as_told(kept.period(source(store), span, now)) == plain(store, span), gap
        before = Span(since=span.since - over.span * over.steps, until=span.since, step=over.span, open=False)
        assert as_told(kept.period(source(store), before, now)) == plain(store, before), gap


CHOICES = {"a queue": {"queue": "a"}, "a class": {"names": ("X", "Z")}, "both": {"queue": "b", "names": ("Y",)}, "none": {"names": ()}}


@pytest.mark.parametrize("chosen", CHOICES.values(), ids=CHOICES)
@pytest.mark.parametrize("key", RANGES)
def test_of_one_queue_or_class_the_sums_are_those_of_what_happened_there(key, chosen):
    chance, over, kept, now, choice = random.Random(key), RANGES[key], Past(), NOW, Choice(**chosen)
    store = filled(chance, now, over.span * over.steps // DAY + 2)
    for gap in (0, 40 * SECOND, 3 * MINUTE, 2 * over.span, 20 * HOUR):
        now += gap
        for _ in range(5):
            store.ran(now - chance.randrange(MINUTE), chance.choice("ab"), chance.choice("XYZ"), chance.randrange(1, 10**7))
        if chance.random() < 0.8:
            gather(store, now)
        span = current(over, now)
        expected = plain(store, span, choice)
        assert as_told(kept.period(source(store, **chosen), span, now)) == expected, gap
        assert as_told(Past().period(source(store, **chosen), span, now, pairs=False))[1] == expected[1], gap
        everything = told(measures.total(kept.period(source(store, **chosen), span, now).pairs.values()))
        assert told(kept.total(source(store, **chosen), span, now)) == told(Past().total(source(store, **chosen), span, now)) == everything


def test_of_one_class_over_many_days_few_samples_are_read():
    store = filled(random.Random(1), NOW, 100)
    gather(store, NOW)
    store.rows = 0
    Past().period(source(store, names=("X",)), current(RANGES["90d"], NOW), NOW)
    samples = sum(len([one for one in store.all(since, until) if one.name == "X"]) for since, until in store.asked)
    assert store.rows - samples < 150
    assert samples < 10


@pytest.mark.parametrize("key", RANGES)
def test_the_sum_of_all_is_told_from_few_rows_however_many_classes_there_are(key):
    store, over = Store(), RANGES[key]
    for name in range(50):
        for ago in range(0, 3 * HOUR, 10 * MINUTE):
            store.ran(NOW - ago, "a", str(name), 1000)
    gather(store, NOW)
    store.rows = 0
    span = current(over, NOW)
    found = Past().period(source(store), span, NOW, pairs=False)
    assert (found.pairs, [told(one) for one in found.steps]) == ({}, plain(store, span)[1])
    open_minutes = {at for at, _, _ in store.durations if at >= NOW - NOW % MINUTE - 4 * MINUTE or at >= NOW - NOW % TEN - TEN}
    assert store.rows <= over.steps + len(LEVELS) * 10 + 50 * 2 * len(open_minutes)


def test_sums_of_each_class_over_many_days_are_told_from_few_pieces():
    store = filled(random.Random(1), NOW, 100)
    gather(store, NOW)
    store.rows = 0
    kept = Past()
    kept.period(source(store), current(RANGES["90d"], NOW), NOW)
    samples = sum(len(store.all(since, until)) for since, until in store.asked)
    assert store.rows - samples < 150
    assert samples < 20


def test_of_a_range_that_was_asked_for_only_the_latest_minutes_are_read_again():
    store, kept = filled(random.Random(1), NOW, 100), Past()
    kept.period(source(store), current(RANGES["90d"], NOW), NOW)
    store.asked.clear()
    kept.period(source(store), current(RANGES["90d"], NOW + 2 * SECOND), NOW + 2 * SECOND)
    assert store.asked == [(NOW - NOW % MINUTE - MINUTE, None)]


def test_when_a_minute_closes_the_latest_minutes_are_read_and_nothing_older():
    store, kept = filled(random.Random(1), NOW, 100), Past()
    kept.period(source(store), current(RANGES["1h"], NOW), NOW)
    store.asked.clear()
    kept.period(source(store), current(RANGES["1h"], NOW + MINUTE), NOW + MINUTE)
    closed = NOW - NOW % MINUTE - 3 * MINUTE
    assert store.asked == [(closed, None)]


def test_a_late_figure_is_counted_until_three_minutes_after_its_minute():
    store, kept = Store(), Past()
    minute = NOW - NOW % MINUTE
    span = current(RANGES["1h"], NOW)
    assert kept.period(source(store), span, NOW).pairs == {}
    store.ran(minute - 2 * MINUTE, "a", "X", 5)
    found = kept.period(source(store), current(RANGES["1h"], NOW + 20 * SECOND), NOW + 20 * SECOND)
    assert found.pairs["a", "X"].completed == 1


def test_of_the_minutes_that_are_over_only_the_latest_is_read_each_time():
    store, kept = filled(random.Random(1), NOW, 3), Past()
    minute = NOW - NOW % MINUTE
    for now in (NOW, NOW + 19 * SECOND, NOW + 20 * SECOND, NOW + MINUTE):
        kept.period(source(store), current(RANGES["24h"], now), now)
    assert [(since - minute) // MINUTE for since, until in store.asked if until is None] == [-4, -1, -4, -3]


def test_cells_that_are_too_many_go_and_are_read_again(monkeypatch):
    monkeypatch.setattr(past, "MOST_PARTS", 10)
    monkeypatch.setattr(past, "MOST_TOTALS", 20)
    store, kept = filled(random.Random(3), NOW, 100), Past()
    for now in (NOW, NOW + DAY, NOW + 9 * DAY):
        span = current(RANGES["90d"], now)
        assert as_told(kept.period(source(store), span, now)) == plain(store, span)
    assert sum(len(cell) for cell in kept._cells.values()) <= 10


def test_a_stretch_is_covered_with_the_fewest_pieces():
    ten = 19_990 * DAY
    since, until = ten - DAY - 7 * HOUR, ten + 11 * DAY + 6 * HOUR + HOUR + 20 * MINUTE + MINUTE
    pieces = cover(since, until)
    assert [span for span, _ in pieces] == [HOUR, 6 * HOUR, DAY, 10 * DAY, DAY, 6 * HOUR, HOUR, TEN, TEN, MINUTE]
    assert [at for _, at in pieces] == [since, *(at + span for span, at in pieces[:-1])]
    assert cover(until, until) == []


def test_a_piece_of_which_no_sum_is_kept_is_cut_into_steps():
    assert cut((HOUR, 5 * HOUR), 6 * HOUR) == [(HOUR, 5 * HOUR)]
    assert cut((6 * HOUR, 6 * HOUR), HOUR) == [(HOUR, at * HOUR) for at in range(6, 12)]


def test_pieces_that_follow_each_other_are_one_question():
    assert runs_of([5, 6, 8, 9, 11], 1) == [[5, 6], [8, 9], [11]]


def test_the_sum_of_a_minute_grows_by_what_has_changed_in_it_and_is_added_up_anew_where_something_became_less():
    def cell(**ran: list[int]) -> dict[tuple[str, str], measures.Sum]:
        store = Store()
        for name, durations in ran.items():
            for micros in durations:
                store.ran(NOW, "a", name, micros)
        return {("a", sample.name): measures.gathered([sample]) for sample in store.all(0, None)}

    before = cell(X=[5], Y=[7, 8])
    known = measures.total(before.values())
    after = {**before, **cell(X=[5, 90], Z=[3])}
    found = tail.grown(known, before, after)
    assert found is not None
    assert told(found) == told(measures.total(after.values()))
    assert tail.grown(known, before, dict(before)) is known
    assert tail.grown(known, before, cell(X=[5])) is None
    assert tail.grown(known, before, cell(X=[5], Y=[7])) is None


def test_latest_minutes_that_somebody_read_since_will_do_and_no_older_ones():
    store, shared, now = filled(random.Random(5), NOW, 1), tail.Tail(), NOW
    moment = shared.renew(store.latest, now)
    asked = len(store.asked)
    assert shared.renew(store.latest, now + SECOND, asked=0) is moment
    assert len(store.asked) == asked
    assert shared.renew(store.latest, now + MINUTE, asked=0) is not moment
    assert shared.renew(store.latest, now + MINUTE, asked=monotonic()) is not moment
    assert len(store.asked) == asked + 2


def test_after_a_read_that_failed_all_of_the_latest_minutes_are_read():
    store, kept = Store(), tail.Tail()
    store.ran(NOW - 2 * MINUTE, "a", "X", 5)
    with pytest.raises(BackendUnavailable):
        kept.renew(away, NOW)
    assert kept.renew(store.latest, NOW + SECOND).cell(NOW - NOW % MINUTE - 2 * MINUTE).keys() == {("a", "X")}


def away(since: Micros) -> list[Sample]:
    raise BackendUnavailable("away")


@pytest.mark.parametrize("chosen", [{"queue": "a"}, {"names": ("X", "Y")}, {"queue": "b", "names": ("Z",)}, {}])
def test_what_was_chosen_comes_out_of_minutes_that_were_read_for_all(chosen):
    store, shared = filled(random.Random(6), NOW, 1), tail.Tail()
    over, choice = current(RANGES["1h"], NOW), Choice(**chosen)
    whole = Chosen(numbers=cast(Numbers, store), choice=choice, whole=True)
    assert as_told(Past(shared).period(whole, over, NOW)) == plain(store, over, choice)
    assert told(Past(shared).total(whole, over, NOW)) == told(measures.total(plain_samples(store, over, choice)))


def plain_samples(store: Store, span: Span, choice: Choice) -> list[Sample]:
    found = store.all(span.since, None)
    return [one for one in found if choice.queue in (None, one.queue) and (choice.names is None or one.name in choice.names)]


def portions(store: Store, read: Callable[[], object]) -> list[int]:
    """How many rows each answer read, until one was whole."""
    rows = []
    for _ in range(300):
        store.rows = 0
        with suppress(Unfinished):
            read()
            break
        rows.append(store.rows)
    return rows


@pytest.mark.parametrize("chosen", [{}, {"queue": "a"}, {"names": ("X", "Y")}])
@pytest.mark.parametrize("summed", [False, True])
@pytest.mark.parametrize("key", RANGES)
def test_a_first_look_in_portions_reads_little_at_a_time_and_comes_to_the_same(key, summed, chosen):
    over, now = RANGES[key], NOW
    store, kept = filled(random.Random(key), now, 100), Past()
    if summed:
        gather(store, now)
    span, asked = current(over, now), source(store, **chosen)
    before = Span(since=span.since - over.span * over.steps, until=span.since, step=over.span, open=False)

    def look() -> list[Period]:
        patience = Patience(12)
        return [kept.period(asked, one, now, patience=patience) for one in (span, before)]

    assert portions(store, look)
    found = look()
    assert as_told(found[0]) == plain(store, span, asked.choice)
    assert as_told(found[1]) == plain(store, before, asked.choice)


@pytest.mark.parametrize("chosen", [{}, {"queue": "a"}])
def test_a_minute_that_is_over_for_good_is_taken_from_what_was_read_of_the_latest(chosen):
    store, kept, now = filled(random.Random(8), NOW, 1), Past(), NOW
    asked = source(store, **chosen)
    gather(store, now)
    kept.period(asked, current(RANGES["1h"], now), now)
    for _ in range(3):
        now += MINUTE
        store.ran(now - 3 * MINUTE, "a", "X", 900)  # what comes late is counted
        store.ran(now, "a", "X", 700)
        store.asked.clear()
        span = current(RANGES["1h"], now)
        assert as_told(kept.period(asked, span, now)) == plain(store, span, asked.choice)
        assert [until for _, until in store.asked] == [None]


def test_steps_of_a_queue_come_in_portions_too_where_nobody_asks_what_each_class_did():
    store, kept = filled(random.Random(9), NOW, 100), Past()
    gather(store, NOW)
    span, asked = current(RANGES["90d"], NOW), source(store, queue="a")
    rows = portions(store, lambda: kept.period(asked, span, NOW, pairs=False, patience=Patience(3)))
    found = kept.period(asked, span, NOW, pairs=False, patience=Patience(3))
    assert as_told(found)[1] == plain(store, span, asked.choice)[1]
    assert len(rows) > 3
    assert max(rows) <= 60


def test_what_was_read_before_patience_ended_is_not_read_again():
    store, kept = filled(random.Random(7), NOW, 100), Past()
    gather(store, NOW)
    span = current(RANGES["90d"], NOW)
    rows = portions(store, lambda: kept.period(source(store), span, NOW, patience=Patience(6)))
    store.rows, others = 0, Past()
    others.period(source(store), span, NOW)
    assert len(rows) > 3
    assert max(rows) < store.rows / 3
