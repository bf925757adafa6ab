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


def parts(key: str, row: list[int]) -> Sample:
    return Sample(minute=0, queue=key, name="n", completed=sum(row))


def both(one: Sample, other: Sample) -> Sample:
    return Sample(minute=0, queue=one.queue, name="n", completed=one.completed + other.completed)


def test_of_a_row_to_which_parts_were_added_only_these_are_taken_apart():
    kept, taken = Brought(), []

    def make(key: str, row: list[int]) -> Sample:
        taken.extend(row)
        return parts(key, row)

    kept.samples({"a": [1, 5]}, make, plus=both)
    (grown,) = kept.samples({"a": [1, 5, 7]}, make, plus=both)
    assert (grown.completed, taken) == (13, [1, 5, 7])


def test_a_row_whose_parts_are_others_than_before_is_made_anew():
    kept = Brought()
    kept.samples({"a": [1, 5]}, parts, plus=both)
    for row in ([2, 5, 7], [5, 1, 7], [1], [6, 7]):
        assert kept.samples({"a": row}, parts, plus=both)[0].completed == sum(row)
