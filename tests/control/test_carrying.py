"""Jobs carried from one store to another: each exactly once, whoever is killed between two steps."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from horizon.backends.base import Backend
from horizon.backends.outages import Outages
from horizon.backends.values import Verb
from horizon.control import carrying
from horizon.control.carrying import Carrier
from horizon.control.moving import MoveControl
from horizon.core import lanes
from horizon.core.clock import SECOND, ManualClock
from horizon.core.errors import BackendUnavailable, InvalidOption, NotFound, PermissionDenied
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from tests.conformance.conftest import THERE
from tests.conformance.driver import Driver, after, envelope, open_store
from tests.monitor.test_stats import Counting
from tests.shop import ANA, OTTO


class Killed(BaseException):
    """The process is gone."""


class Cut:
    """A store before one of whose writes, or right after it, the process dies."""

    def __init__(self, store: Backend, at: int, cuts: list[int]) -> None:
        self._store, self._at, self._cuts = store, at, cuts

    def __getattr__(self, name: str) -> object:
        found = getattr(self._store, name)
        return self._cutting(found) if name in ("push", "act") else found

    def _cutting(self, write):
        def cut(*args: object, **named: object) -> object:
            self._die()
            said = write(*args, **named)
            self._die()
            return said

        return cut

    def _die(self) -> None:
        self._cuts[0] += 1
        if self._cuts[0] == self._at:
            raise Killed


class Two:
    """A source on SQLite, a target in memory."""

    default = "default"

    def __init__(self, source: Backend, target: Backend, clock: ManualClock) -> None:
        self.outages = Outages()
        self.clock = clock
        self.stores: dict[str, Backend] = {"default": source, "far": target}
        self.here, self.there = Driver(source, clock), Driver(target, clock)

    def backend(self, connection: str | None = None) -> Backend:
        return self.stores[connection or "default"]

    def connections(self) -> tuple[str, ...]:
        return tuple(self.stores)

    def move(self, source: str = "default", to: str = "far", queue: str | None = None) -> list:
        return list(MoveControl(self).move(ANA, source, to, queue))

    def live(self, name: str) -> set[str]:
        return {record.id for record in self.stores[name].find(JobQuery(states=carrying.WAITING, limit=200)).items}

    def cut(self, at: int) -> list[int]:
        cuts = [0]
        self.stores = {name: Cut(store, at, cuts) for name, store in self.stores.items()}  # type: ignore[misc]
        return cuts

    def mend(self) -> None:
        self.stores = {name: store._store for name, store in self.stores.items()}  # type: ignore[attr-defined]


def make(folder: Path) -> Two:
    clock = ManualClock()
    return Two(open_store("sqlite", folder, clock, name="default"), open_store("memory", folder, clock, name="far"), clock)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = make(tmp_path)
    source = made.stores["default"]
    yield made
    source.close()


def test_what_waits_is_carried_over_with_all_that_belongs_to_it(two: Two) -> None:
    due = two.clock() + 600 * SECOND
    now, later = two.here.push(priority=5, tags=("vip",), user="u"), two.here.push(queue="reports", available_at=due)
    retrying, running = two.here.push(), two.here.push(priority=9)
    two.here.take(running)
    two.here.retry(two.here.take(now), delay=30)
    steps = two.move()
    assert (steps[-1].parked, steps[-1].arrived, steps[-1].on_their_way) == (3, 3, 0)
    assert two.live("far") == {now, later, retrying}
    assert two.live("default") == set()
    assert two.here.state(running) is JobState.PROCESSING
    there = two.there.get(later)
    assert (there.state, there.available_at, there.queue) == (JobState.SCHEDULED, due, "reports")
    assert (two.there.get(now).priority, two.there.get(now).tags) == (5, ("vip",))
    assert two.here.get(now).forgotten
    assert two.here.get(now).reason == "moved to far"


def test_they_run_there_in_the_order_in_which_they_waited_here(two: Two) -> None:
    ids = []
    for _ in range(250):
        two.clock.advance(0.001)
        ids.append(two.here.push())
    two.move()
    assert [one.id for one in two.there.reserve(300)] == ids


def test_one_queue_alone(two: Two) -> None:
    stays, goes = two.here.push(queue="a"), two.here.push(queue="b")
    two.move(queue="b")
    assert (two.live("default"), two.live("far")) == ({stays}, {goes})


def test_jobs_that_others_wait_for_stay(two: Two) -> None:
    parent, free = two.here.push(), two.here.push()
    child = two.here.push(edges=after(parent))
    assert two.move()[-1].left_alone == 1
    assert two.live("far") == {free}
    assert two.here.states(parent, child) == ["pending", "blocked"]


def test_killed_anywhere_and_begun_again_each_arrives_exactly_once(tmp_path: Path) -> None:
    for at in itertools.count(1):
        (folder := tmp_path / str(at)).mkdir()
        if killed_at(make(folder), at):
            break
    assert at > 8, "before and after each write to either store"


def killed_at(two: Two, at: int) -> bool:
    """Die before or after one of the writes, then begin again; True where there are fewer than that."""
    ids = {two.here.push(queue=queue) for queue in ("a", "a", "b")}
    two.cut(at)
    try:
        two.move()
        survived = True
    except Killed:
        survived = False
    two.mend()
    assert two.live("default") | two.live("far") == ids, "nothing is lost"
    two.clock.advance(60)  # the lock of the dead runs out
    two.move()
    assert (two.live("default"), two.live("far")) == (set(), ids)
    assert len(two.there.reserve(9)) == 3
    two.stores["default"].close()
    return survived


def test_a_move_uses_up_no_try_and_gives_none_back(two: Two) -> None:
    id = two.here.push(max_tries=5)
    two.here.retry(two.here.take(id))
    two.here.clock.advance(1)
    two.move()
    assert two.there.get(id).attempts == 1
    two.there.retry(two.there.take(id))
    two.move("far", "default")
    assert (two.here.take(id).attempt, two.here.get(id).state) == (3, "processing")


def test_a_move_is_no_cancellation(two: Two) -> None:
    for _ in range(3):
        two.here.push()
    two.move()
    two.move("far", "default")
    assert [sum(sample.cancelled for sample in store.numbers.samples(0)) for store in two.stores.values()] == [0, 0]
    assert [dict(store.numbers.recount()) for store in two.stores.values()] == [{}, {}]


def test_round_by_a_third_store_and_home_again(two: Two, tmp_path: Path) -> None:
    two.stores["third"] = open_store("memory", tmp_path, two.clock, name="third")
    ids = {two.here.push(), two.here.push(delay=60 * SECOND)}
    for source, to in (("default", "far"), ("far", "third"), ("third", "default"), ("default", "third"), ("third", "far")):
        two.move(source, to)
        assert {name: two.live(name) for name in two.stores if two.live(name)} == {to: ids}


def test_what_arrived_and_went_on_from_there_is_not_begun_there_anew(two: Two, tmp_path: Path) -> None:
    two.stores["third"] = open_store("memory", tmp_path, two.clock, name="third")
    id = two.here.push(queue=lanes.lane(lanes.TO, "far", "mails"))
    two.there.backend.push([envelope(id=id)])  # killed right after its push
    two.move("far", "third")
    assert Carrier(two, "default").carry().arrived == 1
    assert [two.live(name) for name in two.stores] == [set(), set(), {id}]


def test_one_that_comes_home_to_find_its_unique_key_held_ends_as_a_duplicate(two: Two) -> None:
    id = two.here.push(unique_key="k")
    two.move()
    two.here.push(unique_key="k")
    assert two.move("far", "default")[-1].duplicates == 1
    assert "holds its unique key" in (two.there.get(id).reason or "")


def test_moved_there_and_back_again(two: Two) -> None:
    id = two.here.push(queue="mails", priority=3)
    two.move()
    two.move("far", "default")
    assert (two.live("default"), two.live("far")) == ({id}, set())
    assert [one.id for one in two.here.reserve(5)] == [id]
    assert two.there.reserve(5) == []


def test_a_target_that_is_down_keeps_nobody_waiting_for_ever_and_loses_nothing(two: Two) -> None:
    id = two.here.push()
    far = two.stores["far"] = Counting(two.stores["far"], {})  # type: ignore[assignment]
    far.dead = True
    moving = MoveControl(two).move(ANA, "default", "far")
    assert next(moving).on_their_way == 1
    assert two.here.reserve(5) == []
    far.dead = False
    two.outages.answered("far")
    assert list(moving)[-1].arrived == 1
    assert two.live("far") == {id}


def test_a_unique_key_that_is_held_there_ends_the_job_here(two: Two) -> None:
    two.there.push(unique_key="k")
    id = two.here.push(unique_key="k")
    assert two.move()[-1].duplicates == 1
    assert "holds its unique key" in (two.here.get(id).reason or "")


def test_what_is_parked_can_be_brought_back(two: Two) -> None:
    ids = {two.here.push(), two.here.push()}
    for _ in carrying.park(two.backend(), "far", "mails", None):
        pass
    arrived = sorted(ids)[0]
    two.there.backend.push([envelope(id=arrived)])  # killed right after its push
    assert MoveControl(two).back(ANA, "default", "far") == 1
    assert (two.live("default"), two.live("far")) == (ids - {arrived}, {arrived})


# pushes of which nobody knows whether they arrived ---------------------------------------------------


def doubtful(two: Two, age: float) -> str:
    id = two.here.push(queue=lanes.lane(lanes.ASK, "far", "mails"))
    two.clock.advance(age)
    return id


def test_one_that_had_arrived_is_not_pushed_again(two: Two) -> None:
    id = doubtful(two, 3600)
    two.there.backend.push([envelope(id=id)])
    two.there.run(id)
    assert Carrier(two, "default").carry().arrived == 1
    assert two.there.state(id) is JobState.COMPLETED
    assert two.live("default") == set()


def test_a_young_one_that_had_not_arrived_is_pushed(two: Two) -> None:
    id = doubtful(two, 10)
    Carrier(two, "default").carry()
    assert two.live("far") == {id}


def test_an_old_one_that_is_unknown_there_is_held_for_a_person(two: Two) -> None:
    id = doubtful(two, 61)
    assert Carrier(two, "default").carry().left == 1
    assert (two.live("default"), two.live("far")) == ({id}, set())
    two.here.did(Verb.MOVE, id, queue=lanes.lane(lanes.TO, "far", "mails"))  # a person: send it
    Carrier(two, "default").carry()
    assert two.live("far") == {id}


def test_one_in_a_lane_that_leads_to_where_it_is_goes_to_its_queue(two: Two) -> None:
    id = two.here.push(queue=lanes.lane(lanes.ASK, "default", "mails"))
    assert Carrier(two, "default").carry().back == 1
    assert [one.id for one in two.here.reserve(5)] == [id]


# who may, and what is refused ------------------------------------------------------------------------


def test_only_one_carries_at_a_time(two: Two) -> None:
    two.here.push(queue=lanes.lane(lanes.TO, "far", "mails"))
    first, second = Carrier(two, "default"), Carrier(two, "default")
    two.backend().locks.acquire(carrying.LOCK, first._holder, carrying.TTL)
    assert second.carry() is None
    first.release()
    assert second.carry().arrived == 1


def test_refusals(two: Two) -> None:
    with pytest.raises(PermissionDenied):
        MoveControl(two).move(OTTO, "default", "far")
    with pytest.raises(NotFound):
        MoveControl(two).move(ANA, "default", "nowhere")
    two.here.push(queue="q" * 60)
    with pytest.raises(InvalidOption, match="shorten the name"):
        MoveControl(two).move(ANA, "default", "far")
    two.stores["default"] = dead = Counting(two.stores["default"], {})  # type: ignore[assignment]
    dead.dead = True
    with pytest.raises(BackendUnavailable):
        Carrier(two, "default").carry()


# between any two kinds of stores ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", THERE)
def test_there_and_back_between_any_two_kinds_of_stores(tmp_path: Path, kind: str) -> None:
    (other := tmp_path / "other").mkdir()
    clock = ManualClock()
    two = Two(open_store("sqlite", tmp_path, clock, name="default"), open_store(kind, other, clock, name="far"), clock)
    plain, later = two.here.push(priority=3, tags=("a",)), two.here.push(delay=600 * SECOND)
    two.move()
    assert (two.live("default"), two.live("far")) == (set(), {plain, later})
    two.move("far", "default")
    assert (two.live("default"), two.live("far")) == ({plain, later}, set())
    assert [one.id for one in two.here.reserve(5)] == [plain]
    assert two.there.reserve(5) == []
    for store in two.stores.values():
        store.close()
