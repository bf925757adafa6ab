from __future__ import annotations

import pytest

from horizon.backends.base import Backend
from horizon.backends.connect import connect
from horizon.backends.values import StoreOptions
from horizon.core.clock import DAY, HOUR, SECOND, ManualClock
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.monitor.history import RANGES, first_step
from horizon.monitor.trends import Pasts
from tests.stores.lending import fresh

NOW = 1_700_000_000 * SECOND


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def store(clock: ManualClock) -> Backend:
    return connect(fresh(), StoreOptions(clock=clock))


def push(store: Backend, count: int, *, queue: str = "mail", name: str = "x") -> None:
    store.push([Envelope(id=uuid7(), name=name, queue=queue, payload=b"{}") for _ in range(count)])


@pytest.mark.parametrize("over", RANGES.values(), ids=RANGES)
def test_every_range_ends_with_the_step_that_is_going_on(store, over):
    made = Pasts().of_queue(store, "mail", over, NOW)
    assert len(made) == over.steps
    assert made[0].at == first_step(over, NOW)
    assert made[-1].at <= NOW < made[-1].at + over.span
    assert all(step.at % over.span == 0 for step in made)


def test_classes_and_minutes_add_up_within_their_step(store, clock):
    clock.at += HOUR - clock.at % HOUR
    push(store, 5)
    clock.advance(90)
    push(store, 6, name="y")
    clock.advance(3600)
    push(store, 3)
    push(store, 2, name="y")
    found = Pasts().of_queue(store, "mail", RANGES["24h"], clock())
    assert [step.entered for step in found[-3:]] == [0, 11, 5]
    assert sum(step.entered for step in found) == 16


def test_what_lies_outside_of_the_range_is_left_out(store, clock):
    push(store, 9)
    clock.at += 2 * DAY
    assert sum(step.entered for step in Pasts().of_queue(store, "mail", RANGES["24h"], clock())) == 0


def test_it_is_read_of_one_queue_alone(store):
    push(store, 2)
    push(store, 5, queue="other")
    assert sum(step.entered for step in Pasts().of_queue(store, "mail", RANGES["1h"], NOW)) == 2
