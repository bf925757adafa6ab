"""How limited jobs lie in a Redis, whatever is done to them; and what that costs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from horizon.backends.metering import room
from horizon.backends.redis.backend import RedisBackend
from horizon.backends.values import Reservation, Verb, Want
from horizon.core.clock import SECOND, ManualClock
from horizon.core.limit import Limit
from horizon.core.outcome import Kind
from tests.backends.redis.conftest import Opener
from tests.backends.redis.lots import Inside
from tests.conformance.driver import LEASE, Driver, outcome

KEYS = ("a", "b", "c", "d", "e")
STRATEGIES = ("sliding", "fixed", "bucket", "concurrent")


class Walk:
    """Whatever can happen, in some order; what runs is counted beside the store."""

    def __init__(self, drive: Driver, store: RedisBackend, seed: int) -> None:
        self.drive, self.store, self.chance = drive, store, random.Random(seed)
        self.words = {key: self._words(key) for key in KEYS}
        self.keys: dict[str, tuple[str, ...]] = {}
        self.running: list[Reservation] = []

    def _words(self, key: str) -> Limit:
        strategy = self.chance.choice(STRATEGIES)
        per = 0 if strategy == "concurrent" else self.chance.choice((1, 5, 20)) * SECOND
        return Limit(key=key, most=self.chance.choice((1, 1, 2, 4)), per=per, strategy=strategy)

    def push(self) -> None:
        keys = tuple(self.chance.sample(KEYS, self.chance.choice((1, 1, 2, 3))))
        limits = tuple(self.words[key] for key in keys)
        options: dict[str, object] = {"queue": self.chance.choice(("one", "two")), "priority": self.chance.choice((0, 0, 0, 5, -5))}
        options |= {"delay": self.chance.choice((0, 0, 0, 3 * SECOND)), "fair": self.chance.choice((None, None, "ana", "bob"))}
        if self.chance.random() < 0.2:
            options |= {"deadline": self.drive.clock.at + 5 * SECOND, "expires": self.chance.random() < 0.5}
        for id in self.drive.push_many(self.chance.randint(1, 6), limits=limits, **options):
            self.keys[id] = keys

    def reserve(self) -> None:
        limited, before = self.chance.choice((None, 0, 1, 3)), Inside(self.store)
        got = self.drive.reserve(self.chance.randint(1, 5), limited=limited)
        assert limited is None or len(got) <= limited
        for key, many in Counter(key for one in got for key in self.keys[one.id]).items():
            assert key not in before.gauges or many <= room(before.gauges[key][0], before.now)
        self.running += got

    def settle(self) -> None:
        for _ in range(min(len(self.running), 3)):
            one = self.running.pop(self.chance.randrange(len(self.running)))
            kind = self.chance.choice((Kind.COMPLETED, Kind.FAILED, Kind.RETURNED, Kind.RELEASED, Kind.RETRY))
            more = {"started": False} if kind is Kind.RETURNED else {"delay": self.chance.choice((0, 2))} if kind is Kind.RETRY else {}
            self.drive.backend.turn([outcome(one, kind, **more)])

    def act(self) -> None:
        if not self.keys:
            return
        ids = self.chance.sample(list(self.keys), min(4, len(self.keys)))
        verb, params = self.chance.choice((
            (Verb.CANCEL, {}), (Verb.RETRY, {}), (Verb.RUN_NOW, {}), (Verb.PRIORITIZE, {"priority": 7}), (Verb.FORGET, {}),
            (Verb.MOVE, {"queue": "two"}), (Verb.RESCHEDULE, {"at": self.drive.clock.at + 4 * SECOND}), (Verb.RESTORE, {}),
        ))  # fmt: skip
        self.drive.act(verb, *ids, **params)

    def pause(self) -> None:
        queues = self.drive.backend.queues
        if queues.get("one").paused:
            queues.resume("one")
        else:
            queues.pause("one", until=self.chance.choice((None, self.drive.clock.at + 6 * SECOND)))

    def define(self) -> None:
        key = self.chance.choice(KEYS)
        self.words[key] = self._words(key)
        self.drive.backend.limits.define([self.words[key]])

    def crash(self) -> None:
        if self.running and self.chance.random() < 0.3:
            self.drive.crash(self.running[0])
            self.running.clear()

    def wait(self) -> None:
        self.drive.clock.advance(self.chance.choice((0.001, 0.7, 3, 9)))
        self.drive.backend.sessions.renew("w", LEASE)
        if self.chance.random() < 0.5:
            self.drive.backend.tick()

    def step(self) -> None:
        deeds: Sequence[tuple[Callable[[], None], int]] = (
            (self.push, 6), (self.reserve, 8), (self.settle, 8), (self.wait, 6), (self.act, 3), (self.define, 1), (self.pause, 1), (self.crash, 1),
        )  # fmt: skip
        (deed,) = self.chance.choices([deed for deed, _ in deeds], [weight for _, weight in deeds])
        deed()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_every_index_says_what_the_records_say(drive: Driver, store: RedisBackend, seed: int) -> None:
    walk = Walk(drive, store, seed)
    for _ in range(60):
        walk.step()
        inside = Inside(store)
        inside.check()
        while drive.backend.tick().more:
            pass
        code = str(store._store.queues.all().index("one") + 1) if "one" in store._store.queues.all() else ""
        Inside(store).check_at_rest([code] if drive.backend.queues.get("one").paused else [])
    assert drive.backend.numbers.recount() == {}


def test_a_slot_that_was_lost_is_found_and_somebody_gets_it(drive: Driver, store: RedisBackend) -> None:
    _, second, _ = drive.push_many(3, limits=(Limit(key="door", most=1, strategy="concurrent"),))
    drive.run()
    link = store._link
    link.call("HSET", link.key("lm:door"), "r", 1, "w1", 0)
    drive.act(Verb.CANCEL, second)  # its seat is free, and yet nobody gets it
    assert drive.reserve(2) == []
    assert drive.backend.numbers.recount() == {"limit:door/running": (1, 0), "limit:door/waiting": (0, 1)}
    assert drive.backend.numbers.recount() == {}
    assert len(drive.reserve(2)) == 1


def test_jobs_that_are_parked_before_all_others_cost_a_turn_nothing(redis_server: str, open_at: Opener, clock: ManualClock) -> None:
    found = []
    for parked in (0, 2048):
        store = open_at(redis_server)
        store._link.call("FLUSHDB")
        drive = Driver(store, clock)
        limited = {"limits": (Limit(key="door", most=1, strategy="concurrent"),), "priority": 9}
        drive.take(drive.push(**limited))
        for _ in range(parked // 512):
            drive.push_many(512, **limited)
        found.append(commands_of_turns(drive, store))
        assert drive.counts() == {"completed": 60, "processing": 6, "pending": 15} | ({"scheduled": parked} if parked else {})
    assert found[0] == found[1]


def commands_of_turns(drive: Driver, store: RedisBackend) -> dict[str, int]:
    """How often each command is called while jobs without limits are settled and reserved."""
    drive.push_many(80)
    got = drive.reserve(5)
    before = commands(store)
    for _ in range(12):
        got = list(
            store.turn([outcome(one, Kind.COMPLETED) for one in got], Want(session="w", executor=0, count=5, limited=1)).reservations
        )
    return {name: times - before.get(name, 0) for name, times in commands(store).items() if name != "info"}


def commands(store: RedisBackend) -> dict[str, int]:
    """How often each was called since the server began."""
    lines = store._link.call("INFO", "commandstats").decode().splitlines()
    named = dict(line.removeprefix("cmdstat_").split(":calls=", 1) for line in lines if ":calls=" in line)
    return {name: int(rest.partition(",")[0]) for name, rest in named.items()}


def test_in_a_lane_nobody_waits_for_room(drive: Driver, store: RedisBackend) -> None:
    limited = {"limits": (Limit(key="door", most=1, strategy="concurrent"),)}
    lane = "horizon:to:other:mails"
    first, second, third = (*drive.push_many(2, **limited), drive.push(queue=lane, **limited))
    drive.did(Verb.MOVE, second, queue=lane)
    assert drive.states(first, second, third) == ["pending"] * 3
    assert drive.get(second).waits_for_limit is None
    drive.did(Verb.MOVE, third, queue="mails")
    assert drive.states(first, third) == ["pending", "scheduled"]
    assert set(Inside(store).seats) == {"1:door"}


def test_who_waits_for_a_limit_goes_on_when_the_clock_was_set_back(drive: Driver) -> None:
    drive.clock.advance(86_400)
    first, second = drive.push_many(2, limits=(Limit(key="smtp", most=1, per=3_600 * SECOND),))
    drive.run(first)
    drive.clock.advance(-86_400)
    drive.take(second)
