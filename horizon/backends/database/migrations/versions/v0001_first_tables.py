"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL = sa.SmallInteger()
BYTEWISE = sa.Text(collation="C")
WORD = sa.String(255).with_variant(BYTEWISE, "postgresql")
ID = sa.String(36).with_variant(BYTEWISE, "postgresql")
PROSE = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
BYTES = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


def _col(name: str, kind: Any, *, key: bool = False, null: bool = False, auto: bool = False) -> sa.Column[Any]:
    numbered: dict[str, Any] = {"autoincrement": auto} if key else {}
    return sa.Column(name, kind, primary_key=key, nullable=null, **numbered)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "horizon_job",
        _col("n", LONG, key=True),
        _col("id", ID),
        _col("name", WORD),
        _col("queue", WORD),
        _col("created_at", LONG),
        _col("pushed_at", LONG),
        _col("priority", SMALL),
        _col("version", SMALL),
        _col("max_tries", LONG, null=True),
        _col("timeout", LONG, null=True),
        _col("backoff", PROSE, null=True),
        _col("retry_until", LONG, null=True),
        _col("max_crashes", LONG, null=True),
        _col("deadline", LONG, null=True),
        _col("tags", PROSE, null=True),
        _col("owner", WORD, null=True),
        _col("tenant", WORD, null=True),
        _col("group_id", ID, null=True),
        _col("unique_key", WORD, null=True),
        _col("unique_for", LONG, null=True),
        _col("until_processing", SMALL),
        _col("weight", LONG),
        _col("hook", SMALL),
        _col("code_version", WORD, null=True),
        _col("signature", PROSE, null=True),
        _col("payload", BYTES),
    )
    op.create_index("horizon_job_id", "horizon_job", ["id"], unique=True)
    op.create_index("horizon_job_name", "horizon_job", ["name", "n"])
    _partial("horizon_job_owner", "horizon_job", ["owner", "n"], "owner IS NOT NULL")
    op.create_index("horizon_job_queue", "horizon_job", ["queue", "n"])
    op.create_table(
        "horizon_live",
        _col("n", LONG, key=True),
        _col("state", SMALL),
        _col("queue", WORD),
        _col("name", WORD),
        _col("rank", SMALL),
        _col("place", LONG),
        _col("due", LONG, null=True),
        _col("available_at", LONG),
        _col("size", LONG),
        _col("tries", LONG),
        _col("runs", LONG),
        _col("round", LONG),
        _col("crashes", LONG),
        _col("suspect", SMALL),
        _col("token", WORD, null=True),
        _col("session", WORD, null=True),
        _col("executor", LONG, null=True),
        _col("worker", WORD, null=True),
        _col("reserved_at", LONG, null=True),
        _col("alone", SMALL),
        _col("cancel_reason", PROSE, null=True),
        _col("unique_key", WORD, null=True),
        _col("unique_until", LONG, null=True),
        _col("key_spent", SMALL),
        _col("deadline", LONG, null=True),
        _col("hide_reason", PROSE, null=True),
        _col("max_tries", LONG, null=True),
        _col("timeout", LONG, null=True),
        _col("last_token", WORD, null=True),
        _col("last_said", SMALL, null=True),
        _col("progress", SMALL, null=True),
        _col("note", PROSE, null=True),
        _col("started_at", LONG, null=True),
        _col("wait", LONG, null=True),
        _col("runtime", LONG, null=True),
        _col("memory_kb", LONG, null=True),
        _col("cause", WORD, null=True),
        _col("error_type", PROSE, null=True),
        _col("error_message", PROSE, null=True),
        _col("reason", PROSE, null=True),
    )
    _partial("horizon_live_cause", "horizon_live", ["cause", "n"], "cause IS NOT NULL")
    _partial("horizon_live_due", "horizon_live", ["due"], "due IS NOT NULL")
    op.create_index("horizon_live_list", "horizon_live", ["state", "n"])
    _partial("horizon_live_oldest", "horizon_live", ["queue", "available_at"], "state = 1")
    _partial("horizon_live_queue_due", "horizon_live", ["queue", "due"], "due IS NOT NULL")
    _partial("horizon_live_session", "horizon_live", ["session", "executor"], "session IS NOT NULL")
    _partial("horizon_live_take", "horizon_live", ["queue", "rank", "place", "n"], "state = 1")
    _partial("horizon_live_unique", "horizon_live", ["unique_key"], "unique_key IS NOT NULL", unique=True)
    op.create_table(
        "horizon_done",
        _col("n", LONG, key=True),
        _col("state", SMALL),
        _col("finished_at", LONG),
        _col("hidden_at", LONG, null=True),
        _col("queue", WORD),
        _col("name", WORD),
        _col("rank", SMALL),
        _col("cancelled_by", LONG, null=True),
        _col("key_spent", SMALL),
        _col("hide_reason", PROSE, null=True),
        _col("token", WORD, null=True),
        _col("said", SMALL, null=True),
        _col("ran", SMALL),
        _col("available_at", LONG, null=True),
        _col("started_at", LONG, null=True),
        _col("wait", LONG, null=True),
        _col("runtime", LONG, null=True),
        _col("tries", LONG),
        _col("runs", LONG),
        _col("round", LONG),
        _col("crashes", LONG),
        _col("max_tries", LONG, null=True),
        _col("timeout", LONG, null=True),
        _col("memory_kb", LONG, null=True),
        _col("worker", WORD, null=True),
        _col("progress", SMALL, null=True),
        _col("note", PROSE, null=True),
        _col("outcome", WORD),
        _col("cause", WORD, null=True),
        _col("error_type", PROSE, null=True),
        _col("error_message", PROSE, null=True),
        _col("reason", PROSE, null=True),
        _col("result", BYTES, null=True),
        _col("traceback", PROSE, null=True),
    )
    _partial("horizon_done_cause", "horizon_done", ["cause", "state", "finished_at", "n"], "cause IS NOT NULL")
    _partial("horizon_done_hidden", "horizon_done", ["hidden_at"], "hidden_at IS NOT NULL")
    op.create_index("horizon_done_list", "horizon_done", ["state", "finished_at", "n"])
    op.create_index("horizon_done_name", "horizon_done", ["name", "state", "finished_at", "n"])
    op.create_index("horizon_done_queue", "horizon_done", ["queue", "state", "finished_at", "n"])
    op.create_table(
        "horizon_attempt",
        _col("n", LONG, key=True),
        _col("run", LONG, key=True),
        _col("round", LONG),
        _col("started_at", LONG, null=True),
        _col("finished_at", LONG, null=True),
        _col("worker", WORD, null=True),
        _col("outcome", WORD),
        _col("memory_kb", LONG, null=True),
        _col("delay", LONG, null=True),
        _col("reason", PROSE, null=True),
        _col("cause", WORD, null=True),
        _col("error_type", PROSE, null=True),
        _col("error_message", PROSE, null=True),
        _col("traceback", PROSE, null=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "horizon_log",
        _col("n", LONG, key=True),
        _col("run", LONG, key=True),
        _col("chunk", LONG, key=True),
        _col("dropped", LONG),
        _col("lines", PROSE),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "horizon_edge",
        _col("parent", LONG, key=True),
        _col("child", LONG, key=True),
        _col("condition", SMALL, key=True),
        _col("state", SMALL),
        sqlite_with_rowid=False,
    )
    op.create_index("horizon_edge_child", "horizon_edge", ["child"])
    op.create_table(
        "horizon_gate",
        _col("parent", LONG, key=True),
        _col("kind", SMALL, key=True),
    )
    op.create_table(
        "horizon_tag",
        _col("tag", WORD, key=True),
        _col("n", LONG, key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "horizon_tombstone",
        _col("id", ID, key=True),
        _col("removed_at", LONG),
    )
    op.create_index("horizon_tombstone_removed", "horizon_tombstone", ["removed_at"])
    op.create_table(
        "horizon_session",
        _col("id", WORD, key=True),
        _col("kind", WORD),
        _col("host", WORD),
        _col("pid", LONG),
        _col("queues", PROSE),
        _col("fair", SMALL),
        _col("processes", LONG),
        _col("concurrency", LONG),
        _col("code_version", WORD, null=True),
        _col("version", WORD, null=True),
        _col("report", PROSE),
        _col("started_at", LONG),
        _col("renewed_at", LONG),
        _col("expires_at", LONG),
        _col("ended_at", LONG, null=True),
    )
    op.create_index("horizon_session_ended", "horizon_session", ["ended_at", "expires_at"])
    op.create_table(
        "horizon_command",
        _col("seq", LONG, key=True, auto=True),
        _col("session", WORD),
        _col("verb", WORD),
    )
    op.create_index("horizon_command_session", "horizon_command", ["session", "seq"])
    op.create_table(
        "horizon_lock",
        _col("name", WORD, key=True),
        _col("holder", WORD),
        _col("term", LONG),
        _col("expires_at", LONG),
    )
    op.create_table(
        "horizon_audit",
        _col("seq", LONG, key=True, auto=True),
        _col("at", LONG),
        _col("actor", WORD),
        _col("verb", WORD),
        _col("target", PROSE),
        _col("count", LONG),
        _col("detail", PROSE, null=True),
        _col("origin", PROSE, null=True),
    )
    op.create_index("horizon_audit_actor", "horizon_audit", ["actor", "seq"])
    op.create_index("horizon_audit_at", "horizon_audit", ["at"])
    op.create_index("horizon_audit_verb", "horizon_audit", ["verb", "seq"])
    op.create_table(
        "horizon_inbox",
        _col("seq", LONG, key=True, auto=True),
        _col("id", ID),
        _col("queue", WORD),
        _col("at", LONG),
        _col("envelope", PROSE),
        _col("payload", BYTES),
    )
    op.create_index("horizon_inbox_id", "horizon_inbox", ["id"])
    op.create_table(
        "horizon_queue",
        _col("name", WORD, key=True),
        _col("defined", PROSE),
        _col("overrides", PROSE),
        _col("paused", SMALL),
        _col("paused_until", LONG, null=True),
        _col("paused_reason", PROSE, null=True),
    )
    op.create_table(
        "horizon_operation",
        _col("seq", LONG, key=True, auto=True),
        _col("id", ID),
        _col("verb", WORD),
        _col("query", PROSE),
        _col("params", PROSE),
        _col("actor", WORD),
        _col("state", WORD),
        _col("created_at", LONG),
        _col("finished_at", LONG, null=True),
        _col("expected", LONG, null=True),
        _col("done", LONG),
        _col("skipped", LONG),
        _col("reasons", PROSE),
        _col("position", PROSE, null=True),
    )
    op.create_index("horizon_operation_id", "horizon_operation", ["id"], unique=True)
    op.create_index("horizon_operation_state", "horizon_operation", ["state", "seq"])
    op.create_table(
        "horizon_delta",
        _col("seq", LONG, key=True, auto=True),
        _col("at", LONG),
        _col("queue", WORD),
        _col("name", WORD),
        _col("s1", LONG),
        _col("s2", LONG),
        _col("s3", LONG),
        _col("s4", LONG),
        _col("s5", LONG),
        _col("s6", LONG),
        _col("s7", LONG),
        _col("s8", LONG),
        _col("pushed", LONG),
        _col("completed", LONG),
        _col("failed", LONG),
        _col("cancelled", LONG),
        _col("retried", LONG),
        _col("memory_kb", LONG),
        _col("runtime", PROSE, null=True),
        _col("wait", PROSE, null=True),
    )
    op.create_table(
        "horizon_counter",
        _col("queue", WORD, key=True),
        _col("name", WORD, key=True),
        _col("state", SMALL, key=True),
        _col("n", LONG),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "horizon_sample",
        _col("span", LONG, key=True),
        _col("at", LONG, key=True),
        _col("queue", WORD, key=True),
        _col("name", WORD, key=True),
        _col("pushed", LONG),
        _col("completed", LONG),
        _col("failed", LONG),
        _col("cancelled", LONG),
        _col("retried", LONG),
        _col("memory_kb", LONG),
        _col("runtime", PROSE, null=True),
        _col("wait", PROSE, null=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "horizon_meta",
        _col("name", WORD, key=True),
        _col("value", LONG),
    )
    for statement in ALSO.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


ON_POSTGRESQL = (
    "CREATE SEQUENCE horizon_job_n",
    "ALTER TABLE horizon_live SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05)",
    "ALTER TABLE horizon_delta SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05)",
    "ALTER TABLE horizon_job SET (autovacuum_vacuum_scale_factor = 0.05)",
    "ALTER TABLE horizon_done SET (autovacuum_vacuum_scale_factor = 0.05)",
)
"""Several processes number jobs at once there; and rows that live shortly leave dead ones behind, which are to go soon."""
ON_MYSQL = ("CREATE TABLE IF NOT EXISTS horizon_number (n BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB",)
"""Numbers for jobs: its newest rows stand only so that the server goes on counting from there."""
ALSO = {"postgresql": ON_POSTGRESQL, "mysql": ON_MYSQL, "mariadb": ON_MYSQL}


def downgrade() -> None:
    """Remove every table, with all that is in them."""
    for name in TABLES:
        op.drop_table(f"horizon_{name}")
    name = op.get_bind().dialect.name
    if name == "postgresql":
        op.execute("DROP SEQUENCE horizon_job_n")
    elif name in ("mysql", "mariadb"):
        op.drop_table("horizon_number")


TABLES = (
    "job", "live", "done", "attempt", "log", "edge", "gate", "tag", "tombstone", "session",
    "command", "lock", "audit", "inbox", "queue", "operation", "delta", "counter", "sample", "meta",
)  # fmt: skip
