from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from horizon import Job, batch
from horizon.core.errors import InvalidOption
from horizon.core.states import JobState
from horizon.runtime import Runtime
from horizon.testing import freeze, work_all

RAN: list[str] = []


class Reindex(Job):
    def __init__(self, what: str) -> None:
        self.what = what

    def handle(self) -> None:
        RAN.append(self.what)


@pytest.fixture(autouse=True)
def time(here: Runtime) -> Iterator[Any]:
    RAN.clear()
    with freeze() as clock:
        yield clock


def dispatch(what: str, key: str = "shop", **more: Any) -> Any:
    return Reindex(what).debounce(key, 10, **more).dispatch()


def test_of_several_dispatches_only_the_last_one_runs_when_it_has_been_quiet(time: Any) -> None:
    first = dispatch("a")
    time.advance(6)
    second = dispatch("b")
    time.advance(6)
    assert [ran.outcome for ran in work_all()] == ["cancelled"]
    assert first.record().reason == f"replaced by job {second}, which was dispatched later"
    time.advance(4)
    work_all().assert_completed(1)
    assert RAN == ["b"]


def test_keys_are_apart_and_bursts_follow_each_other(time: Any) -> None:
    dispatch("a")
    dispatch("b", key="other")
    time.advance(10)
    work_all().assert_completed(2)
    dispatch("c")
    time.advance(10)
    work_all().assert_completed(1)
    assert sorted(RAN) == ["a", "b", "c"]


def test_a_burst_that_does_not_end_runs_after_its_longest_time(time: Any) -> None:
    for number in range(8):  # at 0, 6, 12 ... 42
        dispatch(str(number), longest=timedelta(seconds=25))
        time.advance(6)
        work_all()
    assert RAN == ["4"]  # the last that was dispatched before 25; a new burst began at 30
    time.advance(10)
    work_all()
    assert RAN == ["4", "7"]


def test_a_later_one_that_was_cancelled_takes_nobodys_place(time: Any) -> None:
    dispatch("a")
    dispatch("b").cancel()
    time.advance(10)
    work_all().assert_completed(1)
    assert RAN == ["a"]


def test_one_that_was_replaced_runs_where_a_person_wants_it(here: Runtime, time: Any) -> None:
    from horizon import JobService

    first = dispatch("a")
    dispatch("b")
    time.advance(10)
    work_all()
    assert JobService.retry(first)
    work_all().assert_completed(1)
    assert RAN == ["b", "a"]
    assert first.record().state is JobState.COMPLETED


@pytest.mark.parametrize("wrong", [("", 10), ("k", 0), ("k" * 151, 10), ("k*", 10)])
def test_what_makes_no_sense_is_refused_where_it_is_written(wrong: Any) -> None:
    with pytest.raises(InvalidOption):
        Reindex("a").debounce(*wrong)
    with pytest.raises(InvalidOption, match="longest"):
        Reindex("a").debounce("k", 10, longest=5)


def test_what_cannot_be_put_together_with_it_is_refused(time: Any) -> None:
    with pytest.raises(InvalidOption, match="leave delay_until"):
        Reindex("a").debounce("k", 10).delay_until(5).dispatch()
    with pytest.raises(InvalidOption, match="jobs on their own"):
        batch([Reindex("a").debounce("k", 10)]).dispatch()
