from __future__ import annotations

import random
from dataclasses import replace

import pytest

from horizon.backends.values import Sample
from horizon.core.clock import MINUTE, SECOND
from horizon.core.histogram import Histogram
from horizon.monitor import window as window_module
from horizon.monitor.window import LATEST, MINUTES, SETTLED, Window, first_minute, minute_of, rate

NOW = 1_700_000_040 * SECOND
"""The start of a minute."""


def sample(minutes_ago: int, completed: int = 1, failed: int = 0, queue: str = "mail") -> Sample:
    return Sample(
        minute=minute_of(NOW) - minutes_ago * MINUTE,
        queue=queue,
        name="x",
        completed=completed,
        failed=failed,
        runtime=Histogram.of([1000]),
    )


def completed(window: Window) -> int:
    return sum(sum(tally.completed.values()) for tally in window.tallies.values())


def test_the_window_is_sixty_minutes_the_current_one_included():
    assert first_minute(NOW) == NOW - 59 * MINUTE
    assert first_minute(NOW + MINUTE - 1) == NOW - 59 * MINUTE


def test_the_first_time_the_whole_hour_is_asked_for_and_then_only_what_may_still_change():
    window = Window()
    assert window.since(NOW) == first_minute(NOW)
    window.take([], NOW)
    assert window.since(NOW + 19 * SECOND) == NOW - MINUTE
    assert window.since(NOW + 20 * SECOND) == NOW - SETTLED
    assert window.since(NOW + MINUTE) == NOW - SETTLED
    assert window.since(NOW + 300 * MINUTE) == first_minute(NOW + 300 * MINUTE)


def test_when_the_stores_clock_went_back_the_whole_hour_is_asked_for_again():
    window = Window()
    window.take([], NOW)
    assert window.since(NOW - SECOND) == first_minute(NOW - SECOND)


def test_reading_again_counts_nothing_twice_and_takes_in_what_came_late():
    window = Window()
    window.take([sample(10, 5), sample(1, 2), sample(0, 1)], NOW)
    assert completed(window) == 8
    window.take([sample(1, 4), sample(0, 3)], NOW + SECOND)
    assert completed(window) == 12


def test_samples_before_what_was_asked_for_are_left_alone():
    window = Window()
    window.take([sample(10, 5)], NOW)
    window.take([sample(10, 5), sample(0, 1)], NOW)
    assert completed(window) == 6


def test_what_is_older_than_an_hour_drops_out():
    window = Window()
    window.take([sample(59, 7), sample(0, 1)], NOW)
    assert completed(window) == 8
    window.take([sample(0, 1)], NOW + MINUTE)
    assert completed(window) == 1


def test_figures_of_one_minute_add_up_over_queues_and_classes():
    window = Window()
    window.take([sample(0, 1, 2), sample(0, 3, 4), sample(0, 5, 0, "reports")], NOW)
    tally = window.tallies[NOW]
    assert tally.completed == {"mail": 4, "reports": 5}
    assert tally.failed == {"mail": 6}
    assert window.runtime().count == 3


@pytest.mark.parametrize(("into", "expected"), [(0, 60), (15, 45), (30, 30), (59, 1)])
def test_the_rate_counts_the_share_of_the_minute_before_that_is_less_than_a_minute_ago(into, expected):
    assert rate(60, 0, NOW + into * SECOND) == pytest.approx(expected)
    assert rate(0, 7, NOW + into * SECOND) == 7


def test_the_hour_has_sixty_minutes():
    assert MINUTES == 60


def test_flows_tell_what_came_and_what_ended_on_each_queue_in_each_minute_however_the_hour_was_read():
    draw, kept, now, past = random.Random(3), Window(), NOW, {}
    for _ in range(40):
        now += draw.choice((1, 7, 25, 70)) * SECOND
        for _ in range(3):
            made = replace(
                sample(0, draw.randrange(5), draw.randrange(3), draw.choice("ab")), minute=minute_of(now), pushed=draw.randrange(4)
            )
            past[len(past)] = made
        kept.take([one for one in past.values() if one.minute >= kept.since(now)], now)
        pushed, ended = kept.flows(now)
        for queue in "ab":
            of = [
                [one for one in past.values() if one.queue == queue and one.minute == first_minute(now) + at * MINUTE] for at in range(60)
            ]
            assert pushed.get(queue, [0] * 60) == [sum(one.pushed for one in few) for few in of]
            assert ended.get(queue, [0] * 60) == [sum(one.completed + one.failed for one in few) for few in of]


def test_minutes_that_are_over_are_looked_through_once_for_all_queues(monkeypatch):
    looked, every = [], window_module.sheets
    monkeypatch.setattr(window_module, "sheets", lambda tallies: looked.append(len(tallies)) or every(tallies))
    window = Window()
    window.take([sample(10), sample(1), sample(0)], NOW)
    window.flows(NOW)
    for second in range(5):
        window.take([sample(1), sample(0, second)], NOW + second * SECOND)
        window.flows(NOW + second * SECOND)
    assert sum(looked) == MINUTES + 5 * LATEST
