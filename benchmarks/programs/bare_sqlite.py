"""The bare program on SQLite: the least SQLAlchemy Core work per job that still keeps the promises.

One table, the client's id unique (so that a push can be sent again) and one index to take from; claims 50 and settles
the 50 before in one commit, fenced by a token. No history, no metrics, no lists, no retries: what is left when
everything else is taken away. Ours is measured as a share of this. `drain` drains; BENCH_SYNCHRONOUS as SQLite's setting.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run, store

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


def engine() -> sa.Engine:
    """SQLite in WAL; every transaction immediate."""
    made = sa.create_engine(store(), connect_args={"timeout": 30})

    @sa.event.listens_for(made, "connect")
    def configure(raw, _record):  # type: ignore[no-untyped-def]
        raw.isolation_level = None
        raw.execute("pragma journal_mode=wal")
        raw.execute(f"pragma synchronous={os.environ.get('BENCH_SYNCHRONOUS', 'FULL')}")

    @sa.event.listens_for(made, "begin")
    def begin(connection):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return made


def row(payload: str) -> dict[str, object]:
    """One job."""
    return {
        "id": str(uuid.uuid4()),
        "queue": "default",
        "state": 0,
        "priority": 0,
        "payload": payload.encode(),
        "attempts": 0,
        "created": time.time_ns() // 1000,
    }


@contextmanager
def started() -> Iterator[Program]:
    """Each push its own transaction, each group too."""
    on = engine()
    meta.create_all(on)

    def push(text: str, _sent_ns: int) -> None:
        with on.begin() as connection:
            connection.execute(sa.insert(jobs), row(text))

    def push_many(texts: list[str]) -> None:
        with on.begin() as connection:
            connection.execute(sa.insert(jobs), [row(text) for text in texts])

    yield Program(push=push, push_many=push_many)


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
    if sys.argv[1] == "drain":
        drain(engine())
    else:
        run(started)
