from __future__ import annotations

from dataclasses import replace

import pytest

from horizon.backends.connect import connect
from horizon.backends.values import Sample, StoreOptions
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, ManualClock
from horizon.core.envelope import Envelope
from horizon.core.histogram import Histogram
from horizon.core.ids import uuid7
from horizon.monitor.history import RANGES, first_step, read, steps
from tests.stores.lending import fresh

NOW = 1_700_000_000 * SECOND


def sample(ago: int, **more: object) -> Sample:
    return replace(Sample(minute=NOW - ago, queue="mail", name="x"), **more)


@pytest.mark.parametrize("over", RANGES.values(), ids=RANGES)
def test_every_range_ends_with_the_step_that_is_going_on(over):
    made = steps([], over, NOW)
    assert len(made) == over.steps
    assert made[0].at == first_step(over, NOW)
    assert made[-1].at <= NOW < made[-1].at + over.span
    assert all(step.at % over.span == 0 for step in made)


def test_classes_and_minutes_add_up_within_their_step():
    found = steps(
        [
            sample(0, pushed=3, completed=1),
            sample(0, name="y", pushed=2, failed=4),
            sample(HOUR, completed=5, wait=Histogram.of([2_000_000])),
            sample(HOUR + MINUTE, completed=6, wait=Histogram.of([4_000_000])),
        ],
        RANGES["24h"],
        NOW,
    )
    assert (found[-1].entered, found[-1].completed, found[-1].failed) == (5, 1, 4)
    assert (found[-2].completed, found[-2].wait.count) == (11, 2)
    assert sum(step.completed for step in found) == 12


def test_what_lies_outside_of_the_range_is_left_out():
    assert sum(step.completed for step in steps([sample(2 * DAY, completed=9), sample(-DAY, completed=9)], RANGES["24h"], NOW)) == 0


def test_it_is_read_of_one_queue_alone():
    clock = ManualClock(NOW)
    store = connect(fresh(), StoreOptions(clock=clock))
    for queue, count in (("mail", 2), ("other", 5)):
        store.push([Envelope(id=uuid7(), name="x", queue=queue, payload=b"{}") for _ in range(count)])
    assert sum(step.entered for step in read(store, "mail", RANGES["1h"], NOW)) == 2
