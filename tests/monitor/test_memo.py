"""A sum is gathered anew only where one of its parts is another."""

from __future__ import annotations

from horizon.backends.values import Sample
from horizon.core.histogram import Histogram
from horizon.monitor.measures import Sum, gathered
from horizon.monitor.memo import Memo


def part(micros: int) -> Sum:
    return gathered([Sample(minute=0, queue="q", name="n", completed=1, runtime=Histogram.of([micros]))])


def test_of_the_very_same_parts_the_sum_is_the_very_same_with_what_was_reckoned_of_it():
    memo, one, two, three = Memo(), part(10), part(20), part(30)
    before = memo.gathered("queue", {"a": [one, two], "b": [three]})
    after = memo.gathered("queue", {"a": [one, two], "b": [three, one]})
    assert after["a"] is before["a"]
    assert after["a"].timings is before["a"].timings
    assert (after["b"].completed, after["b"].runtime.count, after["b"].runtime.total) == (2, 2, 40)


def test_an_equal_part_that_is_another_and_fewer_parts_make_another_sum():
    memo, one, two = Memo(), part(10), part(20)
    before = memo.gathered("queue", {"a": [one, two]})["a"]
    assert memo.gathered("queue", {"a": [one, part(20)]})["a"] is not before
    assert memo.gathered("queue", {"a": [one]})["a"].completed == 1


def test_what_was_not_asked_for_the_last_time_is_forgotten_and_kinds_do_not_meet():
    memo, one, two, three = Memo(), part(10), part(20), part(30)
    queue = memo.gathered("queue", {"a": [one, two]})["a"]
    assert memo.gathered("class", {"a": [two, three]})["a"].runtime.total == 50
    assert memo.gathered("queue", {"a": [one, two]})["a"] is queue
    memo.gathered("queue", {})
    assert memo.gathered("queue", {"a": [one, two]})["a"] is not queue
