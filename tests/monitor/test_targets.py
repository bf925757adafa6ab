"""Time targets: what is attained, what burns, and how many slots would do. All figures by hand."""

from __future__ import annotations

import math

import pytest

from horizon.backends.queueing import QueueSettings
from horizon.core.clock import SECOND
from horizon.core.histogram import GROWTH, Histogram
from horizon.monitor.measures import Sum
from horizon.monitor.targets import Attained, State, Target, attained, in_time, of_queue, slots_needed, standing, target_of

TARGET = Target(within=10 * SECOND, share=0.95)


def waited(*seconds: float, ran: float = 1.0) -> Sum:
    one = Sum()
    one.wait = Histogram.of([round(value * SECOND) for value in seconds])
    one.runtime = Histogram.of([round(ran * SECOND)] * len(seconds))
    one.pushed = len(seconds)
    return one


def test_what_waited_less_is_in_time_and_what_waited_longer_is_not():
    waits = Histogram.of([SECOND] * 90 + [60 * SECOND] * 10)
    assert in_time(waits, 10 * SECOND) == 90
    assert in_time(waits, 60 * SECOND) == 100
    assert in_time(waits, 1_000) == 0


def test_inside_a_bucket_waits_are_taken_as_evenly_spread():
    low, high = GROWTH**100, GROWTH**101
    waits = Histogram.of([math.ceil(low)] * 8 + [10 * SECOND])
    assert in_time(waits, round(low + (high - low) / 4)) == pytest.approx(2, abs=0.01)


def test_a_bucket_ends_at_the_longest_wait_there_was():
    waits = Histogram.of([10 * SECOND] * 4)
    assert in_time(waits, 10 * SECOND) == 4
    assert in_time(waits, 9_999_999) < 4


def test_the_burn_is_how_many_times_the_errors_are_those_that_are_allowed():
    assert attained(Histogram.of([SECOND] * 90 + [60 * SECOND] * 10), TARGET) == Attained(
        started=100, in_time=90.0, share=0.9, burn=pytest.approx(2.0)
    )
    assert attained(Histogram.of([SECOND] * 95 + [60 * SECOND] * 5), TARGET).burn == pytest.approx(1.0)
    assert attained(Histogram.of([SECOND]), TARGET).burn == 0
    assert attained(Histogram(), TARGET) == Attained()


@pytest.mark.parametrize(
    ("hour", "day", "oldest", "state"),
    [
        ([1] * 99 + [60], [1] * 99 + [60], None, State.MET),
        ([1] * 9 + [60] * 3, [1] * 99, None, State.BURNING),
        ([1] * 3 + [60] * 3, [1] * 99, None, State.MET),  # too few to say
        ([1] * 20, [1] * 20 + [60] * 5, None, State.MISSED),
        ([], [], None, State.IDLE),
        ([], [], 9.0, State.IDLE),
        ([], [], 11.0, State.BURNING),  # nothing starts, and one waits for too long
        ([1] * 20, [1] * 20, 11.0, State.BURNING),
    ],
)
def test_how_a_target_stands(hour, day, oldest, state):
    assert standing(TARGET, waited(*hour), waited(*day), oldest=oldest).state is state


def test_with_one_slot_the_wait_is_that_of_the_formula_for_one_server():
    # M/M/1 at a load of a half: P(wait > t) = 0.5 × exp(-t / 2) for a mean runtime of one second
    borderline = 2 * math.log(0.5 / 0.05)
    assert slots_needed(0.5, 1.0, Target(within=round((borderline + 0.01) * SECOND), share=0.95)) == 1
    assert slots_needed(0.5, 1.0, Target(within=round((borderline - 0.01) * SECOND), share=0.95)) == 2


def test_with_two_slots_at_a_load_of_one_a_third_of_the_jobs_wait():
    # Erlang's second formula: C(2, 1) = 1/3, and a third × exp(-t) wait for longer than t
    assert slots_needed(1.0, 1.0, Target(within=1, share=0.66)) == 2
    assert slots_needed(1.0, 1.0, Target(within=1, share=0.67)) == 3


def test_there_are_always_more_slots_than_jobs_that_run_at_a_time():
    assert slots_needed(10.0, 2.0, Target(within=3600 * SECOND, share=0.5)) == 21
    assert slots_needed(0.0, 1.0, TARGET) == 1
    assert slots_needed(1e6, 1.0, TARGET) is None


def test_the_hour_says_how_much_arrives_and_how_long_it_runs():
    hour = waited(*[0.1] * 3600, ran=2.0)  # one a second, two seconds each: two run at a time
    assert standing(Target(within=60 * SECOND, share=0.95), hour, hour, oldest=None).slots_needed == 3
    hour.pushed = 7200  # more comes than starts
    assert standing(Target(within=60 * SECOND, share=0.95), hour, hour, oldest=None).slots_needed == 5


def test_a_queue_without_a_target_or_with_one_that_was_lifted_has_none():
    assert target_of(QueueSettings(name="mails")) is None
    assert target_of(QueueSettings(name="mails", start_within=10**15)) is None
    found = of_queue(QueueSettings(name="mails", start_within=10 * SECOND), {}, oldest=None)
    assert found is not None
    assert (found.target, found.state, found.slots_needed) == (TARGET, State.IDLE, None)
