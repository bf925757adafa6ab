"""What tracking costs on MySQL and MariaDB whoever does it: bare PyMySQL that writes the rows of our own tables, with all their indexes.

It is `bare_mysql` with our history: a push writes a job, where it stands and what that changes in the figures; a turn moves 50 to those that
are done, takes the next 50 and adds their figures. It looks at nothing else: no ids that are known or were removed, no limits, no order
between queues, no session, no one who waits for a job. Whoever keeps these rows costs this server about as much. `drain` drains.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pymysql
from pymysql.constants import CLIENT

from benchmarks.programs.bare_job import encode, perform
from benchmarks.programs.ours_push import prepare
from benchmarks.programs.verbs import Program, run, store

FIRST = "last_insert_id() * 1000"
NUMBER = "INSERT INTO horizon_number (n) VALUES (NULL)"
JOB = (
    "INSERT INTO horizon_job (n, id, payload, created_at, pushed_at, name, queue, priority, version, until_processing, weight, hook) "
    "VALUES {rows}"
)
JOB_ROW = "({n}, {id}, {payload}, {now}, {now}, 'noop', 'default', 0, 1, 0, 1, 0)"
LIVE = (
    "INSERT INTO horizon_live (n, size, place, available_at, name, queue, state, round, crashes, `rank`, tries, runs, suspect, alone, key_spent) "
    "SELECT n, length(payload), created_at, created_at, 'noop', 'default', 1, 0, 0, 0, 0, 0, 0, 0, 0 FROM horizon_job "
    f"WHERE n BETWEEN {FIRST} AND {FIRST} + {{last}}"
)
DELTA = (
    "INSERT INTO horizon_delta (at, name, queue, s1, s2, s3, s4, s5, s6, s7, s8, pushed, completed, failed, cancelled, retried, memory_kb, "
    "runtime, wait) VALUES ({now}, 'noop', 'default', {pending}, {running}, 0, 0, 0, {completed}, 0, 0, {pushed}, {completed}, 0, 0, 0, 0, "
    "{figures}, {figures})"
)
SETTLE = (
    "INSERT INTO horizon_done (n, state, finished_at, queue, name, `rank`, key_spent, token, said, ran, available_at, started_at, wait, runtime, "
    "tries, runs, round, crashes, worker, outcome) SELECT n, 6, {now}, queue, name, `rank`, key_spent, token, 1, 1, available_at, reserved_at, "
    "reserved_at - available_at, {spent}, tries, runs, round, crashes, worker, 'completed' FROM horizon_live WHERE n IN ({ns}) AND state + 0 = 2"
)
GO = "DELETE FROM horizon_live WHERE n IN ({ns}) AND state + 0 = 2"
NEXT = (
    "SELECT l.n, j.payload FROM (SELECT n FROM horizon_live FORCE INDEX (horizon_live_take) WHERE state = 1 AND queue = 'default' "
    "ORDER BY `rank`, place, n LIMIT 50 FOR UPDATE SKIP LOCKED) l STRAIGHT_JOIN horizon_job j ON j.n = l.n"
)
TAKE = (
    "UPDATE horizon_live SET state = 2, token = concat({by}, n), session = 'bare', executor = 1, worker = 'here:1', reserved_at = {now}, "
    "tries = tries + 1, runs = runs + 1 WHERE n IN ({ns})"
)
FIGURES = "'[50,1500,30,[35,50]]'"


def connect() -> Any:
    """One connection at READ COMMITTED, which takes several statements at once; nothing commits by itself."""
    at = urlsplit(store())
    made = pymysql.connect(
        host=at.hostname, port=at.port or 3306, user=at.username, password=at.password or "", database=at.path[1:], autocommit=False,
        client_flag=CLIENT.MULTI_STATEMENTS,
    )  # fmt: skip
    with made.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    return made


def told(cursor: Any, statements: Sequence[str]) -> Sequence[Any]:
    """Send all of these in one go; the rows that one of them answered."""
    cursor.execute("; ".join(statements))
    rows = cursor.fetchall()
    while cursor.nextset():
        rows = rows or cursor.fetchall()
    return rows  # type: ignore[no-any-return]


def delta(**changed: object) -> str:
    """A row of changed figures."""
    return DELTA.format(**{"now": now(), "pending": 0, "running": 0, "completed": 0, "pushed": 0, "figures": "NULL", **changed})


def now() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def quoted(payload: bytes) -> str:
    """As it stands in a statement."""
    return "_binary'" + payload.decode("ascii").replace("\\", "\\\\").replace("'", "\\'") + "'"


@contextmanager
def started() -> Iterator[Program]:
    """Each push its own transaction, each group too. One job is a prepared block."""
    connection = connect()
    cursor = connection.cursor()
    row = JOB_ROW.format(n=FIRST, id="?", payload="?", now="?")
    counted = delta(now="?", pending=1, pushed=1)
    block = "; ".join([NUMBER, JOB.format(rows=row), LIVE.format(last=0), counted, "COMMIT"])
    prepared: list[bool] = []

    def push(text: str, sent_ns: int) -> None:
        if not prepared:
            cursor.execute("PREPARE push FROM %s", (f"BEGIN NOT ATOMIC {block}; END",))
            prepared.append(True)
        at = now()
        cursor.execute(f"EXECUTE push USING '{uuid.uuid4()}', {quoted(encode(text, sent_ns).encode())}, {at}, {at}, {at}")

    def push_many(texts: list[str]) -> None:
        at = now()
        rows = [
            JOB_ROW.format(n=f"{FIRST} + {index}", id=f"'{uuid.uuid4()}'", payload=quoted(encode(text).encode()), now=at)
            for index, text in enumerate(texts)
        ]
        counted = delta(pending=len(rows), pushed=len(rows))
        told(cursor, [NUMBER, JOB.format(rows=",".join(rows)), LIVE.format(last=len(rows) - 1), counted, "COMMIT"])

    yield Program(push=push, push_many=push_many, prepare=prepare)
    connection.close()


def drain() -> None:
    """Until nothing is left: one way settles and looks for the next ones, another one takes them and commits."""
    connection = connect()
    cursor = connection.cursor()
    ended, spent = "", 0
    while True:
        settled = [SETTLE.format(now=now(), spent=spent, ns=ended), GO.format(ns=ended)] if ended else []
        taken = told(cursor, [*settled, NEXT])
        count, ended = ended.count(",") + 1 if ended else 0, ",".join(str(n) for n, _ in taken)
        figures = delta(pending=-len(taken), running=len(taken) - count, completed=count, figures=FIGURES)
        took = [TAKE.format(by=f"'{os.urandom(12).hex()}:'", now=now(), ns=ended)] if taken else []
        told(cursor, [*took, figures, "COMMIT"])
        if not taken:
            return
        _, spent = perform(payload for _, payload in taken)


if __name__ == "__main__":
    if sys.argv[1] == "drain":
        drain()
    else:
        run(started)
