"""The bare program on PostgreSQL: the least work per job that still keeps the promises.

One table, the client's id unique and one partial index to take from. A push is one statement that inserts and notifies,
over bare psycopg in autocommit; a group of 500 one INSERT from arrays. A worker, over SQLAlchemy Core, settles 50 and
claims the next 50 with SKIP LOCKED in one transaction, fenced by a token, and counts them per minute and class. No history, no lists, no retries.
`drain` drains.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from benchmarks.programs.bare_job import encode, perform
from benchmarks.programs.verbs import Program, run, store

TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id varchar(36) NOT NULL UNIQUE, queue varchar(64) NOT NULL,
  state smallint NOT NULL, priority int NOT NULL, payload bytea NOT NULL, attempts int NOT NULL, token varchar(40),
  lease bigint, created bigint NOT NULL, finished bigint);
CREATE INDEX IF NOT EXISTS jobs_take ON jobs (queue, priority, n) WHERE state = 0;
CREATE TABLE IF NOT EXISTS minutes (minute bigint, name varchar(64), count bigint, runtime bigint, PRIMARY KEY (minute, name));
"""
ONE = """
WITH made AS (INSERT INTO jobs (id, queue, state, priority, payload, attempts, created)
              VALUES (%s, 'default', 0, 0, %s, 0, %s) RETURNING queue)
SELECT pg_notify('bare', queue) FROM made
"""
MANY = """
INSERT INTO jobs (id, queue, state, priority, payload, attempts, created)
SELECT id, 'default', 0, 0, payload, 0, %s FROM unnest(%s::text[], %s::bytea[]) AS given (id, payload)
"""
SETTLE = sa.text("""
UPDATE jobs SET state = 2, finished = :now, token = NULL, lease = NULL
FROM unnest(CAST(:ended AS bigint[])) AS ended (n) WHERE jobs.n = ended.n AND jobs.token = :by AND jobs.state = 1
""")
COUNT = sa.text("""
INSERT INTO minutes VALUES (:minute, 'noop', :count, :spent)
ON CONFLICT (minute, name) DO UPDATE SET count = minutes.count + excluded.count, runtime = minutes.runtime + excluded.runtime
""")
CLAIM = sa.text("""
WITH next AS (SELECT n FROM jobs WHERE queue = 'default' AND state = 0 ORDER BY priority, n LIMIT 50 FOR UPDATE SKIP LOCKED)
UPDATE jobs SET state = 1, attempts = attempts + 1, token = :by, lease = :until FROM next WHERE jobs.n = next.n
RETURNING jobs.n, jobs.payload
""")


@contextmanager
def started() -> Iterator[Program]:
    """Each push its own transaction, each group too."""
    with psycopg.connect(store(), autocommit=True) as connection:
        connection.execute(TABLE)

        def push(text: str, sent_ns: int) -> None:
            connection.execute(ONE, (str(uuid.uuid4()), encode(text, sent_ns).encode(), time.time_ns() // 1000))

        def push_many(texts: list[str]) -> None:
            ids, payloads = [str(uuid.uuid4()) for _ in texts], [encode(text).encode() for text in texts]
            connection.execute(MANY, (time.time_ns() // 1000, ids, payloads))

        yield Program(push=push, push_many=push_many)


def drain() -> None:
    """Until nothing is left."""
    engine = sa.create_engine(store().replace("postgresql:", "postgresql+psycopg:"))
    ended: list[int] = []
    old, spent = "", 0
    while True:
        by, now = os.urandom(12).hex(), time.time_ns() // 1000
        with engine.begin() as connection:
            if ended:
                count = connection.execute(SETTLE, {"now": now, "ended": ended, "by": old}).rowcount
                connection.execute(COUNT, {"minute": now // 60_000_000, "count": count, "spent": spent})
            taken = connection.execute(CLAIM, {"by": by, "until": now + 15_000_000}).all()
        if not taken:
            return
        ended, old = [job for job, _payload in taken], by
        _, spent = perform(payload for _job, payload in taken)


if __name__ == "__main__":
    if sys.argv[1] == "drain":
        drain()
    else:
        run(started)
