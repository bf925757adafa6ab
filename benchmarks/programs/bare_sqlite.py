"""The bare program: the least SQLAlchemy Core work per job that still keeps the promises.

One table, the client's id unique (so that a push can be sent again) and one index to take from; claims 50 and settles
the 50 before in one commit, fenced by a token. No history, no metrics, no lists, no retries: what is left when
everything else is taken away. Ours is measured as a share of this.

Run as `python -m benchmarks.programs.bare DATABASE SYNCHRONOUS drain`.
"""

from __future__ import annotations

import os
import sys
import time
import uuid

import sqlalchemy as sa

from benchmarks.programs.marks import mark

meta = sa.MetaData()
jobs = sa.Table(
    "jobs",
    meta,
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("queue", sa.String(64), nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("token", sa.String(40)),
    sa.Column("lease", sa.BigInteger),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("finished", sa.BigInteger),
    sa.Index("jobs_take", "queue", "state", "priority", "n"),
)
TAKE = sa.select(jobs.c.n, jobs.c.payload).where(jobs.c.queue == "default", jobs.c.state == 0).order_by(jobs.c.priority, jobs.c.n).limit(50)
CLAIM = (
    sa.update(jobs)
    .where(jobs.c.n == sa.bindparam("job"), jobs.c.state == 0)
    .values(state=1, attempts=jobs.c.attempts + 1, token=sa.bindparam("by"), lease=sa.bindparam("until"))
)
SETTLE = (
    sa.update(jobs)
    .where(jobs.c.n == sa.bindparam("job"), jobs.c.token == sa.bindparam("by"), jobs.c.state == 1)
    .values(state=2, finished=sa.bindparam("at"), token=None, lease=None)
)


def engine(path: str, synchronous: str) -> sa.Engine:
    """SQLite in WAL; every transaction immediate."""
    made = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

    @sa.event.listens_for(made, "connect")
    def configure(raw, _record):  # type: ignore[no-untyped-def]
        raw.isolation_level = None
        raw.execute("pragma journal_mode=wal")
        raw.execute(f"pragma synchronous={synchronous}")

    @sa.event.listens_for(made, "begin")
    def begin(connection):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return made


def row(payload: bytes) -> dict[str, object]:
    """One job."""
    return {
        "id": str(uuid.uuid4()),
        "queue": "default",
        "state": 0,
        "priority": 0,
        "payload": payload,
        "attempts": 0,
        "created": time.time_ns() // 1000,
    }


def enqueue_one(on: sa.Engine, payload: bytes, count: int) -> None:
    """Each in its own transaction."""
    for _ in range(count):
        with on.begin() as connection:
            connection.execute(sa.insert(jobs), row(payload))


def enqueue_many(on: sa.Engine, payload: bytes, count: int, group: int = 500) -> None:
    """A group to a transaction."""
    for start in range(0, count, group):
        with on.begin() as connection:
            connection.execute(sa.insert(jobs), [row(payload) for _ in range(min(group, count - start))])


def drain(on: sa.Engine) -> None:
    """Until nothing is left."""
    ended: list[tuple[int, str]] = []
    while True:
        by = os.urandom(12).hex()
        with on.begin() as connection:
            now = time.time_ns() // 1000
            if ended:
                connection.execute(SETTLE, [{"job": job, "by": token, "at": now} for job, token in ended])
            taken = connection.execute(TAKE).all()
            if taken:
                connection.execute(CLAIM, [{"job": job, "by": by, "until": now + 15_000_000} for job, _ in taken])
        if not taken:
            return
        ended = []
        for job, _payload in taken:
            mark()
            ended.append((job, by))


if __name__ == "__main__":
    drain(engine(sys.argv[1], sys.argv[2]))
