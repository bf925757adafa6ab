"""The short way of ordinary jobs and the long way of all others leave the same behind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from horizon.backends.redis.backend import RedisBackend
from horizon.backends.redis.packed import fields_of, head_of
from horizon.backends.redis.push import send
from horizon.backends.values import ProgressReport, Retention, Verb
from horizon.core.clock import HOUR, SECOND, ManualClock
from horizon.core.outcome import Answer, Kind, LogLine
from tests.backends.redis.conftest import Opener
from tests.conformance.driver import Driver, after, envelope, outcome
from tests.conformance.grouping import new
from tests.servers.redis import Redis
from tests.servers.running import running

SHAPES: list[dict[str, Any]] = [
    {},
    {"priority": -3, "tags": ("a", "b"), "user": "ana"},
    {"delay": 5 * SECOND, "tags": ("a",)},
    {"deadline": 1_700_000_010 * SECOND, "max_tries": 4, "timeout": SECOND, "hook": True, "round": 2, "crashes": 1},
    {"available_at": 1_600_000_000 * SECOND, "created_at": 1_699_999_999 * SECOND},
    {"queue": "horizon:to:redis:mails"},
]


def everything(store: RedisBackend) -> dict[bytes, Any]:
    """Every key and what it holds, the times of waiters left aside."""
    link, found = store._link, {}
    reads = {
        b"hash": lambda key: sorted(_pairs(link.call("HGETALL", key))), b"set": lambda key: sorted(link.call("SMEMBERS", key)),
        b"zset": lambda key: _pairs(link.call("ZRANGE", key, 0, -1, "WITHSCORES")), b"string": lambda key: link.call("GET", key),
        b"list": lambda key: link.call("LRANGE", key, 0, -1),
    }  # fmt: skip
    for key in link.call("KEYS", "*"):
        found[key] = reads[link.call("TYPE", key)](key)
    return found


def records(row: list[tuple[bytes, bytes]]) -> list[tuple[bytes, Any]]:
    """A piece of the list of jobs, in letters; the words of attempts are random."""
    return [(field, {letter: str(value) for letter, value in fields_of(text).items() if letter not in ("z", "k")}) for field, text in row]


def with_more_to_say(store: RedisBackend, n: object) -> None:
    """Write a record as the long way does, so that the short one leaves it alone."""
    assert isinstance(n, int)
    key = store._link.key(f"j:{n // 512}")
    text = store._link.call("HGET", key, n)
    in_head = {"i", "s", "t", "n", "m", "o", "q", "c", "P", "a", "p", "r", "h", "R", "x", "X", "C", "hp", "g", "H", "gr"}
    body = {letter: str(value) for letter, value in fields_of(text).items() if letter not in in_head}
    store._link.call("HSET", key, n, text[: head_of(text).body] + json.dumps(body).encode() + b"J")


def _pairs(flat: list[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


@pytest.fixture
def other(open_at: Opener, clock: ManualClock) -> Driver:
    """A second store, that goes the long way."""
    return Driver(open_at(running(Redis).fresh()), clock)


def test_jobs_pushed_either_way_lie_there_alike(drive: Driver, store: RedisBackend, other: Driver) -> None:
    made = [envelope(**shape) for shape in SHAPES for _ in range(2)]
    store.push(made)
    assert isinstance(other.backend, RedisBackend)
    send(other.backend._store, made, audit=False, long=True)
    kept = [everything(store), everything(other.backend)]
    for rows in kept:
        rows[b"{hz}j:0"] = records(rows[b"{hz}j:0"])
        rows.pop(b"{hz}v", None)
    assert kept[0] == kept[1]


def test_jobs_pushed_one_by_one_lie_there_as_if_pushed_together(drive: Driver, store: RedisBackend, other: Driver) -> None:
    made = [envelope(**shape) for shape in SHAPES for _ in range(2)]
    made += [envelope(payload=b"x" * size) for size in (900, 1100)]
    assert isinstance(other.backend, RedisBackend)
    kept = []
    for backend, groups in ((store, [[one] for one in made]), (other.backend, [made])):
        for group in groups:
            backend.push(group)
        kept.append(everything(backend))
    for rows in kept:
        rows[b"{hz}j:0"] = records(rows[b"{hz}j:0"])
        rows.pop(b"{hz}v", None)
    assert kept[0] == kept[1]
    assert [one.status for one in store.push([made[0]])] == ["exists"]


@pytest.mark.parametrize("shape", SHAPES[:5])
def test_jobs_completed_either_way_lie_there_alike(drive: Driver, store: RedisBackend, other: Driver, shape: dict[str, Any]) -> None:
    made = [envelope(**shape) for _ in range(3)]
    kept = []
    for one in (drive, other):
        one.backend.push(made)
    drive.clock.advance(6)
    for one in (drive, other):
        got = one.reserve(3, default_max_tries=3, default_timeout=SECOND)
        if one is other:
            for reservation in got:
                with_more_to_say(other.backend, reservation.ref)  # type: ignore[arg-type]
        for reservation in got:
            assert one.complete(reservation, runtime=7, started_after=3, memory_kb=9) is Answer.OK
        kept.append(everything(one.backend))  # type: ignore[arg-type]
    for rows in kept:
        for key, row in rows.items():
            if b"j:" in key:
                rows[key] = records(row)
        rows.pop(b"{hz}v", None)
    assert kept[0] == kept[1]


@pytest.mark.parametrize("what", ["cancel", "forget", "depend", "log"])
def test_what_comes_up_while_a_job_runs_is_not_overlooked(drive: Driver, what: str) -> None:
    id = drive.push()
    got = drive.take(id)
    child = None
    if what == "cancel":
        drive.did(Verb.CANCEL, id)
    elif what == "forget":
        drive.did(Verb.FORGET, id)
    elif what == "depend":
        child = drive.push(edges=after(id))
    else:
        report = ProgressReport(ref=got.ref, token=got.token, logs=(LogLine(drive.clock(), "INFO", "hello"),))
        assert list(drive.backend.progress.report([report])) == [Answer.OK]
    assert drive.complete(got) is Answer.OK
    record = drive.get(id)
    assert record.state == "completed"
    assert record.forgotten == (what == "forget")
    assert child is None or drive.state(child) == "pending"
    assert len(record.history[-1].logs) == (what == "log")


def test_the_same_outcome_twice_in_one_turn_counts_once(drive: Driver) -> None:
    drive.push()
    got = drive.take()
    ends = [outcome(got, Kind.COMPLETED), outcome(got, Kind.COMPLETED), outcome(got, Kind.FAILED)]
    assert list(drive.backend.turn(ends).answers) == [Answer.OK, Answer.DUP, Answer.LOST]
    assert drive.counts() == {"completed": 1}
    assert dict(drive.backend.numbers.recount()) == {}


def test_what_an_attempt_says_first_counts_whichever_way_it_goes(drive: Driver) -> None:
    drive.push()
    got = drive.take()
    ends = [outcome(got, Kind.FAILED), outcome(got, Kind.COMPLETED)]
    assert list(drive.backend.turn(ends).answers) == [Answer.OK, Answer.LOST]
    assert drive.counts() == {"failed": 1}
    assert dict(drive.backend.numbers.recount()) == {}


def test_jobs_removed_either_way_leave_the_same_behind(
    open_at: Opener, redis_server: str, clock: ManualClock, retention: Retention
) -> None:
    stores = [open_at(address, retention=retention) for address in (redis_server, running(Redis).fresh())]
    made = [envelope(tags=("a", "b"), user="ana"), *(envelope(queue=queue) for queue in ("mails", "other", "mails"))]
    for index, backend in enumerate(stores):
        drive = Driver(backend, clock)
        backend.push([*made, kept := envelope(id=made[0].id.replace(made[0].id[:8], "00000000"), delay=999 * SECOND, tags=("b",))])
        for one in drive.reserve(4):
            drive.complete(one, runtime=5)
            if index:
                with_more_to_say(backend, one.ref)
    clock.advance(3 * 3600)
    for backend in stores:
        assert [backend.tick().trimmed, backend.tick().trimmed] == [4, 0]
        assert backend.get(kept.id) is not None
        assert dict(backend.numbers.recount()) == {}
    rows = [everything(backend) for backend in stores]
    assert rows[0].keys() == rows[1].keys()
    for row in rows:
        row[b"{hz}j:0"] = records(row[b"{hz}j:0"])
    assert rows[0] == rows[1]


@pytest.fixture
def retention() -> Retention:
    """An hour for everything."""
    return Retention(completed=HOUR, completed_jobs=100, failed=HOUR, cancelled=HOUR, audit=HOUR, undo=HOUR, sessions=HOUR)


def test_members_pushed_either_way_lie_there_alike(drive: Driver, store: RedisBackend, other: Driver) -> None:
    batch = new()
    made = [envelope(group=batch.id, **shape) for shape in SHAPES for _ in range(2)]
    assert isinstance(other.backend, RedisBackend)
    for backend in (store, other.backend):
        backend.push([], groups=[batch])
    store.push(made, seal=[batch.id])
    send(other.backend._store, made, (), [batch.id], audit=False, long=True)
    kept = [everything(store), everything(other.backend)]
    for rows in kept:
        rows[b"{hz}j:0"] = records(rows[b"{hz}j:0"])
        rows.pop(b"{hz}v", None)
    assert kept[0] == kept[1]


def test_members_completed_and_removed_either_way_lie_there_alike(
    open_at: Opener, redis_server: str, clock: ManualClock, retention: Retention
) -> None:
    stores = [open_at(address, retention=retention) for address in (redis_server, running(Redis).fresh())]
    groups = [new() for _ in range(2)]
    made = [envelope(group=groups[at % 2].id, tags=("a",) if at > 3 else ()) for at in range(6)]
    kept: list[list[dict[bytes, Any]]] = [[], []]
    for index, backend in enumerate(stores):
        drive = Driver(backend, clock)
        backend.push(made, groups=groups, seal=[group.id for group in groups])
        got = drive.reserve(6)
        kept[index].append(everything(backend))
        for one in got if index else ():
            with_more_to_say(backend, one.ref)
        drive.settle_all(got[:5])
        kept[index].append(everything(backend))
        drive.settle_all(got[5:])
        kept[index].append(everything(backend))
    clock.advance(4 * 3600)
    for index, backend in enumerate(stores):
        assert backend.tick().trimmed == 6
        kept[index].append(everything(backend))
    for rows in [*kept[0], *kept[1]]:
        rows.pop(b"{hz}v", None)
        for key in [key for key in rows if key.startswith(b"{hz}j:")]:
            rows[key] = records(rows[key])
        for group in groups:
            rows[b"{hz}G:" + group.id.encode()] = [pair for pair in rows.get(b"{hz}G:" + group.id.encode(), []) if pair[0] != b"mv"]
    for first, second in zip(*kept, strict=True):
        assert first == second
