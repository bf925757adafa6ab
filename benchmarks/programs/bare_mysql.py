"""The bare program on MySQL and MariaDB: the least work per job that still keeps the promises. Bare PyMySQL.

One table, the client's id unique and one index to take from. A worker settles 50 and claims the next 50 with SKIP LOCKED
in one transaction, fenced by a token, and counts them per minute and class. No history, no lists, no retries. `drain` drains.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pymysql

from benchmarks.programs.bare_job import encode, perform
from benchmarks.programs.verbs import Program, run, store

TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
  n bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, id char(36) NOT NULL UNIQUE, queue varchar(64) NOT NULL,
  state smallint NOT NULL, priority int NOT NULL, payload blob NOT NULL, attempts int NOT NULL, token varchar(40),
  lease bigint, created bigint NOT NULL, finished bigint, KEY jobs_take (queue, state, priority, n))
"""
MINUTES = """
CREATE TABLE IF NOT EXISTS minutes (minute bigint, name varchar(64), count bigint, runtime bigint, PRIMARY KEY (minute, name))
"""
COUNT = (
    "INSERT INTO minutes VALUES (%s, 'noop', %s, %s) "
    "ON DUPLICATE KEY UPDATE count = count + VALUES(count), runtime = runtime + VALUES(runtime)"
)
INSERT = "INSERT INTO jobs (id, queue, state, priority, payload, attempts, created) VALUES "
ROW = "(%s, 'default', 0, 0, %s, 0, %s)"
TAKE = "SELECT n, payload FROM jobs WHERE queue = 'default' AND state = 0 ORDER BY priority, n LIMIT 50 FOR UPDATE SKIP LOCKED"
CLAIM = "UPDATE jobs SET state = 1, attempts = attempts + 1, token = %s, lease = %s WHERE n IN %s"
SETTLE = "UPDATE jobs SET state = 2, finished = %s, token = NULL, lease = NULL WHERE n IN %s AND token = %s AND state = 1"


def connect() -> Any:
    """One connection at READ COMMITTED, which locks no gaps; nothing commits by itself."""
    at = urlsplit(store())
    made = pymysql.connect(
        host=at.hostname, port=at.port or 3306, user=at.username, password=at.password or "", database=at.path[1:], autocommit=False
    )
    with made.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    return made


@contextmanager
def started() -> Iterator[Program]:
    """Each push its own transaction, each group too."""
    connection = connect()
    connection.cursor().execute(TABLE)
    connection.cursor().execute(MINUTES)
    connection.autocommit(True)

    def push(text: str, sent_ns: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(INSERT + ROW, (str(uuid.uuid4()), encode(text, sent_ns).encode(), time.time_ns() // 1000))

    def push_many(texts: list[str]) -> None:
        now = time.time_ns() // 1000
        rows = [(str(uuid.uuid4()), encode(text).encode(), now) for text in texts]
        with connection.cursor() as cursor:
            cursor.execute(INSERT + ", ".join([ROW] * len(texts)), [value for row in rows for value in row])

    yield Program(push=push, push_many=push_many)
    connection.close()


def drain() -> None:
    """Until nothing is left."""
    connection = connect()
    cursor = connection.cursor()
    ended: list[int] = []
    old, spent = "", 0
    while True:
        by, now = os.urandom(12).hex(), time.time_ns() // 1000
        if ended:
            count = cursor.execute(SETTLE, (now, ended, old))
            cursor.execute(COUNT, (now // 60_000_000, count, spent))
        cursor.execute(TAKE)
        taken = cursor.fetchall()
        ended, old = [job for job, _payload in taken], by
        if ended:
            cursor.execute(CLAIM, (by, now + 15_000_000, ended))
        connection.commit()
        if not ended:
            return
        _, spent = perform(payload for _job, payload in taken)


if __name__ == "__main__":
    if sys.argv[1] == "drain":
        drain()
    else:
        run(started)
