from __future__ import annotations

from horizon.backends.values import Ticked
from horizon.schedule.housekeeping import sweep


class Store:
    """A store whose ticks say what they were told to say."""

    def __init__(self, *more: bool) -> None:
        self.more = list(more)
        self.ticks = 0

    def tick(self) -> Ticked:
        self.ticks += 1
        return Ticked(more=self.more.pop(0) if self.more else False)


def test_one_tick_is_enough_where_nothing_is_left_over():
    assert len(sweep(Store(False))) == 1


def test_it_ticks_again_at_once_while_something_is_left_over():
    store = Store(True, True, True, False, True)
    sweep(store)
    assert store.ticks == 4


def test_it_ends_after_one_tick_when_its_time_is_up():
    store = Store(*[True] * 1000)
    sweep(store, budget=0)
    assert store.ticks == 1


def test_it_ends_when_somebody_wants_to_stop():
    store = Store(*[True] * 1000)
    sweep(store, stopped=lambda: store.ticks >= 3)
    assert store.ticks == 3
