"""What a Redis and the way to it can do to a store: each is met, nothing is lost, nothing counts twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import pytest

from horizon.backends.redis.backend import RedisBackend
from horizon.backends.redis.wire import Wire
from horizon.backends.values import StoreOptions, Want
from horizon.core.clock import ManualClock
from horizon.core.errors import BackendUnavailable, ConfigurationError, StoreFull
from horizon.core.outcome import Answer, Kind
from horizon.core.query import JobQuery
from tests.backends.redis.conftest import Opener
from tests.conformance.driver import LEASE, Driver, audit, envelope, outcome
from tests.servers.fixtures import OwnServer
from tests.servers.proxy import Proxy
from tests.servers.redis import Redis
from tests.waiting import until

T = TypeVar("T")


def answered(ask: Callable[[], T]) -> T:
    """What it says once it is heard: these stores wait 0.3 s for an answer, which a busy machine may need longer for."""
    told: list[T] = []

    def heard() -> bool:
        with suppress(BackendUnavailable):
            told.append(ask())
        return bool(told)

    until(heard)
    return told[0]


# the server -----------------------------------------------------------------------------------------


def test_a_flushed_script_cache_is_filled_again(drive: Driver, store: RedisBackend) -> None:
    drive.push()
    store._link.call("SCRIPT", "FLUSH")
    drive.run()
    assert drive.counts() == {"completed": 1}


def test_killed_connections_are_replaced_without_anybody_noticing(drive: Driver, store: RedisBackend) -> None:
    drive.push()
    with_id = Wire(store._link.address, None)
    with_id.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    with_id.close()
    drive.run()
    assert drive.counts() == {"completed": 1}


def test_a_server_that_comes_back_with_its_file_has_everything(own_server: OwnServer, open_at: Opener, clock: ManualClock) -> None:
    server = own_server(Redis, durable=True)
    backend = open_at(server.fresh())
    drive = Driver(backend, clock)
    ids = drive.push_many(3, tags=("a",))
    got = drive.take(ids[0])
    server.kill()
    with pytest.raises(BackendUnavailable):
        backend.push([envelope()])
    server.start()
    assert drive.complete(got) is Answer.OK
    assert drive.states(*ids) == ["completed", "pending", "pending"]
    assert sorted(drive.found(tag="a")) == sorted(ids)
    assert dict(backend.numbers.recount()) == {}


def test_a_server_that_forgot_everything_is_an_empty_store(own_server: OwnServer, open_at: Opener, clock: ManualClock) -> None:
    server = own_server(Redis)
    backend = open_at(server.fresh())
    drive = Driver(backend, clock)
    id = drive.push(queue="old", name="old:Class")
    got = drive.take(id)
    server.restart()
    assert backend.get(id) is None
    assert drive.complete(got) is Answer.LOST
    assert backend.sessions.renew("w", LEASE).alive is False
    drive.open("w")
    drive.push(queue="new", name="new:Class")
    assert (drive.take().queue, drive.get(backend.find(JobQuery()).items[0].id).queue) == ("new", "new")


def test_a_replica_refuses_to_write_and_the_error_says_what_to_do(own_server: OwnServer, open_at: Opener) -> None:
    server = own_server(Redis)
    backend = open_at(server.fresh())
    backend._link.call("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(BackendUnavailable, match="sentinel"):
        backend.push([envelope()])
    backend._link.call("REPLICAOF", "NO", "ONE")
    backend.push([envelope()])


# no room --------------------------------------------------------------------------------------------


def test_over_maxmemory_a_push_is_refused_whole_and_work_goes_on(own_server: OwnServer, open_at: Opener, clock: ManualClock) -> None:
    server = own_server(Redis)
    backend = open_at(server.fresh())
    drive = Driver(backend, clock)
    drive.push_many(20)
    got = drive.reserve(10)
    backend._link.call("CONFIG", "SET", "maxmemory", "1mb")
    with pytest.raises(StoreFull, match="maxmemory"):
        backend.push([envelope(payload=b"x" * 1000) for _ in range(10)])
    for one in got:
        assert drive.complete(one) is Answer.OK
    assert len(drive.reserve(5)) == 5
    assert backend.sessions.renew("w", LEASE).alive
    assert drive.act("cancel", query=JobQuery(queue="mails")).done
    assert dict(backend.numbers.recount()) == {}
    backend._link.call("CONFIG", "SET", "maxmemory", "0")
    drive.push()


def test_a_server_that_may_throw_jobs_away_is_refused(own_server: OwnServer, open_at: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    server = own_server(Redis, "--maxmemory-policy", "allkeys-lru")
    address = server.fresh()
    with pytest.raises(ConfigurationError, match="noeviction"):
        open_at(address).ready()
    accepting = open_at(address, extra={"allow_eviction": True})
    accepting.ready()
    assert any("throw jobs away" in sentence for sentence in accepting.warnings())


def test_a_server_without_an_append_only_file_is_a_standing_warning(own_server: OwnServer, open_at: Opener) -> None:
    assert any("append-only" in sentence for sentence in open_at(own_server(Redis).fresh()).warnings())
    assert list(open_at(own_server(Redis, durable=True).fresh()).warnings()) == []


# the way to it --------------------------------------------------------------------------------------


def test_a_push_whose_answer_was_lost_is_stored_once(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    through.now()
    through.version()
    proxy.cut_after = 3
    made = envelope()
    (answer,) = through.push([made])
    assert answer.status in ("created", "exists")
    assert drive.counts() == {"pending": 1}


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_push_in_parts_whose_answers_were_lost_is_stored_and_noted_once(
    through: RedisBackend, proxy: Proxy, drive: Driver, part: int
) -> None:
    through.version()
    proxy.cut_at = part
    through.push([envelope() for _ in range(1001)], audit=audit("push"))
    assert drive.counts() == {"pending": 1001}
    assert sorted(entry.count for entry in drive.backend.audit.list()) == [1, 1000]


def test_a_settle_whose_answer_was_lost_counts_once(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    drive.push()
    got = drive.take()
    through.version()
    proxy.cut_after = 3
    (answer,) = through.turn([outcome(got, Kind.COMPLETED)]).answers
    assert answer is Answer.DUP
    (sample,) = through.numbers.samples(0)
    assert (sample.completed, drive.counts()) == (1, {"completed": 1})


def test_what_a_lost_answer_handed_out_is_handed_out_again(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    ids = drive.push_many(3)
    through.version()
    proxy.cut_after = 3
    got = through.turn([], Want(session="w", executor=0, count=2)).reservations
    assert [one.id for one in got] == ids[:2]
    assert drive.counts() == {"pending": 1, "processing": 2}
    assert [one.run for one in got] == [1, 1]


def test_what_was_handed_out_to_nobody_is_found_when_the_store_is_back(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    ids = drive.push_many(3)
    through.version()
    proxy.mute = True
    with pytest.raises(BackendUnavailable):
        through.turn([], Want(session="w", executor=0, count=2))
    proxy.mute = False
    got = through.turn([], Want(session="w", executor=0, count=2)).reservations
    assert [one.id for one in got] == ids[:2]
    assert drive.complete(got[0]) is Answer.OK
    assert [one.id for one in through.turn([], Want(session="w", executor=0, count=2)).reservations] == ids[2:]


WANT = Want(session="w", executor=0, count=2)


def test_a_turn_that_was_begun_is_answered_when_somebody_asks(store: RedisBackend, drive: Driver) -> None:
    ids = drive.push_many(3)
    first = drive.take()
    asked = store.ask([outcome(first, Kind.COMPLETED)], WANT)
    until(asked.ready)
    assert drive.counts() == {"completed": 1, "processing": 2}
    turned = asked.finish()
    assert list(turned.answers) == [Answer.OK]
    assert [one.id for one in turned.reservations] == ids[1:]


def test_a_turn_that_was_begun_on_a_server_that_does_not_know_its_script_is_made_when_heard(store: RedisBackend, drive: Driver) -> None:
    ids = drive.push_many(1)
    store._link.call("SCRIPT", "FLUSH")
    assert [one.id for one in store.ask([], WANT).finish().reservations] == ids


@pytest.mark.parametrize("cut_after", [0, 3])
def test_the_answer_to_a_turn_that_was_begun_is_lost_and_counts_once(
    through: RedisBackend, proxy: Proxy, drive: Driver, cut_after: int
) -> None:
    ids = drive.push_many(3)
    first = drive.take()
    through.version()
    proxy.cut_after = cut_after
    asked = through.ask([outcome(first, Kind.COMPLETED)], WANT)
    until(asked.ready)
    turned = asked.finish()
    assert list(turned.answers) == [Answer.DUP]
    assert [(one.id, one.run) for one in turned.reservations] == [(ids[1], 1), (ids[2], 1)]
    assert drive.counts() == {"completed": 1, "processing": 2}
    assert all(drive.complete(one) is Answer.OK for one in turned.reservations)


def test_what_a_begun_turn_handed_out_is_found_when_the_store_is_back(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    ids = drive.push_many(3)
    through.version()
    proxy.mute = True
    asked = through.ask([], WANT)
    with pytest.raises(BackendUnavailable):
        asked.finish()
    proxy.mute = False
    got = answered(lambda: through.turn([], WANT)).reservations
    assert [one.id for one in got] == ids[:2]


def test_a_connection_that_is_cut_between_two_acts_is_replaced(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    id = drive.push()
    through.version()
    proxy.cut()
    drive.did("prioritize", id, priority=3)
    assert through.act.__self__ is through
    record = through.get(id)
    assert record is not None
    assert record.priority == 3


def test_a_server_nobody_can_reach_is_unavailable_and_says_so(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    proxy.shut = True
    proxy.cut()
    with pytest.raises(BackendUnavailable, match=r"127\.0\.0\.1"):
        through.get("x")
    proxy.shut = False
    assert answered(lambda: through.get("x")) is None


def test_a_silent_connection_counts_as_dead_and_the_wait_behind_it_ends(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    through.version()
    proxy.mute = True
    with pytest.raises(BackendUnavailable, match=r"no answer within 0\.3 s"):
        through.version()
    proxy.mute = False
    assert answered(lambda: through.wait(["quiet"], 0.02)) is False


def test_nothing_is_opened_before_the_first_act() -> None:
    backend = RedisBackend("redis://127.0.0.1:1/0", StoreOptions())
    assert backend.location == "redis://127.0.0.1:1/0"
    with pytest.raises(BackendUnavailable):
        backend.now()
