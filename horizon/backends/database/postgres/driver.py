"""Statements handed straight to psycopg."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from horizon.backends.database.db import Params, Row
from horizon.backends.database.postgres.faults import FAULTS, translate
from horizon.backends.database.postgres.place import Place
from horizon.backends.database.postgres.text import inserted, moved, poured, taken, translated
from horizon.backends.database.postgres.values import adapt, array, arrays

BEGIN_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
"""Every act locks the rows it changes before it looks at them; see docs/postgresql.md for their order."""
BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
PREPARE_AFTER = 2
PREPARED = 400
"""Statements kept prepared per connection."""
OURS = 4861
"""The first of the two numbers of our advisory locks, so that they do not meet those of the host."""
NUMBERS = "SELECT nextval('horizon_job_n') FROM generate_series(1, ?)"
ALONE = f"SELECT pg_try_advisory_xact_lock({OURS}, ?)"
QUEUE_UP = f"SELECT pg_advisory_xact_lock({OURS}, ?)"
ATTEND = f"SELECT pg_advisory_xact_lock({OURS}, ?) FROM horizon_session WHERE id = ? FOR KEY SHARE"
END_SESSION = "SELECT 1 FROM horizon_session WHERE id = ? FOR UPDATE"
GLANCE = "SELECT EXISTS (SELECT 1 FROM horizon_inbox), (SELECT min(due) FROM horizon_live WHERE due IS NOT NULL)"
FOLDED = "INSERT INTO horizon_meta (name, value) VALUES ('folded', ?) ON CONFLICT (name) DO UPDATE SET value = horizon_meta.value + excluded.value"
VERSION = (
    "SELECT (SELECT count(*) FROM horizon_delta) + coalesce((SELECT value FROM horizon_meta WHERE name = 'folded'), 0), "
    "(SELECT count(*) FROM horizon_inbox)"
)
"""How many deltas there ever were: a number of its own could be committed after a higher one."""
SETTINGS = (
    "-c idle_in_transaction_session_timeout=60000 -c jit=off -c client_min_messages=warning "
    "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c random_page_cost=1.1 "
    "-c max_parallel_workers_per_gather=0"
)
"""Every statement of ours finds its rows by an index and stops where it has enough. The planner, which can estimate no
condition on two tables at once, would now and then rather read both from end to end, or start processes for fifty rows."""
DEFAULTS = {
    "connect_timeout": "10", "application_name": "horizon", "client_encoding": "utf8", "keepalives_idle": "15",
    "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "20000",
}  # fmt: skip
"""Of libpq, unless the address says otherwise."""


class PostgresDb:
    """See `db.Db` for what its methods promise."""

    disorder = 60_000_000

    def __init__(self, connection: psycopg.Connection[Any], location: str) -> None:
        self.driver, self._location = connection, location
        self._cursor = connection.cursor()
        self._execute = self._cursor.execute

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        return self._all(translated(sql), params)

    def _all(self, text: str, params: Params) -> list[Row]:
        try:
            return self._execute(text, params).fetchall()
        except FAULTS as error:
            raise translate(error, self._location) from error

    def one(self, sql: str, params: Params = ()) -> Row | None:
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def run(self, sql: str, params: Params = ()) -> int:
        return self._run(translated(sql), params)

    def _run(self, text: str, params: Params) -> int:
        try:
            return self._execute(text, params).rowcount
        except FAULTS as error:
            raise translate(error, self._location) from error

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
        if len(rows) < 2:
            return self.run(sql, rows[0]) if rows else 0
        whole = inserted(sql)
        try:
            if whole is not None:
                return self._execute(whole, arrays(rows)).rowcount
            self._cursor.executemany(translated(sql), rows)
            return self._cursor.rowcount
        except FAULTS as error:
            raise translate(error, self._location) from error

    def fetch(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> list[Row]:
        return self._all(translated(sql), (*head, self.array(values), *tail)) if values else []

    def change(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> int:
        return self._run(translated(sql), (*head, self.array(values), *tail)) if values else 0

    def pour(self, sql: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> None:
        if rows:
            self._run(poured(sql), (*map(self.array, zip(*rows, strict=True)), *tail))

    def move(self, insert: str, delete: str, follow: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> bool:
        if not rows:
            return False
        return bool(self._all(moved(insert, delete, follow), (*map(self.array, zip(*rows, strict=True)), *tail))[0][0])

    def take(self, update: str, read: str, values: Sequence[object], head: Params) -> list[Row]:
        return self._all(taken(update, read), (*head, self.array(values)))

    def glance(self) -> tuple[bool, int | None]:
        ((waits, due),) = self.all(GLANCE)
        return waits, due

    def hold(self, sql: str, values: Sequence[object]) -> None:
        self.fetch(sql, values)

    def numbers(self, count: int) -> Sequence[int]:
        return [n for (n,) in self.all(NUMBERS, (count,))]

    def alone(self, duty: str) -> bool:
        return bool(self.all(ALONE, (key_of(duty),))[0][0])

    def queue_up(self, duty: str) -> None:
        self.all(QUEUE_UP, (key_of(duty),))

    def folded(self, count: int) -> None:
        self.run(FOLDED, (count,))

    def version(self) -> int:
        ((changes, inbox),) = self.all(VERSION)
        return int(changes) << 24 | int(inbox) & 0xFFFFFF

    def attend(self, session: str, executor: int) -> None:
        self.all(ATTEND, (key_of(f"{session}/{executor}"), session))

    def bury(self, session: str, executor: int | None) -> None:
        if executor is None:
            self.all(END_SESSION, (session,))
        else:
            self.queue_up(f"{session}/{executor}")

    def begin(self, *, write: bool) -> None:
        self._run(BEGIN_WRITE if write else BEGIN_READ, ())

    def commit(self) -> None:
        self._run("COMMIT", ())

    def rollback(self) -> None:
        try:
            if self.driver.info.transaction_status is not TransactionStatus.IDLE:
                self.driver.execute("ROLLBACK")
        except psycopg.Error:
            self.close()

    def close(self) -> None:
        with contextlib.suppress(psycopg.Error):
            self.driver.close()

    def array(self, values: Iterable[object]) -> str:
        """The text of an array. Raises Refused for what no column holds."""
        try:
            return array(values)
        except TypeError as error:
            raise translate(error, self._location) from error


def key_of(duty: str) -> int:
    """The number of an advisory lock: 32 bits, signed."""
    return (crc32(duty.encode()) ^ 0x80000000) - 0x80000000


def open_connection(place: Place) -> psycopg.Connection[Any]:
    """A connection set up for this store. Raises BackendUnavailable, ConfigurationError."""
    waits = round(place.busy_timeout * 1000)
    ours = f"-c lock_timeout={waits} {SETTINGS}"
    try:
        given = conninfo_to_dict(place.url)
        options = {**DEFAULTS, **given, "options": f"{given.get('options') or ''} {ours}".strip()}
        connection = psycopg.connect(**options, autocommit=True, prepare_threshold=PREPARE_AFTER)  # type: ignore[arg-type]
    except psycopg.Error as error:
        raise translate(error, place.location) from error
    connection.prepared_max = PREPARED
    adapt(connection)
    return connection


def open_db(place: Place) -> PostgresDb:
    """See `PostgresDb`."""
    return PostgresDb(open_connection(place), place.location)
