from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from horizon.worker import pace
from horizon.worker.pace import Pace
from horizon.worker.page import SHELF_TOKENS


def test_the_first_job_is_taken_alone_because_nothing_is_known():
    assert pace.ahead(None, 100) == 1


def test_from_twenty_milliseconds_up_jobs_are_taken_one_at_a_time():
    assert pace.ahead(20_000, 100) == 1
    assert pace.ahead(19_999, 100) > 1


def test_of_jobs_that_take_nothing_as_many_are_taken_as_the_store_likes_and_the_page_holds():
    assert pace.ahead(0, 100) == pace.ahead(5, 100) == 100
    assert pace.ahead(0, 10_000) == pace.MOST
    assert 3 * pace.MOST < SHELF_TOKENS


@given(st.floats(0, 1e9), st.integers(1, pace.MOST))
def test_what_is_reserved_ahead_is_bounded_in_number_and_in_work(mean, most):
    count = pace.ahead(mean, most)
    assert 1 <= count <= most
    assert count == 1 or 50_000 <= (count + 1) * mean <= 200_000 or count == most
    assert count == 1 or count * mean <= 100_000


def test_one_long_job_makes_an_executor_careful_for_a_while_and_not_for_ever():
    measured = Pace()
    for _ in range(20):
        measured.note("short", 1_000)
    measured.note("long", 2_000_000)
    assert pace.ahead(measured.mean, 100) == 1
    steps = 0
    while pace.ahead(measured.mean, 100) == 1:
        measured.note("short", 1_000)
        steps += 1
    assert 5 < steps < 40


def test_a_class_nobody_has_run_is_neither_short_nor_long():
    assert not Pace().short("x")
    assert not Pace().long("x")


def test_classes_are_known_apart_from_each_other():
    measured = Pace()
    measured.note("quick", 100)
    measured.note("slow", 500_000)
    assert (measured.short("quick"), measured.long("quick")) == (True, False)
    assert (measured.short("slow"), measured.long("slow")) == (False, True)


def test_a_first_hint_costs_no_delay_and_useless_ones_cost_more_and_more():
    delays = [pace.pause_after(n) for n in range(12)]
    assert delays[:2] == [0.0, 0.0]
    assert delays == sorted(delays)
    assert 0 < delays[2] < delays[-1] <= 0.05


def test_a_silent_store_is_asked_ever_less_often():
    delays = [pace.retry_after(n) for n in range(12)]
    assert delays == sorted(delays)
    assert delays[0] > 0
    assert delays[-1] == 2.0
