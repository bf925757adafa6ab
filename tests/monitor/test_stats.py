from __future__ import annotations

import re
import threading

import pytest

from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from horizon.monitor.stats import Stats
from tests.shop import Shop


class Counting:
    """A store that counts its answers, by name, and can be made to fail."""

    def __init__(self, store, tally: dict[str, int], path: str = "") -> None:
        self._store, self._tally, self._path = store, tally, path
        self.dead = False

    def __getattr__(self, name):
        if self.dead and name != "close":
            raise BackendUnavailable("gone")
        found = getattr(self._store, name)
        if name in ("numbers", "queues", "sessions"):
            return Counting(found, self._tally, f"{name}.")
        if callable(found):
            self._tally[self._path + name] = self._tally.get(self._path + name, 0) + 1
        return found


@pytest.fixture
def tally(shop: Shop) -> dict[str, int]:
    """How often the default store was asked what."""
    made: dict[str, int] = {}
    shop.stores["default"] = Counting(shop.stores["default"], made)
    return made


def test_the_figures_come_from_the_stores(shop: Shop):
    shop.push(4)
    shop.worker()
    shop.run(2)
    shop.run(1, Kind.FAILED)
    shop.push(1, connection="archive", queue="old")
    figures = Stats(shop).overview()
    assert figures.status == "running"
    assert (figures.counts[JobState.COMPLETED], figures.counts[JobState.FAILED], figures.counts[JobState.PENDING]) == (2, 1, 2)
    assert {(row.name, row.connection) for row in figures.queues} == {("mail", "default"), ("old", "archive")}
    assert [(cause.type, cause.count) for cause in figures.causes] == [("SMTPError", 1)]
    assert figures.jobs_past_hour == 3
    assert [worker.info.id for worker in figures.workers] == ["w1"]


def test_figures_move_with_the_hour(shop: Shop, clock):
    stats = Stats(shop)
    shop.push(2)
    shop.run(1)
    assert stats.overview().jobs_past_hour == 1
    clock.advance(1800)
    shop.run(1)
    assert stats.overview().jobs_past_hour == 2
    clock.advance(1860)
    shop.push(1)
    assert stats.overview().jobs_past_hour == 1


def test_while_nothing_changes_many_viewers_cost_what_one_does(shop: Shop, tally):
    stats = Stats(shop)
    stats.overview()
    asked = dict(tally)
    for _ in range(50):
        stats.overview()
    assert {name: count - asked[name] for name, count in tally.items() if count != asked[name]} == {"version": 50}


def test_a_change_is_seen_at_once(shop: Shop):
    stats = Stats(shop)
    for count in range(1, 5):
        shop.push(1)
        assert stats.overview().counts[JobState.PENDING] == count


def test_viewers_who_ask_at_the_same_time_share_one_answer(shop: Shop, tally):
    stats, inside, go = Stats(shop), threading.Event(), threading.Event()
    read = stats._read
    begun = []

    def slow():
        begun.append(1)
        inside.set()
        go.wait(30)
        return read()

    stats._read = slow
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(stats.overview())) for _ in range(20)]
    threads[0].start()
    assert inside.wait(30)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 20
    assert len(begun) <= 2


def test_one_answer_asks_each_store_a_handful_of_questions(shop: Shop, tally):
    shop.push(3)
    tally.clear()
    Stats(shop).overview()
    assert sum(tally.values()) <= 12
    assert tally["numbers.latest"] == 1


def test_causes_are_looked_up_again_only_after_another_job_failed(shop: Shop, tally):
    stats = Stats(shop)
    shop.push(5)
    stats.overview()
    for _ in range(3):
        shop.run(1)
        stats.overview()
    assert tally["causes"] == 1
    shop.run(1, Kind.FAILED)
    assert len(stats.overview().causes) == 1
    assert tally["causes"] == 2


@pytest.mark.parametrize(("answered", "since"), [(True, ""), (False, " or earlier")])
def test_another_store_that_does_not_answer_is_a_warning_with_what_is_known_of_since_when(shop: Shop, answered: bool, since: str):
    shop.push(1)
    if answered:
        Stats(shop).overview()
    shop.stores["archive"] = Counting(shop.stores["archive"], {})
    shop.stores["archive"].dead = True
    figures = Stats(shop).overview()
    assert figures.counts[JobState.PENDING] == 1
    told = figures.warnings[0]
    assert re.fullmatch(rf"The connection archive does not answer since \d\d:\d\d UTC{since}; what is on it is missing here. gone", told)
    assert [one.connection for one in figures.silent] == ["archive"]


def test_the_default_store_is_no_different(shop: Shop, tally):
    stats = Stats(shop)
    shop.push(2)
    shop.push(3, connection="archive")
    shop.stores["default"].dead = True
    assert stats.overview().counts[JobState.PENDING] == 3
    shop.stores["default"].dead = False
    shop.outages.answered("default")
    assert stats.overview().counts[JobState.PENDING] == 5


def test_where_no_store_answers_there_is_nothing_to_tell(shop: Shop, tally):
    shop.stores = {name: Counting(store, {}) for name, store in shop.stores.items()}
    for store in shop.stores.values():
        store.dead = True
    with pytest.raises(BackendUnavailable):
        Stats(shop).overview()


def test_counts_alone_are_the_same_counts(shop: Shop):
    shop.push(3)
    assert Stats(shop).counts()[JobState.PENDING] == 3
