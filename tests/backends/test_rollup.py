"""Of the sums of a stretch of time those of one queue, or of one class, are found whatever these are called."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.backends.rollup import TEN, Roll, chosen_of, encoded, pairs_of
from horizon.backends.values import Sample
from horizon.core.histogram import Histogram

AT = 20_000 * TEN
NASTY = ["a", "b", "a,b", '"', "\\", '\\"', f'[{AT},"a","b",', '","', "[1,2,3,[]]", "a\u202eb", "🎉", "\ud83d", "a.b|c", "x" * 300]
words = st.sampled_from(NASTY) | st.text(min_size=1, max_size=6)


def roll_of(pairs: list[tuple[str, str]]) -> Roll:
    samples = [
        Sample(minute=AT, queue=queue, name=name, pushed=number, runtime=Histogram.of([number + 1]), wait=Histogram.of([7, 8]))
        for number, (queue, name) in enumerate(pairs)
    ]
    return Roll(span=TEN, at=AT, steps="[]", pairs=zlib.compress(encoded(samples).encode(), 1))


def told(samples: list[Sample]) -> list[tuple[object, ...]]:
    return [(one.minute, one.queue, one.name, one.pushed, one.runtime.encode(), one.wait.encode()) for one in samples]


@given(
    pairs=st.lists(st.tuples(words, words), unique=True, max_size=12),
    queue=st.none() | words,
    names=st.none() | st.lists(words, max_size=3),
)
def test_whatever_is_chosen_is_what_would_be_left_of_all(pairs, queue, names):
    one = roll_of(pairs)
    left = [sample for sample in pairs_of(one) if queue in (None, sample.queue) and (names is None or sample.name in names)]
    assert told(chosen_of(one, queue, names)) == told(left)


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_found_as_a_queue_and_as_a_class(name):
    one = roll_of([(name, "c"), ("q", name), ("q", "c")])
    assert [sample.name for sample in chosen_of(one, name)] == ["c"]
    assert [sample.queue for sample in chosen_of(one, None, (name,))] == ["q"]


def test_of_a_roll_whose_parts_nobody_asked_for_there_is_nothing_to_choose_from():
    assert chosen_of(Roll(span=TEN, at=AT, steps="[]"), "a") == []
