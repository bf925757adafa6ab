"""Samples that come again as they were are not made anew."""

from __future__ import annotations

from horizon.backends import brought
from horizon.backends.brought import Brought
from horizon.backends.values import Sample


def make(key: str, row: list[int]) -> Sample:
    return Sample(minute=row[0], queue=key, name="n", completed=row[1])


def test_a_row_that_is_equal_brings_the_very_same_sample_and_one_that_changed_another():
    kept = Brought()
    first = kept.samples({"a": [1, 5], "b": [1, 6]}, make)
    again = kept.samples({"a": [1, 5], "b": [1, 7], "c": [2, 1]}, make)
    assert again[0] is first[0]
    assert [(one.queue, one.completed) for one in again] == [("a", 5), ("b", 7), ("c", 1)]


def test_only_those_of_the_latest_question_are_remembered():
    kept = Brought()
    (first,) = kept.samples({"a": [1, 5]}, make)
    kept.samples({"b": [1, 5]}, make)
    assert kept.samples({"a": [1, 5]}, make)[0] is not first


def test_of_a_long_time_nothing_is_remembered(monkeypatch):
    monkeypatch.setattr(brought, "MOST", 1)
    kept, rows = Brought(), {"a": [1, 5], "b": [1, 6]}
    assert kept.samples(rows, make)[0] is not kept.samples(rows, make)[0]
