"""What PostgreSQL does with our statements where there are many jobs: rows are found by an index, and few are looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from psycopg import sql

from horizon.backends.database import turn
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.database.kernel import record
from horizon.backends.database.needed import LOOK, Oldest, look
from horizon.backends.database.postgres import swift, words
from horizon.backends.database.postgres.driver import PostgresDb
from horizon.backends.database.postgres.line import numbered
from horizon.backends.database.postgres.text import translated
from horizon.backends.values import ActParams, SessionInfo, StoreOptions, Verb, Want
from horizon.core.audit import AuditQuery
from horizon.core.clock import HOUR, SECOND
from horizon.core.limit import Limit
from horizon.core.outcome import Kind
from horizon.core.query import SCAN_LIMIT, JobQuery, Selection
from horizon.core.states import JobState as S
from tests.backends.database.postgres.conftest import Opener, template
from tests.conformance.driver import after, envelope, error, outcome
from tests.servers.postgres import Postgres
from tests.servers.running import running
from tests.servers.server import Missing

JOBS = 60_000
LARGE = {f"horizon_{name}" for name in ("job", "live", "done", "tag", "edge", "attempt", "log", "audit")}
FEW = SCAN_LIMIT + 1_000
FILL = f"""
INSERT INTO horizon_job (n, id, name, queue, created_at, pushed_at, priority, version, tags, owner, group_id, until_processing, weight, hook, payload)
  SELECT n, 'id-' || n, 'app:Class' || n % 200, 'q' || n % 50, n, n * 1000, 0, 1, '["t' || n % 1000 || '"]', CASE WHEN n % 10 = 0 THEN 'u' || n % 70 END,
  CASE WHEN n % 5 = 1 THEN 'g' || n % 300 END, 0, 1, 0, ''
  FROM generate_series(1, {JOBS}) n;
INSERT INTO horizon_tag SELECT 't' || n % 1000, n FROM generate_series(1, {JOBS}) n;
INSERT INTO horizon_live (n, state, queue, name, rank, place, due, available_at, size, tries, runs, round, crashes, suspect, alone, key_spent)
  SELECT n, CASE WHEN n % 7 = 0 THEN 3 ELSE 1 END, queue, name, 0, n, CASE WHEN n % 7 = 0 THEN 4102444800000000 + n END, n, 0, 0, 0, 0, 0, 0, 0, 0 FROM horizon_job WHERE n % 4 = 0;
INSERT INTO horizon_done (n, state, finished_at, queue, name, rank, key_spent, ran, tries, runs, round, crashes, outcome, cause, error_type, error_message, worker)
  SELECT n, CASE WHEN n % 10 = 3 THEN 7 ELSE 6 END, n * 2000, queue, name, 0, 0, 1, 1, 1, 0, 0, 'x', CASE WHEN n % 10 = 3 THEN 'c' || n % 13 END,
  CASE WHEN n % 10 = 3 THEN 'E' END, 'm', 'h:1' FROM horizon_job WHERE n % 4 <> 0;
INSERT INTO horizon_edge SELECT n, n + 4, 1, 0 FROM generate_series(4, 8000, 4) n;
INSERT INTO horizon_attempt (n, run, round, outcome) SELECT n, 0, 0, 'retry' FROM horizon_done;
INSERT INTO horizon_log SELECT n, 1, 1, 0, '[]' FROM horizon_done;
INSERT INTO horizon_audit (at, actor, verb, target, count) SELECT n, 'a' || n % 20, 'v' || n % 9, 't', 1 FROM generate_series(1, 20000) n;
INSERT INTO horizon_counter SELECT queue, name, state, count(*) FROM (SELECT queue, name, state FROM horizon_live UNION ALL SELECT queue, name, state FROM horizon_done) x GROUP BY 1, 2, 3;
SELECT setval('horizon_job_n', {JOBS});
ANALYZE;
"""

FEW_LIVE = """
INSERT INTO horizon_live (n, state, queue, name, rank, place, due, available_at, size, tries, runs, round, crashes, suspect, alone, key_spent)
  SELECT n, {state}, 'mails', 'app:A', 0, n, CASE WHEN {state} = 3 THEN 4102444800000000 END, n, 0, 0, 0, 0, 0, 0, 0, 0 FROM generate_series({first}, {last}) n
"""


@pytest.fixture(scope="module")
def full() -> Iterator[DatabaseBackend]:
    """A store with many jobs of every kind, on 50 queues, of 200 classes, with 1,000 tags."""
    try:
        server = running(Postgres)
    except Missing as missing:
        pytest.skip(str(missing))
    url = server.fresh(template())
    store = DatabaseBackend(url, StoreOptions())
    store._access.lend(lambda db: db.driver.execute(FILL))  # type: ignore[attr-defined]
    store.sessions.open(SessionInfo(id="w", kind="worker", host="h", pid=1), 3600 * SECOND)
    yield store
    store.close()
    server.drop(url)


Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def plans(full: DatabaseBackend, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], Told]:
    """What the server did for every statement of a call, and for how many rows: (statement, plan)."""

    def told(call: Callable[[], object]) -> Told:
        found: Told = []
        send = PostgresDb.send

        def explain(db: PostgresDb, text: str, params: Any) -> None:
            if text.startswith(("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")) and "pg_advisory" not in text and "nextval" not in text:
                with db.driver.transaction(force_rollback=True):
                    ((plan,),) = db.driver.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + text, params).fetchall()
                found.append((text, (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]))

        def explained(db: PostgresDb, statements: Any) -> None:
            for text, params in statements:
                explain(db, text, params)
            send(db, statements)

        monkeypatch.setattr(PostgresDb, "send", explained)
        call()
        monkeypatch.undo()
        assert found
        return found

    return told


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def walks(told: Told) -> list[str]:
    """Statements that read a large table from end to end, or look at more rows than anybody may."""
    wrong = []
    for text, plan in told:
        for node in nodes(plan):
            looked = (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)) * node.get("Actual Loops", 1)
            if (node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE) or looked > FEW:
                wrong.append(f"{node['Node Type']} {node.get('Relation Name', '')} {looked}: {text}")
    return wrong


LISTS: list[dict[str, Any]] = [
    {}, {"states": (S.PENDING,)}, {"states": (S.FAILED,)}, {"states": (S.COMPLETED,)}, {"states": (S.COMPLETED,), "queue": "q4"}, {"queue": "q7"}, {"name": "Class9"},
    {"states": (S.FAILED,), "name": "Class3"}, {"tag": "t5"}, {"tag": "t99*"}, {"user": "u10"}, {"states": (S.FAILED,), "cause": "c4"}, {"cause": "c4"},
    {"group": "g31"}, {"group": "g31", "states": (S.COMPLETED,)}, {"states": (S.PENDING, S.SCHEDULED)}, {"states": (S.SCHEDULED,), "queue": "q4"}, {"after": JOBS * 900_000}, {"before": JOBS * 100_000}, {"states": (S.FAILED,), "before": JOBS * 1000},
    {"queue": "q7", "name": "Class7", "tag": "t7"}, {"states": (S.COMPLETED,), "tag": "t6", "user": "u10"}, {"queue": "q8", "text": ("nothing",)},
    {"cause": "c4", "queue": "q3"}, {"tag": "t99*", "queue": "q7"}, {"user": "u10", "states": (S.COMPLETED, S.FAILED)}, {"tag": "t5", "text": ("nothing",)},
    {"states": (S.FAILED,), "error": "nowhere"}, {"ids": ("id-5", "id-8", "id-60000")}, {"states": (S.RETRYING,)}, {"states": (S.CANCELLED,), "queue": "q1"},
]  # fmt: skip


@pytest.mark.parametrize("query", LISTS, ids=str)
def test_a_list_looks_at_few_rows_on_its_first_page_and_deep_inside(full: DatabaseBackend, plans: Any, query: dict[str, Any]) -> None:
    assert walks(plans(lambda: full.find(JobQuery(**query, limit=50)))) == []
    page = full.find(JobQuery(**query, limit=200))
    for _ in range(3):
        if page.next is None:
            break
        page = full.find(JobQuery(**query, limit=200, cursor=page.next))
    if page.next is not None:
        cursor = page.next
        assert walks(plans(lambda: full.find(JobQuery(**query, limit=50, cursor=cursor)))) == []
        assert walks(plans(lambda: full.find(JobQuery(**query, limit=50, cursor=cursor, backwards=True)))) == []


@pytest.fixture(scope="module")
def unknown(full: DatabaseBackend) -> DatabaseBackend:
    """The same store, where nobody has ever gathered statistics and tables may be of any size, for all the planner knows."""
    full._access.lend(lambda db: db.driver.execute("DELETE FROM pg_statistic WHERE starelid::regclass::text LIKE 'horizon_%'"))  # type: ignore[attr-defined]
    full._access.lend(lambda db: db.driver.execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relname LIKE 'horizon_%'"))  # type: ignore[attr-defined]
    return full


@pytest.mark.parametrize("query", LISTS, ids=str)
def test_a_list_looks_at_few_rows_where_statistics_were_never_gathered(unknown: DatabaseBackend, plans: Any, query: dict[str, Any]) -> None:
    assert walks(plans(lambda: unknown.find(JobQuery(**query, limit=50)))) == []


def test_working_looks_at_few_rows(full: DatabaseBackend, plans: Any) -> None:
    def busy() -> None:
        made = [envelope(unique_key="z", tags=("t",)), envelope(edges=after("id-8")), envelope()]
        full.push(made)
        full.push([envelope(), envelope()])
        for queues in (("q4", "q6"), ()):
            got = full.turn([], Want(session="w", executor=0, count=20, queues=queues)).reservations
            assert len(got) == 20
            kinds = [Kind.COMPLETED] * 17 + [Kind.FAILED, Kind.RETRY, Kind.RETURNED]
            full.turn(
                [
                    outcome(one, kind, error=error() if kind in (Kind.FAILED, Kind.RETRY) else None)
                    for one, kind in zip(got, kinds, strict=True)
                ]
            )
        full.sessions.renew("w", 3600 * SECOND)
        full.sessions.bury("w", 0, {})
        full.act(Selection(ids=("id-3", "id-13", "id-12")), Verb.RETRY)
        full.act(Selection(ids=("id-8", "id-28")), Verb.CANCEL)
        full.tick()

    assert walks(plans(busy)) == []


@pytest.mark.parametrize("store", ["full", "unknown"])
def test_what_there_is_to_do_is_asked_of_the_first_row_of_each_index(request: Any, plans: Any, store: str) -> None:
    backend: Any = request.getfixturevalue(store)
    ((text, plan),) = plans(lambda: look(backend._store))
    assert text == translated(LOOK)
    found = [node for node in nodes(plan) if node.get("Relation Name") not in (None, "horizon_counter")]
    assert len(found) >= len(Oldest._fields)
    for node in found:
        assert node["Node Type"] in ("Index Scan", "Index Only Scan"), node
        assert (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] <= 1, node


def waits(key: str) -> tuple[Limit, Limit]:
    """One at a time of these, and 30 of all."""
    return Limit(key=key, most=1, strategy="concurrent"), Limit(key="all", most=30, per=HOUR)


def test_jobs_that_wait_for_a_limit_are_found_by_their_lot_however_many_they_are(full: DatabaseBackend, plans: Any) -> None:
    for _ in range(3):
        full.push([envelope(queue="limited", limits=waits("door")) for _ in range(1_000)])
    full.push([envelope(queue="limited", limits=waits(f"user {number % 50}")) for number in range(200)])

    def busy() -> None:
        for _ in range(3):
            full.push([envelope(queue="limited", limits=waits("door"), priority=3)])
            got = full.turn([], Want(session="w", executor=0, count=8, queues=("limited",))).reservations
            kinds = [Kind.RETURNED, Kind.RETRY, *[Kind.COMPLETED] * 6]
            full.turn([outcome(one, kind, started=kind is not Kind.RETURNED) for one, kind in zip(got, kinds, strict=True)])
        full.limits.define([Limit(key="door", most=2, strategy="concurrent")])
        full.limits.list()
        waiting = [one.id for one in full.find(JobQuery(queue="limited", states=(S.SCHEDULED,), limit=3)).items]
        full.get(waiting[0])
        full.act(Selection(ids=(waiting[0],)), Verb.PRIORITIZE, ActParams(priority=9))
        full.act(Selection(ids=(waiting[1],)), Verb.MOVE, ActParams(queue="elsewhere"))
        full.act(Selection(ids=(waiting[2],)), Verb.CANCEL)
        full.tick()

    assert walks(plans(busy)) == []


STATISTICS: dict[str, Sequence[str]] = {
    "never analysed": (),
    "analysed while there was nothing": ("ANALYZE horizon_live",),
    "analysed while everything was scheduled": (f"{FEW_LIVE.format(state=3, first=1, last=5_000)}", "ANALYZE horizon_live"),
    "vacuumed when all had gone": (
        f"{FEW_LIVE.format(state=1, first=1, last=5_000)}",
        "DELETE FROM horizon_live",
        "VACUUM ANALYZE horizon_live",
    ),
    "counted when nearly all had gone": (
        f"{FEW_LIVE.format(state=1, first=1, last=10_000)}",
        "DELETE FROM horizon_live WHERE n < 9996",
        "VACUUM ANALYZE horizon_live",
    ),
    "analysed while a handful ran": (f"{FEW_LIVE.format(state=2, first=1, last=40)}", "ANALYZE horizon_live"),
}


@pytest.mark.parametrize("before", STATISTICS)
@pytest.mark.parametrize("after", ["as it was", "analysed again"])
def test_the_next_jobs_are_found_along_their_index_whatever_the_server_believes_of_the_table(
    opened: Opener, before: str, after: str
) -> None:
    """A sort, or another index, would read the whole backlog at every turn."""
    store = opened()
    store.sessions.open(SessionInfo(id="w", kind="worker", host="h", pid=1), 3600 * SECOND)

    def look(db: PostgresDb) -> None:
        for statement in ("ALTER TABLE horizon_live SET (autovacuum_enabled = off)", *STATISTICS[before]):
            db.driver.execute(statement)
        db.driver.execute(FEW_LIVE.format(state=1, first=10_001, last=16_000))
        if after == "analysed again":
            db.driver.execute("ANALYZE horizon_live")
        found.extend(_choosing(db))

    found: list[dict[str, Any]] = []
    store._access.lend(look)  # type: ignore[attr-defined]
    for plan in found[:2]:
        used = [
            node["Index Name"]
            for node in nodes(plan)
            if node.get("Relation Name") == "horizon_live" and "queue" in node.get("Index Cond", "")
        ]
        assert "horizon_live_take" in used
        assert not [node for node in nodes(plan) if "Sort" in node["Node Type"]], plan
    by_number = [node for node in nodes(found[2]) if node.get("Relation Name") == "horizon_live" and "Index Name" in node]
    assert [node["Index Name"] for node in by_number] == ["horizon_live_pkey"]
    assert "n >= " in by_number[0]["Index Cond"]
    assert "n <= " in by_number[0]["Index Cond"]
    queues = {node["Index Name"] for node in nodes(found[3]) if node.get("Relation Name") == "horizon_live"}
    assert queues <= {"horizon_live_take", "horizon_live_oldest"}


def _choosing(db: PostgresDb) -> list[dict[str, Any]]:
    """How the server would run both statements that choose jobs, the one that settles, and the one that finds queues, in the
    circumstances in which they are run."""
    take = (swift.translated(swift.TAKE), ("mails", "{}", 5, "w", 0, 50, 8_000_000, "t:", 0, 5, None, None, "w"))
    settle = (swift.settled(record.COMPLETE), ("{10001,10002}", "{a,b}", "{1,1}", "{1,1}", "{1,1}", "{NULL,NULL}", 5, 5, 5))
    asked = (take, (swift.translated(turn.NEXT), ("mails", 50)), settle, (swift.translated(turn.QUEUES), ()))
    return [_planned(db, text, params) for text, params in asked]


def _planned(db: PostgresDb, text: str, params: Sequence[object]) -> dict[str, Any]:
    """The plan for any values, which is what is made of a statement that is prepared once."""
    for statement in ("BEGIN", words.SORT_OFF, "SET LOCAL plan_cache_mode = force_generic_plan"):
        db.driver.execute(statement)
    db.driver.execute(b"PREPARE asked AS " + numbered(text))
    values = sql.SQL(", ").join(map(sql.Literal, params))
    explain = sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE asked") + (sql.SQL(" ({})").format(values) if params else sql.SQL(""))
    ((plan,),) = db.driver.execute(explain).fetchall()
    for statement in ("ROLLBACK", "DEALLOCATE asked"):
        db.driver.execute(statement)
    return (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]  # type: ignore[no-any-return]


def test_looking_around_looks_at_few_rows(full: DatabaseBackend, plans: Any) -> None:
    def look() -> None:
        assert full.wait(["q4"], 1) is True
        full.oldest()
        full.remaining()
        full.version()
        full.get("id-8")
        full.get("id-3")
        full.many([f"id-{n}" for n in range(1, 200)])
        full.hidden()
        full.causes(0)
        full.spread(0, JOBS * 2000)
        full.tally(("cause-1", "cause-2"))
        full.ahead(full.many(["id-8"])[0])
        full.numbers.counts()

    assert walks(plans(look)) == []


@pytest.mark.parametrize(
    "query",
    [{}, {"actor": "a3"}, {"verb": "v2", "actor": "a3"}, {"cursor": 9000}, {"after": 15000, "before": 16000}, {"text": "t"}],
    ids=str,
)
def test_the_audit_log_is_read_along_an_index(full: DatabaseBackend, plans: Any, query: dict[str, Any]) -> None:
    assert walks(plans(lambda: (full.audit.find(AuditQuery(**query)), full.audit.words()))) == []
