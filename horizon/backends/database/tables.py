"""Every table of this store, once, in portable types. Migrations are checked against it; SQL text uses its names.

How a job is laid out, so that its life costs little:

- `job`: what was dispatched; written once, its payload never rewritten.
- `live`: where a job stands while it can still change; small, hot, with few indexes. Its primary key is the job's.
- `done`: how it ended; inserted once. A forgotten job keeps its row here with 32 added to the state (`HIDDEN`), so
  that every list leaves it out by itself.
- `attempt`: runs that were followed by another one; the last run of an ended job stands in `done` alone.
- `group`: a batch, chain or workflow; its figures are those of its members, as far as they were folded. `group_n` of a job is
  the group it counts in: none of a member that runs again after it completed. As the parent of an edge a group is `-n`.
- `group_delta`: what each act changed in the figures of a group; `kernel/groups.py` folds them.
- `delta`: what each act changed in the counters; nobody updates a counter row on the way, `tick` folds them.

States are the numbers of `core.states.CODES`. Times are microseconds.
"""

from __future__ import annotations

from horizon.backends.database import audit_tables as audit_tables
from horizon.backends.database import effect_tables as effect_tables
from horizon.backends.database import group_tables as group_tables
from horizon.backends.database import limit_tables as limit_tables
from horizon.backends.database import note_tables as note_tables
from horizon.backends.database import rollup_tables as rollup_tables
from horizon.backends.database.columns import PREFIX as PREFIX
from horizon.backends.database.columns import VERSION_TABLE as VERSION_TABLE
from horizon.backends.database.columns import Bytes, Id, Long, Prose, Small, Word, col, index, partial, table
from horizon.backends.database.columns import metadata as metadata

job = table(
    "job",
    col("n", Long, key=True),
    col("id", Id),
    col("name", Word),
    col("queue", Word),
    col("created_at", Long),
    col("pushed_at", Long),
    col("priority", Small),
    col("version", Small),
    col("max_tries", Long, null=True),
    col("timeout", Long, null=True),
    col("backoff", Prose, null=True),
    col("retry_until", Long, null=True),
    col("max_crashes", Long, null=True),
    col("deadline", Long, null=True),
    col("tags", Prose, null=True),
    col("owner", Word, null=True),
    col("tenant", Word, null=True),
    col("group_id", Id, null=True),
    col("unique_key", Word, null=True),
    col("unique_for", Long, null=True),
    col("until_processing", Small),
    col("weight", Long),
    col("hook", Small),
    col("code_version", Word, null=True),
    col("signature", Prose, null=True),
    col("payload", Bytes),
    col("fair", Word, null=True),
    col("share", Long, null=True),
    col("expires", Small, null=True),
    col("limits", Prose, null=True),
    index("job_id", "id", unique=True),
    index("job_name", "name", "n"),
    index("job_queue", "queue", "n"),
    partial("job_owner", "owner", "n", where="owner IS NOT NULL"),
    partial("job_group", "group_id", "n", where="group_id IS NOT NULL"),
)

live = table(
    "live",
    col("n", Long, key=True),
    col("state", Small),
    col("queue", Word),
    col("name", Word),
    col("rank", Small),
    col("place", Long),
    col("due", Long, null=True),
    col("available_at", Long),
    col("size", Long),
    col("tries", Long),
    col("runs", Long),
    col("round", Long),
    col("crashes", Long),
    col("suspect", Small),
    col("token", Word, null=True),
    col("session", Word, null=True),
    col("executor", Long, null=True),
    col("worker", Word, null=True),
    col("reserved_at", Long, null=True),
    col("alone", Small),
    col("cancel_reason", Prose, null=True),
    col("unique_key", Word, null=True),
    col("unique_until", Long, null=True),
    col("key_spent", Small),
    col("deadline", Long, null=True),
    col("hide_reason", Prose, null=True),
    col("max_tries", Long, null=True),
    col("timeout", Long, null=True),
    col("last_token", Word, null=True),
    col("last_said", Small, null=True),
    col("progress", Small, null=True),
    col("note", Prose, null=True),
    col("started_at", Long, null=True),
    col("wait", Long, null=True),
    col("runtime", Long, null=True),
    col("memory_kb", Long, null=True),
    col("cause", Word, null=True),
    col("error_type", Prose, null=True),
    col("error_message", Prose, null=True),
    col("reason", Prose, null=True),
    col("group_n", Long, null=True),
    col("fair", Word, null=True),
    col("share", Long, null=True),
    col("expires", Small, null=True),
    col("lot", Long, null=True),
    partial("live_take", "queue", "rank", "place", "n", where="state = 1"),
    index("live_list", "state", "n"),
    partial("live_due", "due", where="due IS NOT NULL"),
    partial("live_oldest", "queue", "available_at", where="state = 1"),
    partial("live_cause", "cause", "n", where="cause IS NOT NULL"),
    partial("live_queue_due", "queue", "due", where="due IS NOT NULL"),
    partial("live_session", "session", "executor", where="session IS NOT NULL"),
    partial("live_fair", "fair", "queue", "rank", "place", where="fair IS NOT NULL AND place > 0"),
    partial("live_lot", "lot", "state", "rank", "place", "n", where="lot IS NOT NULL"),
    partial("live_unique", "unique_key", where="unique_key IS NOT NULL", unique=True),
)

done = table(
    "done",
    col("n", Long, key=True),
    col("state", Small),
    col("finished_at", Long),
    col("hidden_at", Long, null=True),
    col("queue", Word),
    col("name", Word),
    col("rank", Small),
    col("cancelled_by", Long, null=True),
    col("key_spent", Small),
    col("hide_reason", Prose, null=True),
    col("token", Word, null=True),
    col("said", Small, null=True),
    col("ran", Small),
    col("available_at", Long, null=True),
    col("started_at", Long, null=True),
    col("wait", Long, null=True),
    col("runtime", Long, null=True),
    col("tries", Long),
    col("runs", Long),
    col("round", Long),
    col("crashes", Long),
    col("max_tries", Long, null=True),
    col("timeout", Long, null=True),
    col("memory_kb", Long, null=True),
    col("worker", Word, null=True),
    col("progress", Small, null=True),
    col("note", Prose, null=True),
    col("outcome", Word),
    col("cause", Word, null=True),
    col("error_type", Prose, null=True),
    col("error_message", Prose, null=True),
    col("reason", Prose, null=True),
    col("result", Bytes, null=True),
    col("traceback", Prose, null=True),
    col("group_n", Long, null=True),
    index("done_list", "state", "finished_at", "n"),
    index("done_queue", "queue", "state", "finished_at", "n"),
    index("done_name", "name", "state", "finished_at", "n"),
    partial("done_cause", "cause", "state", "finished_at", "n", where="cause IS NOT NULL"),
    partial("done_hidden", "hidden_at", where="hidden_at IS NOT NULL"),
)

attempt = table(
    "attempt",
    col("n", Long, key=True),
    col("run", Long, key=True),
    col("round", Long),
    col("started_at", Long, null=True),
    col("finished_at", Long, null=True),
    col("worker", Word, null=True),
    col("outcome", Word),
    col("memory_kb", Long, null=True),
    col("delay", Long, null=True),
    col("reason", Prose, null=True),
    col("cause", Word, null=True),
    col("error_type", Prose, null=True),
    col("error_message", Prose, null=True),
    col("traceback", Prose, null=True),
    sqlite_with_rowid=False,
)

log = table(
    "log",
    col("n", Long, key=True),
    col("run", Long, key=True),
    col("chunk", Long, key=True),
    col("dropped", Long),
    col("lines", Prose),
    sqlite_with_rowid=False,
)

edge = table(
    "edge",
    col("parent", Long, key=True),
    col("child", Long, key=True),
    col("condition", Small, key=True),
    col("state", Small),
    index("edge_child", "child"),
    sqlite_with_rowid=False,
)

gate = table("gate", col("parent", Long, key=True), col("kind", Small, key=True))

tag = table("tag", col("tag", Word, key=True), col("n", Long, key=True), sqlite_with_rowid=False)

tombstone = table("tombstone", col("id", Id, key=True), col("removed_at", Long), index("tombstone_removed", "removed_at"))

session = table(
    "session",
    col("id", Word, key=True),
    col("kind", Word),
    col("host", Word),
    col("pid", Long),
    col("queues", Prose),
    col("fair", Small),
    col("processes", Long),
    col("concurrency", Long),
    col("code_version", Word, null=True),
    col("version", Word, null=True),
    col("report", Prose),
    col("started_at", Long),
    col("renewed_at", Long),
    col("expires_at", Long),
    col("ended_at", Long, null=True),
    index("session_ended", "ended_at", "expires_at"),
)

command = table(
    "command",
    col("seq", Long, key=True, auto=True),
    col("session", Word),
    col("verb", Word),
    index("command_session", "session", "seq"),
)

lock = table(
    "lock", col("name", Word, key=True), col("holder", Word), col("term", Long), col("expires_at", Long), index("lock_over", "expires_at")
)

inbox = table(
    "inbox",
    col("seq", Long, key=True, auto=True),
    col("id", Id),
    col("queue", Word),
    col("at", Long),
    col("envelope", Prose),
    col("payload", Bytes),
    index("inbox_id", "id"),
)

queue = table(
    "queue",
    col("name", Word, key=True),
    col("defined", Prose),
    col("overrides", Prose),
    col("paused", Small),
    col("paused_until", Long, null=True),
    col("paused_reason", Prose, null=True),
)

operation = table(
    "operation",
    col("seq", Long, key=True, auto=True),
    col("id", Id),
    col("verb", Word),
    col("query", Prose),
    col("params", Prose),
    col("actor", Word),
    col("state", Word),
    col("created_at", Long),
    col("finished_at", Long, null=True),
    col("expected", Long, null=True),
    col("done", Long),
    col("skipped", Long),
    col("reasons", Prose),
    col("position", Prose, null=True),
    col("trace", Prose, null=True),
    index("operation_id", "id", unique=True),
    index("operation_state", "state", "seq"),
)

_STATE_COLUMNS = [f"s{code}" for code in range(1, 9)]
_SUM_COLUMNS = ["pushed", "completed", "failed", "cancelled", "retried", "memory_kb"]

delta = table(
    "delta",
    col("seq", Long, key=True, auto=True),
    col("at", Long),
    col("queue", Word),
    col("name", Word),
    *[col(column, Long) for column in _STATE_COLUMNS + _SUM_COLUMNS],
    col("runtime", Prose, null=True),
    col("wait", Prose, null=True),
)

counter = table(
    "counter",
    col("queue", Word, key=True),
    col("name", Word, key=True),
    col("state", Small, key=True),
    col("n", Long),
    sqlite_with_rowid=False,
)

sample = table(
    "sample",
    col("span", Long, key=True),
    col("at", Long, key=True),
    col("queue", Word, key=True),
    col("name", Word, key=True),
    *[col(column, Long) for column in _SUM_COLUMNS],
    col("runtime", Prose, null=True),
    col("wait", Prose, null=True),
    sqlite_with_rowid=False,
)

meta = table("meta", col("name", Word, key=True), col("value", Long))

user = table(
    "user",
    col("name", Word, key=True),
    col("role", Word),
    col("password", Prose),
    col("stamp", Word),
    col("created_at", Long),
    col("seen_at", Long, null=True),
)

token = table(
    "token",
    col("id", Word, key=True),
    col("name", Word),
    col("role", Word),
    col("scope", Prose, null=True),
    col("digest", Word),
    col("created_by", Prose),
    col("created_at", Long),
    col("expires_at", Long, null=True),
    col("used_at", Long, null=True),
)

signed_out = table("signed_out", col("id", Word, key=True), col("until", Long), index("signed_out_until", "until"))

meter = table("meter", col("name", Word, key=True), col("taken", Long), col("until", Long), index("meter_until", "until"))

schedule = table(
    "schedule",
    col("name", Word, key=True),
    col("version", Long),
    col("next_at", Long, null=True),
    col("document", Prose),
    index("schedule_next", "next_at"),
)

schedule_run = table(
    "schedule_run",
    col("seq", Long, key=True, auto=True),
    col("schedule", Word),
    col("document", Prose),
    index("schedule_run_of", "schedule", "seq"),
)
