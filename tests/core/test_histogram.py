from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.core.histogram import Histogram, bucket

durations = st.lists(st.integers(1, 10**12), min_size=1, max_size=200)


def test_an_empty_histogram_knows_nothing() -> None:
    empty = Histogram()
    assert (empty.count, empty.mean, empty.percentile(95)) == (0, None, None)


def test_the_mean_is_exact() -> None:
    assert Histogram.of([1_000_000, 3_000_000]).mean == 2.0


@given(durations, st.sampled_from([0, 1, 25, 50, 90, 95, 99, 100]))
def test_percentiles_are_within_five_percent(values: list[int], q: int) -> None:
    exact = sorted(values)[max(1, math.ceil(len(values) * q / 100)) - 1]
    got = Histogram.of(values).percentile(q)
    assert got is not None
    assert got * 1e6 == pytest.approx(exact, rel=0.05, abs=1)


@given(durations, durations)
def test_merging_is_the_same_as_having_counted_everything(one: list[int], other: list[int]) -> None:
    merged = Histogram.of(one).merge(Histogram.of(other))
    both = Histogram.of(one + other)
    assert (merged.buckets, merged.count, merged.total, merged.peak) == (both.buckets, both.count, both.total, both.peak)


@given(st.lists(st.integers(-5, 10**13), max_size=50))
def test_a_histogram_comes_back_from_its_text_as_it_was(values: list[int]) -> None:
    made = Histogram.of(values)
    back = Histogram.decode(made.encode())
    assert (back.buckets, back.count, back.total, back.peak) == (made.buckets, made.count, made.total, made.peak)


def test_no_text_is_an_empty_histogram() -> None:
    assert Histogram.decode(None).count == 0
    assert Histogram.decode("").count == 0


def test_several_at_once_count_several_times() -> None:
    made = Histogram()
    made.add(1000, times=4)
    assert (made.count, made.total) == (4, 4000)


@given(st.integers(-10, 10**15), st.integers(0, 10**15))
def test_longer_durations_are_in_no_lower_bucket(one: int, more: int) -> None:
    assert bucket(one) <= bucket(one + more)
    assert 0 <= bucket(one) <= 320
