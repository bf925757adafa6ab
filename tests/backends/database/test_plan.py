"""What SQLite does with our statements: every one of them finds its rows by an index, in the order they are wanted."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from horizon.backends.database import find
from horizon.backends.database.plan import Option, ask, cheapest
from horizon.backends.values import Verb
from horizon.core.audit import AuditEntry, AuditQuery
from horizon.core.group import GroupQuery, GroupState
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.core.states import JobState as S
from tests.conformance.driver import Driver, after, envelope, error
from tests.conformance.grouping import members, push_batch
from tests.conformance.limiting import at_a_time, limit, limited

GROWING = re.compile(r"^SCAN (horizon_(job|live|done|tag|edge|attempt|log)|[jldt])\b")
"""A walk over a whole table that grows with the jobs."""
NEWEST = re.compile(r"FROM horizon_job NOT INDEXED WHERE .* ORDER BY n (DESC|ASC) LIMIT \d+")
"""The walk in push order, which stops at the end of its window."""


def growing(told: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What walks a growing table without an end."""
    return [one for one in told if GROWING.match(one[0]) and not NEWEST.search(one[1])]


@pytest.fixture
def plans(drive: Driver, file: Path) -> Callable[[Callable[[], object]], list[tuple[str, str]]]:
    """Everything that SQLite says it did for the statements of a call: (plan, statement)."""

    def told(call: Callable[[], object]) -> list[tuple[str, str]]:
        seen: list[str] = []
        store: Any = drive.backend
        store._access.read(lambda db: None)
        store._access.write(lambda db: None)
        watched = [store._access._writer, *store._access._readers]
        for db in watched:
            db.driver.set_trace_callback(seen.append)
        call()
        for db in watched:
            db.driver.set_trace_callback(None)
        connection = sqlite3.connect(file)
        statements = [sql for sql in seen if sql.split(" ", 1)[0] in ("SELECT", "UPDATE", "DELETE", "WITH", "INSERT")]
        found = [(row[3], sql) for sql in statements for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
        connection.close()
        return found

    return told


def some_jobs(drive: Driver) -> list[str]:
    ids = [drive.push(queue="a", tags=("x", "y"), user="ana", unique_key=f"k{number}") for number in range(8)]
    drive.push(edges=after(ids[0]), queue="b")
    drive.push(delay=10**9)
    for number, got in enumerate(drive.reserve(6)):
        drive.settle(got, Kind.COMPLETED if number % 2 else Kind.FAILED, error=None if number % 2 else error())
    return ids


def test_pushing_reserving_settling_and_ticking_never_walk_a_growing_table(drive: Driver, plans) -> None:
    ids = some_jobs(drive)

    def busy() -> None:
        drive.backend.push([envelope(unique_key="z", tags=("t",)), envelope(edges=after(ids[7]))])
        got = drive.reserve(2)
        drive.retry(got[0], delay=30, error=error())
        drive.complete(got[1])
        drive.reserve(2, queues=("a", "b"))
        drive.backend.sessions.renew("w", 10**9)
        drive.backend.sessions.bury("w", 0, {})
        drive.backend.oldest()
        drive.backend.remaining()
        drive.backend.version()
        drive.backend.tick()
        drive.act(Verb.RETRY, *ids[:2])
        drive.act(Verb.CANCEL, *ids[2:4])

    assert growing(plans(busy)) == []


def test_limits_find_those_that_wait_for_them_by_an_index(drive: Driver, plans) -> None:
    for number in range(5):
        limited(drive, 3, limit(1, f"user {number}"), at_a_time(4))
    limited(drive, 3, limit(1, "user 0"), at_a_time(4), queue="other")

    def busy() -> None:
        limited(drive, 2, limit(1, "user 0"), at_a_time(4), priority=5)
        first, second, *rest = drive.reserve(5)
        drive.give_back(first)
        drive.retry(second, delay=30)
        drive.settle_all(rest)
        waiting = drive.found(states=(S.SCHEDULED,), queue="mails")
        drive.did(Verb.PRIORITIZE, waiting[0], priority=9)
        drive.did(Verb.MOVE, waiting[1], queue="other")
        drive.did(Verb.CANCEL, waiting[2])
        drive.clock.advance(70)
        drive.reserve(5)
        drive.backend.limits.define([limit(2, "user 1")])
        drive.backend.limits.list()
        drive.backend.limits.get("user 1")
        drive.backend.get(waiting[1])
        drive.backend.tick()

    found = plans(busy)
    assert growing(found) == []
    assert [one for one in found if re.match(r"SCAN (horizon_(lot|limit)|[tm])\b", one[0]) and "ORDER BY crowd" not in one[1]] == []
    assert [one for one in found if "TEMP B-TREE" in one[0] and re.search(r"FROM horizon_(lot|limit)\b|lot = -?\d", one[1])] == []


def test_reading_one_job_with_its_neighbours_walks_nothing(drive: Driver, plans) -> None:
    ids = some_jobs(drive)
    found = plans(lambda: [drive.backend.get(id) for id in ids])
    assert any("horizon_edge" in sql for _, sql in found)
    assert [one for one in found if GROWING.match(one[0]) or re.match(r"SCAN \w\b", one[0])] == []


def test_groups_find_their_members_by_an_index(drive: Driver, plans) -> None:
    some_jobs(drive)
    batch, other = push_batch(drive, 8, allow=5), push_batch(drive, 4)

    def busy() -> None:
        batch.end(batch.jobs[0], result=b"1")
        batch.end(batch.jobs[1], Kind.FAILED)
        drive.did(Verb.RETRY, batch.jobs[1])
        drive.backend.push(members(batch.id, 2))
        drive.backend.groups.cancel(other.id)
        drive.found(group=batch.id)
        drive.found(group=batch.id, states=(S.COMPLETED,))
        drive.backend.groups.find(GroupQuery(state=GroupState.RUNNING))
        drive.backend.groups.callbacks(batch.id)
        drive.backend.groups.results(batch.id)
        drive.backend.groups.parents(batch.then)
        drive.clock.advance(2)
        drive.backend.tick()

    found = plans(busy)
    assert growing(found) == []
    assert any("horizon_job_group" in plan for plan, _ in found)
    assert [one for one in found if re.match(r"SCAN (horizon_group|g)\b", one[0]) and "ORDER BY" not in one[1]] == []


LISTS: list[dict[str, Any]] = [
    {}, {"states": (S.PENDING,)}, {"states": (S.FAILED,)}, {"states": (S.COMPLETED,), "queue": "a"}, {"queue": "a"}, {"name": "Mail"},
    {"states": (S.FAILED,), "name": "Mail"}, {"tag": "x"}, {"user": "ana"}, {"states": (S.FAILED,), "cause": "mail"},
    {"states": (S.PENDING, S.SCHEDULED)}, {"states": (S.RETRYING,), "queue": "a"}, {"after": 5}, {"states": (S.FAILED,), "before": 2**60},
]  # fmt: skip


@pytest.mark.parametrize("query", LISTS)
def test_a_list_comes_from_an_index_in_its_order(drive: Driver, plans, query: dict[str, Any]) -> None:
    some_jobs(drive)
    found = plans(lambda: drive.backend.find(JobQuery(**query, limit=2)))
    walks = [one for one in found if "ORDER BY" in one[1]]
    assert growing(found) == []
    # of several streams a window each is sorted into one
    assert [one for one in walks if "TEMP B-TREE" in one[0] and "UNION ALL SELECT n FROM (SELECT" not in one[1]] == []


def chosen(drive: Driver, page: int = 51, **query: Any) -> Option:
    store: Any = drive.backend
    by_finish = len(query.get("states", ())) == 1 and query["states"][0].terminal

    def look(db) -> Option | None:
        return cheapest(db, ask(db, JobQuery(**query), by_finish=by_finish), page)

    option = store._access.read(look)
    assert option is not None
    return option


def test_of_two_indexes_the_one_with_fewer_rows_drives(drive: Driver) -> None:
    drive.push_many(30, queue="busy", name="m:Often")
    drive.push_many(3, queue="busy", name="m:Rare")
    assert "horizon_job_name" in chosen(drive, page=2, queue="busy", name="Rare").streams[0].source
    drive.push_many(60, queue="calm", name="m:Rare")
    assert "horizon_job_queue" in chosen(drive, page=2, queue="busy", name="Rare").streams[0].source


def test_a_few_rows_in_another_order_are_sorted_rather_than_many_walked(drive: Driver) -> None:
    drive.push_many(60, queue="a")
    for got in drive.reserve(4):
        drive.settle(got, Kind.FAILED, error=error(cause="c1"))
    drive.push_many(3, tags=("rare",))
    assert (chosen(drive, page=2, cause="c1").sorts, chosen(drive, page=2, cause="c1", queue="a").sorts) == (True, True)
    option = chosen(drive, page=50, states=(S.FAILED, S.CANCELLED))
    assert (option.sorts, option.size) == (True, 4)
    assert "horizon_tag" in chosen(drive, page=2, tag="rare", states=(S.PENDING,)).streams[0].source


def test_a_search_stops_behind_so_many_rows_of_its_index_and_goes_on_from_there(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "SCAN_LIMIT", 20)
    rare = drive.push(queue="a", user="ana", tags=("x",))
    drive.push_many(60, queue="a", tags=("x",))
    drive.push_many(60, user="ana")
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = drive.backend.find(JobQuery(queue="a", user="ana", limit=5, cursor=cursor))
        assert (page.searched_back_to is None) == (page.next is None)
        seen += [record.id for record in page.items]
        cursor, pages = page.next, pages + 1
    assert (seen, pages) == ([rare], 4)


def test_what_no_counter_knows_anything_of_is_not_looked_for(drive: Driver) -> None:
    drive.push_many(3)
    store: Any = drive.backend
    for query in (JobQuery(name="Nobody"), JobQuery(states=(S.FAILED,), tag="x"), JobQuery(tag="nobody*")):
        assert store._access.read(lambda db, query=query: cheapest(db, ask(db, query, by_finish=False), 10)) is None


def test_the_audit_log_is_read_along_an_index_whatever_is_asked(drive: Driver, plans) -> None:
    for index in range(30):
        drive.backend.audit.append(AuditEntry(actor="ana" if index % 3 else "bob", verb="retry", target=f"t{index}"))
        drive.clock.advance(60)
    asked = (
        AuditQuery(),
        AuditQuery(cursor=20, limit=5),
        AuditQuery(actor="ana"),
        AuditQuery(verb="retry", text="t1"),
        AuditQuery(actor="bob", verb="retry", after=drive.clock() - 600 * 10**6, before=drive.clock()),
    )
    told = [one for query in asked for one in plans(lambda query=query: drive.backend.audit.find(query))] + plans(drive.backend.audit.words)
    assert [one for one in told if "TEMP B-TREE" in one[0] or one[0].startswith("SCAN horizon_audit")] == []


def test_what_was_forgotten_is_listed_along_an_index(drive: Driver, plans) -> None:
    ids = some_jobs(drive)
    drive.act(Verb.FORGET, *ids)
    told = plans(drive.backend.hidden) + plans(lambda: drive.backend.hidden(before=(drive.clock(), 3), limit=2))
    assert [one for one in told if "TEMP B-TREE" in one[0] or GROWING.match(one[0])] == []
    assert any("horizon_done_hidden" in one[0] for one in told)
