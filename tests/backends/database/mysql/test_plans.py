"""What MariaDB does with our statements where there are many jobs: it reads few rows, by its own count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from horizon.backends.database import migrate
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.database.mysql.behind import SECONDS
from horizon.backends.database.mysql.text import translated
from horizon.backends.database.needed import QUESTIONS, look
from horizon.backends.values import SessionInfo, StoreOptions, Verb, Want
from horizon.core.audit import AuditQuery
from horizon.core.clock import HOUR, SECOND
from horizon.core.limit import Limit
from horizon.core.outcome import Kind
from horizon.core.query import SCAN_LIMIT, JobQuery, Selection
from tests.backends.database.postgres.test_plans import JOBS, LISTS
from tests.conformance.driver import after, envelope, error, outcome
from tests.servers.mariadb import MariaDB
from tests.servers.running import running
from tests.servers.server import Missing

FEW = SCAN_LIMIT + 1_000
"""Rows that a question may look at."""
STEPS = 8 * FEW
"""Steps in indexes and tables for them: each row of a list stands in three tables or four, and is looked at for several reasons."""
SECOND_ROWS = ";\n".join((translated(second.into_in_a_row).template % (b"1", b"%d" % JOBS)).decode() for second in SECONDS)
FILL = f"""
INSERT INTO horizon_job (n, id, name, queue, created_at, pushed_at, priority, version, tags, owner, until_processing, weight, hook, payload)
  SELECT seq, concat('id-', seq), concat('app:Class', seq % 200), concat('q', seq % 50), seq, seq * 1000, 0, 1, concat('["t', seq % 1000, '"]'),
  CASE WHEN seq % 10 = 0 THEN concat('u', seq % 70) END, 0, 1, 0, '' FROM seq_1_to_{JOBS};
INSERT INTO horizon_tag SELECT concat('t', seq % 1000), seq FROM seq_1_to_{JOBS};
INSERT INTO horizon_live (n, state, queue, name, `rank`, place, due, available_at, size, tries, runs, round, crashes, suspect, alone, key_spent)
  SELECT n, CASE WHEN n % 7 = 0 THEN 3 ELSE 1 END, queue, name, 0, n, CASE WHEN n % 7 = 0 THEN 4102444800000000 + n END, n, 0, 0, 0, 0, 0, 0, 0, 0
  FROM horizon_job WHERE n % 4 = 0;
UPDATE horizon_live SET cause = concat('c', n % 13) WHERE n % 28 = 0;
{SECOND_ROWS};
INSERT INTO horizon_done (n, state, finished_at, queue, name, `rank`, key_spent, ran, tries, runs, round, crashes, outcome, cause, error_type, error_message, worker)
  SELECT n, CASE WHEN n % 10 = 3 THEN 7 ELSE 6 END, n * 2000, queue, name, 0, 0, 1, 1, 1, 0, 0, 'x', CASE WHEN n % 10 = 3 THEN concat('c', n % 13) END,
  CASE WHEN n % 10 = 3 THEN 'E' END, 'm', 'h:1' FROM horizon_job WHERE n % 4 <> 0;
INSERT INTO horizon_edge SELECT seq, seq + 4, 1, 0 FROM seq_4_to_8000_step_4;
INSERT INTO horizon_attempt (n, run, round, outcome) SELECT n, 0, 0, 'retry' FROM horizon_done;
INSERT INTO horizon_log SELECT n, 1, 1, 0, '[]' FROM horizon_done;
INSERT INTO horizon_audit (at, actor, verb, target, count) SELECT seq, concat('a', seq % 20), concat('v', seq % 9), 't', 1 FROM seq_1_to_20000;
INSERT INTO horizon_counter SELECT queue, name, state, count(*) FROM
  (SELECT queue, name, state FROM horizon_live UNION ALL SELECT queue, name, state FROM horizon_done) x GROUP BY 1, 2, 3;
INSERT INTO horizon_number VALUES ({JOBS});
ANALYZE TABLE horizon_job, horizon_belongs, horizon_live, horizon_done, horizon_tag, horizon_edge, horizon_audit
"""


@pytest.fixture(scope="module")
def full() -> Iterator[DatabaseBackend]:
    """A store with many jobs of every kind, on 50 queues, of 200 classes, with 1,000 tags."""
    try:
        server = running(MariaDB)
    except Missing as missing:
        pytest.skip(str(missing))
    url = server.fresh()
    migrate.upgrade(url)
    for statement in FILL.split(";\n"):
        server.ask(statement, url.rpartition("/")[2])
    store = DatabaseBackend(url, StoreOptions())
    store.sessions.open(SessionInfo(id="w", kind="worker", host="h", pid=1), 3600 * SECOND)
    yield store
    store.close()
    server.drop(url)


@pytest.fixture
def steps(full: DatabaseBackend) -> Callable[[Callable[[], object]], int]:
    """How many steps in tables and indexes a call takes; it goes over the one connection there is."""

    def of(call: Callable[[], object]) -> int:
        before = _read(full)
        call()
        return _read(full) - before

    return of


def _read(store: DatabaseBackend) -> int:
    rows = store._access.lend(
        lambda db: db.all("SHOW SESSION STATUS WHERE variable_name LIKE 'Handler_read_%' AND variable_name NOT LIKE '%deleted'")
    )  # type: ignore[attr-defined]
    return sum(int(value) for _, value in rows)


@pytest.mark.parametrize("query", LISTS, ids=str)
def test_a_list_looks_at_few_rows_on_its_first_page_and_deep_inside(full: DatabaseBackend, steps: Any, query: dict[str, Any]) -> None:
    counters = steps(full.numbers.counts)
    assert steps(lambda: full.find(JobQuery(**query, limit=50))) - counters < STEPS
    page = full.find(JobQuery(**query, limit=200))
    for _ in range(3):
        if page.next is None:
            break
        page = full.find(JobQuery(**query, limit=200, cursor=page.next))
    if (cursor := page.next) is not None:
        for backwards in (False, True):
            taken = steps(lambda back=backwards: full.find(JobQuery(**query, limit=50, cursor=cursor, backwards=back)))  # type: ignore[misc]
            assert taken - counters < STEPS


def test_working_looks_at_few_rows(full: DatabaseBackend, steps: Any) -> None:
    def busy() -> None:
        full.push([envelope(unique_key="z", tags=("t",)), envelope(edges=after("id-8")), envelope()])
        full.push([envelope(), envelope()])
        for queues in (("q4", "q6"), ()):
            got = full.turn([], Want(session="w", executor=0, count=20, queues=queues)).reservations
            assert len(got) == 20
            kinds = [Kind.COMPLETED] * 17 + [Kind.FAILED, Kind.RETRY, Kind.RETURNED]
            failed = (Kind.FAILED, Kind.RETRY)
            full.turn([outcome(one, kind, error=error() if kind in failed else None) for one, kind in zip(got, kinds, strict=True)])
        full.sessions.renew("w", 3600 * SECOND)
        full.sessions.bury("w", 0, {})
        full.act(Selection(ids=("id-3", "id-13", "id-12")), Verb.RETRY)
        full.act(Selection(ids=("id-8", "id-28")), Verb.CANCEL)

    assert steps(busy) < FEW


def test_what_there_is_to_do_is_asked_of_the_first_row_of_each_index(full: DatabaseBackend, steps: Any) -> None:
    full.tick()
    counters = steps(lambda: full._access.read(lambda db: db.all(QUESTIONS["kept"])))
    assert steps(lambda: look(full._store)) - counters < 4 * len(QUESTIONS)


def test_jobs_that_wait_for_a_limit_are_found_by_their_lot_however_many_they_are(full: DatabaseBackend, steps: Any) -> None:
    door = Limit(key="door", most=1, strategy="concurrent")
    full.push([envelope(queue="limited", limits=(door,)) for _ in range(1_000)])
    full.push([envelope(queue="limited", limits=(Limit(key=f"user {number}", most=1, per=HOUR),)) for number in range(500)])

    def busy() -> None:
        full.push([envelope(queue="limited", limits=(door,), priority=3)])
        got = full.turn([], Want(session="w", executor=0, count=4, queues=("limited",))).reservations
        full.turn([outcome(one, Kind.COMPLETED) for one in got])
        full.limits.list(20)

    assert steps(busy) < 600


def test_looking_around_looks_at_few_rows(full: DatabaseBackend, steps: Any) -> None:
    def look() -> None:
        assert full.wait(["q4"], 1) is True
        full.oldest()
        full.version()
        full.get("id-8")
        full.get("id-3")
        full.many([f"id-{n}" for n in range(1, 200)])
        full.hidden()

    assert steps(look) < FEW
    assert steps(lambda: full.causes(0)) < 4 * FEW
    assert steps(lambda: full.spread(0, JOBS * 2000)) < 6 * FEW


@pytest.mark.parametrize(
    "query",
    [{}, {"actor": "a3"}, {"verb": "v2", "actor": "a3"}, {"cursor": 9000}, {"after": 15000, "before": 16000}, {"text": "t"}],
    ids=str,
)
def test_the_audit_log_is_read_along_an_index(full: DatabaseBackend, steps: Any, query: dict[str, Any]) -> None:
    assert steps(lambda: (full.audit.find(AuditQuery(**query)), full.audit.words())) < 2 * FEW


def test_a_turn_does_not_read_the_backlog_however_wrong_the_statistics_are() -> None:
    try:
        server = running(MariaDB)
    except Missing as missing:
        pytest.skip(str(missing))
    url = server.fresh()
    migrate.upgrade(url)  # statistics are gathered now, and not again in the next ten seconds
    store = DatabaseBackend(url, StoreOptions())
    store.sessions.open(SessionInfo(id="w", kind="worker", host="h", pid=1), 3600 * SECOND)
    waiting = [f"q{number:02}" for number in range(12)]
    for start in range(3):
        store.push([envelope(queue=queue) for queue in waiting for _ in range(80)])
        if start == 0:
            assert {job.queue for job in store.turn([], Want(session="w", executor=9, count=900)).reservations} == set(waiting)
    store.push([envelope(queue=queue) for queue in ("p", "q05x", "z'\\") for _ in range(80)])
    got = store.turn([], Want(session="w", executor=0, count=20)).reservations
    before = _read(store)
    got = store.turn([outcome(one, Kind.COMPLETED) for one in got], Want(session="w", executor=0, count=20)).reservations
    assert len(got) == 20
    assert _read(store) - before < 400
    assert set(store.oldest()) == {*waiting, "p", "q05x", "z'\\"}
    store.close()
    server.drop(url)
