"""Reading a store: no command on the way that walks everything, however much there is."""

from __future__ import annotations

import pytest

from horizon.backends.redis.backend import RedisBackend
from horizon.backends.values import Verb
from horizon.core.clock import SECOND
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from tests.conformance.driver import Driver, envelope, error

READS = {"keys", "scan", "hscan", "sscan", "zscan", "sort", "flushdb"}


@pytest.fixture
def shelf(drive: Driver) -> Driver:
    """Some 1,500 jobs in three pieces of the lists, a few of them ended."""
    for part in range(3):
        drive.backend.push(
            [envelope(queue=f"q{n % 3}", name=f"shop.jobs:J{n % 5}", tags=(f"t{n % 7}",), user=f"u{part}") for n in range(500)]
        )
        drive.clock.advance(60)
    for index, one in enumerate(drive.reserve(300)):
        drive.settle(one, (Kind.COMPLETED, Kind.FAILED, Kind.CANCELLED)[index % 3], error=error(cause=f"c{index % 2}"), runtime=SECOND)
    return drive


def used(store: RedisBackend) -> dict[str, int]:
    """Commands since the figures were reset, those inside scripts included."""
    lines = store._link.call("INFO", "commandstats").decode().splitlines()
    return {line[8:].split(":")[0]: int(line.split("calls=")[1].split(",")[0]) for line in lines if line.startswith("cmdstat_")}


QUERIES = [
    JobQuery(),
    JobQuery(states=(JobState.FAILED,)),
    JobQuery(states=(JobState.PENDING, JobState.COMPLETED), queue="q1"),
    JobQuery(queue="q2", name="J3", tag="t4", user="u1"),
    JobQuery(tag="t*", cause="c1"),
    JobQuery(states=(JobState.COMPLETED,), name="J1", tag="t2"),
    JobQuery(text=("mail",), states=(JobState.CANCELLED,)),
    JobQuery(queue="nowhere"),
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_page_takes_a_bounded_number_of_commands(shelf: Driver, store: RedisBackend, query: JobQuery) -> None:
    store.find(query)
    store._link.call("CONFIG", "RESETSTAT")
    page = store.find(query)
    counted = used(store)
    assert READS.isdisjoint(counted)
    assert counted.get("evalsha", 0) <= 2 + 6 * query.narrowed
    rows = 5_000 if query.narrowed else query.limit + 1
    assert sum(counted.values()) <= 60 + 12 * rows
    assert len(page.items) <= query.limit


def test_no_read_walks_everything(shelf: Driver, store: RedisBackend) -> None:
    store._link.call("CONFIG", "RESETSTAT")
    store.numbers.counts()
    store.numbers.names()
    store.numbers.samples(0)
    store.causes(0)
    store.spread(0, shelf.clock())
    store.oldest()
    store.remaining()
    store.hidden()
    store.queues.all()
    store.sessions.list(dead_since=0)
    store.audit.list()
    store.operations.list()
    store.wait(["quiet"], 0.01)
    assert READS.isdisjoint(used(store))


def walk(store: RedisBackend, limit: int, **query: object) -> tuple[list[str], str | None]:
    """Ids of all pages, and the cursor that led to the last."""
    seen: list[str] = []
    cursor = last = None
    while True:
        page = store.find(JobQuery(limit=limit, cursor=cursor, **query))  # type: ignore[arg-type]
        seen += [record.id for record in page.items]
        if page.next is None:
            return seen, last
        cursor = last = page.next


@pytest.mark.parametrize("states", [(), (JobState.FAILED,)])
def test_pages_in_both_directions_name_every_job_once(shelf: Driver, store: RedisBackend, states: tuple[JobState, ...]) -> None:
    seen, cursor = walk(store, 6, states=states, tag="t3")
    assert len(seen) == len(set(seen)) > 6
    assert seen == walk(store, 200, states=states, tag="t3")[0]
    back: list[str] = []
    while cursor is not None:
        page = store.find(JobQuery(states=states, tag="t3", limit=6, cursor=cursor, backwards=True))
        back = [record.id for record in page.items] + back
        cursor = page.next
    assert back == seen[: len(back)]
    assert len(back) >= len(seen) - 6


def test_a_range_of_time_skips_what_lies_outside_of_it(shelf: Driver, store: RedisBackend) -> None:
    start = shelf.clock() - 180 * SECOND
    middle = JobQuery(after=start + 60 * SECOND, before=start + 120 * SECOND, limit=200)
    store.find(middle)
    store._link.call("CONFIG", "RESETSTAT")
    assert {record.user for record in store.find(middle).items} == {"u1"}
    assert used(store)["hget"] <= 3 * 201 + 30


def test_what_ended_and_ran_again_stands_in_its_lists_once(drive: Driver, store: RedisBackend) -> None:
    id = drive.push(tags=("a",), user="ana")
    drive.run(id, Kind.FAILED, error=error())
    for state in ("failed", "pending"):
        assert drive.found(tag="a", user="ana", states=(JobState(state),)) == [id]
        if state == "failed":
            drive.did(Verb.RETRY, id)
    assert drive.found(tag="a", states=(JobState.FAILED,)) == []
    assert drive.found(cause="mail") == []
    drive.run(id)
    assert drive.found(tag="a", states=(JobState.COMPLETED,)) == drive.found(user="ana") == [id]
