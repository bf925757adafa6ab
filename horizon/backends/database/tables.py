"""Every table of this store, once, in portable types. Migrations are checked against it; SQL text uses its names.

How a job is laid out, so that its life costs little:

- `job`: what was dispatched; written once, its payload never rewritten.
- `live`: where a job stands while it can still change; small, hot, with few indexes. Its primary key is the job's.
- `done`: how it ended; inserted once. A forgotten job keeps its row here with 32 added to the state (`HIDDEN`), so
  that every list leaves it out by itself.
- `attempt`: runs that were followed by another one; the last run of an ended job stands in `done` alone.
- `delta`: what each act changed in the counters; nobody updates a counter row on the way, `tick` folds them.

States are the numbers of `core.states.CODES`. Times are microseconds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, String, Table, Text, text
from sqlalchemy.dialects.mysql import LONGBLOB, LONGTEXT

PREFIX = "horizon_"
VERSION_TABLE = "horizon_alembic_version"

Long = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits. SQLite's integers always are, and only a column declared INTEGER can be its row number."""
Small = SmallInteger()
Bytewise = Text(collation="C")
Word = String(255).with_variant(Bytewise, "postgresql")
"""A name, compared byte for byte; on MySQL and MariaDB whole tables are, see `mysql/ddl.py`."""
Id = String(36).with_variant(Bytewise, "postgresql")
Prose = Text().with_variant(LONGTEXT(), "mysql", "mariadb")
Bytes = LargeBinary().with_variant(LONGBLOB(), "mysql", "mariadb")

metadata = MetaData()


def _table(name: str, *columns: Column[Any] | Index, **options: Any) -> Table:
    return Table(PREFIX + name, metadata, *columns, **options)


def _col(name: str, kind: Any, *, key: bool = False, null: bool = False, auto: bool = False) -> Column[Any]:
    numbered: dict[str, Any] = {"autoincrement": auto} if key else {}
    return Column(name, kind, primary_key=key, nullable=null, **numbered)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some rows. MySQL, which has none, indexes every row; see `mysql/ddl.py`."""
    return Index(PREFIX + name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def _index(name: str, *columns: str, unique: bool = False) -> Index:
    return Index(PREFIX + name, *columns, unique=unique)


job = _table(
    "job",
    _col("n", Long, key=True),
    _col("id", Id),
    _col("name", Word),
    _col("queue", Word),
    _col("created_at", Long),
    _col("pushed_at", Long),
    _col("priority", Small),
    _col("version", Small),
    _col("max_tries", Long, null=True),
    _col("timeout", Long, null=True),
    _col("backoff", Prose, null=True),
    _col("retry_until", Long, null=True),
    _col("max_crashes", Long, null=True),
    _col("deadline", Long, null=True),
    _col("tags", Prose, null=True),
    _col("owner", Word, null=True),
    _col("tenant", Word, null=True),
    _col("group_id", Id, null=True),
    _col("unique_key", Word, null=True),
    _col("unique_for", Long, null=True),
    _col("until_processing", Small),
    _col("weight", Long),
    _col("hook", Small),
    _col("code_version", Word, null=True),
    _col("signature", Prose, null=True),
    _col("payload", Bytes),
    _index("job_id", "id", unique=True),
    _index("job_name", "name", "n"),
    _index("job_queue", "queue", "n"),
    _partial("job_owner", "owner", "n", where="owner IS NOT NULL"),
)

live = _table(
    "live",
    _col("n", Long, key=True),
    _col("state", Small),
    _col("queue", Word),
    _col("name", Word),
    _col("rank", Small),
    _col("place", Long),
    _col("due", Long, null=True),
    _col("available_at", Long),
    _col("size", Long),
    _col("tries", Long),
    _col("runs", Long),
    _col("round", Long),
    _col("crashes", Long),
    _col("suspect", Small),
    _col("token", Word, null=True),
    _col("session", Word, null=True),
    _col("executor", Long, null=True),
    _col("worker", Word, null=True),
    _col("reserved_at", Long, null=True),
    _col("alone", Small),
    _col("cancel_reason", Prose, null=True),
    _col("unique_key", Word, null=True),
    _col("unique_until", Long, null=True),
    _col("key_spent", Small),
    _col("deadline", Long, null=True),
    _col("hide_reason", Prose, null=True),
    _col("max_tries", Long, null=True),
    _col("timeout", Long, null=True),
    _col("last_token", Word, null=True),
    _col("last_said", Small, null=True),
    _col("progress", Small, null=True),
    _col("note", Prose, null=True),
    _col("started_at", Long, null=True),
    _col("wait", Long, null=True),
    _col("runtime", Long, null=True),
    _col("memory_kb", Long, null=True),
    _col("cause", Word, null=True),
    _col("error_type", Prose, null=True),
    _col("error_message", Prose, null=True),
    _col("reason", Prose, null=True),
    _partial("live_take", "queue", "rank", "place", "n", where="state = 1"),
    _index("live_list", "state", "n"),
    _partial("live_due", "due", where="due IS NOT NULL"),
    _partial("live_oldest", "queue", "available_at", where="state = 1"),
    _partial("live_cause", "cause", "n", where="cause IS NOT NULL"),
    _partial("live_queue_due", "queue", "due", where="due IS NOT NULL"),
    _partial("live_session", "session", "executor", where="session IS NOT NULL"),
    _partial("live_unique", "unique_key", where="unique_key IS NOT NULL", unique=True),
)

done = _table(
    "done",
    _col("n", Long, key=True),
    _col("state", Small),
    _col("finished_at", Long),
    _col("hidden_at", Long, null=True),
    _col("queue", Word),
    _col("name", Word),
    _col("rank", Small),
    _col("cancelled_by", Long, null=True),
    _col("key_spent", Small),
    _col("hide_reason", Prose, null=True),
    _col("token", Word, null=True),
    _col("said", Small, null=True),
    _col("ran", Small),
    _col("available_at", Long, null=True),
    _col("started_at", Long, null=True),
    _col("wait", Long, null=True),
    _col("runtime", Long, null=True),
    _col("tries", Long),
    _col("runs", Long),
    _col("round", Long),
    _col("crashes", Long),
    _col("max_tries", Long, null=True),
    _col("timeout", Long, null=True),
    _col("memory_kb", Long, null=True),
    _col("worker", Word, null=True),
    _col("progress", Small, null=True),
    _col("note", Prose, null=True),
    _col("outcome", Word),
    _col("cause", Word, null=True),
    _col("error_type", Prose, null=True),
    _col("error_message", Prose, null=True),
    _col("reason", Prose, null=True),
    _col("result", Bytes, null=True),
    _col("traceback", Prose, null=True),
    _index("done_list", "state", "finished_at", "n"),
    _index("done_queue", "queue", "state", "finished_at", "n"),
    _index("done_name", "name", "state", "finished_at", "n"),
    _partial("done_cause", "cause", "state", "finished_at", "n", where="cause IS NOT NULL"),
    _partial("done_hidden", "hidden_at", where="hidden_at IS NOT NULL"),
)

attempt = _table(
    "attempt",
    _col("n", Long, key=True),
    _col("run", Long, key=True),
    _col("round", Long),
    _col("started_at", Long, null=True),
    _col("finished_at", Long, null=True),
    _col("worker", Word, null=True),
    _col("outcome", Word),
    _col("memory_kb", Long, null=True),
    _col("delay", Long, null=True),
    _col("reason", Prose, null=True),
    _col("cause", Word, null=True),
    _col("error_type", Prose, null=True),
    _col("error_message", Prose, null=True),
    _col("traceback", Prose, null=True),
    sqlite_with_rowid=False,
)

log = _table(
    "log",
    _col("n", Long, key=True),
    _col("run", Long, key=True),
    _col("chunk", Long, key=True),
    _col("dropped", Long),
    _col("lines", Prose),
    sqlite_with_rowid=False,
)

edge = _table(
    "edge",
    _col("parent", Long, key=True),
    _col("child", Long, key=True),
    _col("condition", Small, key=True),
    _col("state", Small),
    _index("edge_child", "child"),
    sqlite_with_rowid=False,
)

gate = _table("gate", _col("parent", Long, key=True), _col("kind", Small, key=True))

tag = _table("tag", _col("tag", Word, key=True), _col("n", Long, key=True), sqlite_with_rowid=False)

tombstone = _table("tombstone", _col("id", Id, key=True), _col("removed_at", Long), _index("tombstone_removed", "removed_at"))

session = _table(
    "session",
    _col("id", Word, key=True),
    _col("kind", Word),
    _col("host", Word),
    _col("pid", Long),
    _col("queues", Prose),
    _col("fair", Small),
    _col("processes", Long),
    _col("concurrency", Long),
    _col("code_version", Word, null=True),
    _col("version", Word, null=True),
    _col("report", Prose),
    _col("started_at", Long),
    _col("renewed_at", Long),
    _col("expires_at", Long),
    _col("ended_at", Long, null=True),
    _index("session_ended", "ended_at", "expires_at"),
)

command = _table(
    "command",
    _col("seq", Long, key=True, auto=True),
    _col("session", Word),
    _col("verb", Word),
    _index("command_session", "session", "seq"),
)

lock = _table("lock", _col("name", Word, key=True), _col("holder", Word), _col("term", Long), _col("expires_at", Long))

audit = _table(
    "audit",
    _col("seq", Long, key=True, auto=True),
    _col("at", Long),
    _col("actor", Word),
    _col("verb", Word),
    _col("target", Prose),
    _col("count", Long),
    _col("detail", Prose, null=True),
    _col("origin", Prose, null=True),
    _index("audit_at", "at"),
    _index("audit_actor", "actor", "seq"),
    _index("audit_verb", "verb", "seq"),
)

inbox = _table(
    "inbox",
    _col("seq", Long, key=True, auto=True),
    _col("id", Id),
    _col("queue", Word),
    _col("at", Long),
    _col("envelope", Prose),
    _col("payload", Bytes),
    _index("inbox_id", "id"),
)

queue = _table(
    "queue",
    _col("name", Word, key=True),
    _col("defined", Prose),
    _col("overrides", Prose),
    _col("paused", Small),
    _col("paused_until", Long, null=True),
    _col("paused_reason", Prose, null=True),
)

operation = _table(
    "operation",
    _col("seq", Long, key=True, auto=True),
    _col("id", Id),
    _col("verb", Word),
    _col("query", Prose),
    _col("params", Prose),
    _col("actor", Word),
    _col("state", Word),
    _col("created_at", Long),
    _col("finished_at", Long, null=True),
    _col("expected", Long, null=True),
    _col("done", Long),
    _col("skipped", Long),
    _col("reasons", Prose),
    _col("position", Prose, null=True),
    _index("operation_id", "id", unique=True),
    _index("operation_state", "state", "seq"),
)

_STATE_COLUMNS = [f"s{code}" for code in range(1, 9)]
_SUM_COLUMNS = ["pushed", "completed", "failed", "cancelled", "retried", "memory_kb"]

delta = _table(
    "delta",
    _col("seq", Long, key=True, auto=True),
    _col("at", Long),
    _col("queue", Word),
    _col("name", Word),
    *[_col(column, Long) for column in _STATE_COLUMNS + _SUM_COLUMNS],
    _col("runtime", Prose, null=True),
    _col("wait", Prose, null=True),
)

counter = _table(
    "counter",
    _col("queue", Word, key=True),
    _col("name", Word, key=True),
    _col("state", Small, key=True),
    _col("n", Long),
    sqlite_with_rowid=False,
)

sample = _table(
    "sample",
    _col("span", Long, key=True),
    _col("at", Long, key=True),
    _col("queue", Word, key=True),
    _col("name", Word, key=True),
    *[_col(column, Long) for column in _SUM_COLUMNS],
    _col("runtime", Prose, null=True),
    _col("wait", Prose, null=True),
    sqlite_with_rowid=False,
)

meta = _table("meta", _col("name", Word, key=True), _col("value", Long))

user = _table(
    "user",
    _col("name", Word, key=True),
    _col("role", Word),
    _col("password", Prose),
    _col("stamp", Word),
    _col("created_at", Long),
    _col("seen_at", Long, null=True),
)

token = _table(
    "token",
    _col("id", Word, key=True),
    _col("name", Word),
    _col("role", Word),
    _col("scope", Prose, null=True),
    _col("digest", Word),
    _col("created_by", Prose),
    _col("created_at", Long),
    _col("expires_at", Long, null=True),
    _col("used_at", Long, null=True),
)

signed_out = _table("signed_out", _col("id", Word, key=True), _col("until", Long), _index("signed_out_until", "until"))

meter = _table("meter", _col("name", Word, key=True), _col("taken", Long), _col("until", Long), _index("meter_until", "until"))

schedule = _table(
    "schedule",
    _col("name", Word, key=True),
    _col("version", Long),
    _col("next_at", Long, null=True),
    _col("document", Prose),
    _index("schedule_next", "next_at"),
)

schedule_run = _table(
    "schedule_run",
    _col("seq", Long, key=True, auto=True),
    _col("schedule", Word),
    _col("document", Prose),
    _index("schedule_run_of", "schedule", "seq"),
)
