"""Statements handed straight to PyMySQL, or to mysqlclient."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from zlib import crc32

from horizon.backends.database.db import CHUNK, Params, Refused, Row, StepByStep
from horizon.backends.database.mysql.faults import VALUES, translate
from horizon.backends.database.mysql.link import Facts, faults, open_connection
from horizon.backends.database.mysql.place import Place
from horizon.backends.database.mysql.text import Text, inserted, shared, translated
from horizon.backends.database.mysql.values import batches, listed, literal
from horizon.core.clock import monotonic

BEGIN = b"START TRANSACTION"
BEGIN_READ = (b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", b"START TRANSACTION READ ONLY")
FRESH = 1.0
"""Seconds after which a connection is asked whether it still stands before a transaction is begun on it."""
BATCH = 1 << 20
"""Bytes of rows in one statement; less where the server takes less."""
HEAD_ROOM = 4096
"""Bytes left for what stands around the rows of a statement."""
NUMBER = b"INSERT INTO horizon_number (n) VALUES "
OLD_NUMBERS = "DELETE FROM horizon_number WHERE n < ?"
NUMBERS_KEPT = 10_000
"""Rows from which the server counts on; how many are left standing when old ones are removed."""
DUTIES = 256
"""Rows that stand for whatever only one transaction may do at a time; two duties may have to share one."""
HOLD_DUTY = "SELECT value FROM horizon_meta WHERE name = ? FOR UPDATE SKIP LOCKED"
KNOWN_DUTY = "SELECT value FROM horizon_meta WHERE name = ?"
NEW_DUTY = "INSERT IGNORE INTO horizon_meta (name, value) VALUES (?, 0)"
QUEUE_UP = "INSERT INTO horizon_meta (name, value) VALUES (?, 0) ON DUPLICATE KEY UPDATE value = value"
ATTEND = "SELECT id FROM horizon_session WHERE id = ? LOCK IN SHARE MODE"
BURY = "SELECT id FROM horizon_session WHERE id = ? FOR UPDATE"
EDGES = "SELECT EXISTS (SELECT 1 FROM horizon_edge WHERE {follow} AND parent IN ({in}))"
GLANCE = "SELECT EXISTS (SELECT 1 FROM horizon_inbox), (SELECT min(due) FROM horizon_live WHERE due > 0)"
FOLDED = "UPDATE horizon_meta SET value = value + ? WHERE name = 'folded'"
FIRST_FOLDED = "INSERT INTO horizon_meta (value, name) VALUES (?, 'folded')"
VERSION = (
    "SELECT (SELECT count(*) FROM horizon_delta) + coalesce((SELECT value FROM horizon_meta WHERE name = 'folded'), 0), "
    "(SELECT count(*) FROM horizon_inbox)"
)
"""How many deltas there ever were: a number of its own could be committed after a higher one."""


class MySqlDb(StepByStep):
    """See `db.Db` for what its methods promise."""

    disorder = 60_000_000

    def __init__(self, connection: Any, place: Place, facts: Facts) -> None:
        self.driver, self.facts, self._location = connection, facts, place.location
        self._faults: tuple[type[BaseException], ...] = (*faults(place), *VALUES)
        self._cursor = connection.cursor()
        self._most = facts.packet - HEAD_ROOM
        self._batch = min(BATCH, self._most // 2)
        self._row = b"(" if facts.mariadb else b"ROW("
        self._used_at = monotonic()

    # sending --------------------------------------------------------------------------------------

    def _send(self, make: Callable[[], bytes]) -> None:
        """Run what `make` writes down."""
        try:
            statement = make()
            if len(statement) > self._most:
                raise Refused(f"{len(statement)} bytes are more than the server takes at once; raise max_allowed_packet there")
            self._cursor.execute(statement)
        except self._faults as error:
            raise translate(error, self._location) from error

    def _rows(self, make: Callable[[], bytes]) -> list[Row]:
        self._send(make)
        return list(self._cursor.fetchall())

    def _count(self, make: Callable[[], bytes]) -> int:
        self._send(make)
        return int(self._cursor.rowcount)

    # see db.Db ------------------------------------------------------------------------------------

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        text = translated(sql)
        return self._rows(lambda: _filled(text, params))

    def one(self, sql: str, params: Params = ()) -> Row | None:
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def run(self, sql: str, params: Params = ()) -> int:
        text = translated(sql)
        return self._count(lambda: _filled(text, params))

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
        if len(rows) < 2:
            return self.run(sql, rows[0]) if rows else 0
        head = inserted(sql)
        if head is not None:
            return self._insert(head, rows, b"")
        text = translated(sql)
        return self._together(self._made(lambda: [_filled(text, row) for row in rows]))

    def fetch(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> list[Row]:
        text, rows = translated(sql), []
        for piece in _pieces(values):
            rows += self._rows(lambda piece=piece: _listed(text, piece, head, tail))  # type: ignore[misc]
        return rows

    def change(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> int:
        text, count = translated(sql), 0
        for piece in _pieces(values):
            count += self._count(lambda piece=piece: _listed(text, piece, head, tail))  # type: ignore[misc]
        return count

    def pour(self, sql: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> None:
        if not rows:
            return
        head = shared(sql)
        if head is not None:
            self._insert(head, rows, self._made(lambda: b"," + listed(tail)))
            return
        self._together(self._poured(sql, rows, tail))

    def move(self, insert: str, delete: str, follow: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> bool:
        gone, open_edges = translated(delete), translated(EDGES.replace("{follow}", follow))
        statements = self._poured(insert, rows, tail)
        for piece in _pieces([row[0] for row in rows]):
            statements += [_listed(gone, piece, (), ()), _listed(open_edges, piece, (), ())]
        self._together(statements)
        return len(rows) > CHUNK or bool(self._cursor.fetchall()[0][0])

    def take(self, update: str, read: str, values: Sequence[object], head: Params) -> list[Row]:
        if len(values) > CHUNK:
            return super().take(update, read, values, head)
        first, second = translated(update), translated(read)
        self._send(lambda: _listed(first, values, head, ()) + b";" + _listed(second, values, (), ()))
        return self._last()

    def glance(self) -> tuple[bool, int | None]:
        ((waits, due),) = self.all(GLANCE)
        return bool(waits), due

    def hold(self, sql: str, values: Sequence[object]) -> None:
        self.fetch(sql, values)

    def numbers(self, count: int) -> Sequence[int]:
        if not count:
            return ()
        self._send(lambda: NUMBER + b",".join([b"(NULL)"] * count))
        first = int(self._cursor.lastrowid)
        found = range(first, first + count * self.facts.step, self.facts.step)
        if first // NUMBERS_KEPT != found.stop // NUMBERS_KEPT:
            self.run(OLD_NUMBERS, (first - NUMBERS_KEPT,))
        return found

    def alone(self, duty: str) -> bool:
        name = (f"duty {duty}",)
        if self.all(HOLD_DUTY, name):
            return True
        return not self.all(KNOWN_DUTY, name) and self.run(NEW_DUTY, name) > 0

    def queue_up(self, duty: str) -> None:
        self.run(QUEUE_UP, (f"duty {crc32(duty.encode()) % DUTIES}",))

    def folded(self, count: int) -> None:
        if not self.run(FOLDED, (count,)):
            self.run(FIRST_FOLDED, (count,))

    def version(self) -> int:
        ((changes, inbox),) = self.all(VERSION)
        return int(changes) << 24 | int(inbox) & 0xFFFFFF

    def attend(self, session: str, executor: int) -> None:
        self.all(ATTEND, (session,))

    def bury(self, session: str, executor: int | None) -> None:
        self.all(BURY, (session,))

    def begin(self, *, write: bool) -> None:
        """A statement begins a transaction by itself here; one that may have been cut off meanwhile is asked first."""
        if not write:
            for statement in BEGIN_READ:
                self._send(lambda statement=statement: statement)  # type: ignore[misc]
        elif monotonic() - self._used_at > FRESH:
            self._send(lambda: BEGIN)

    def commit(self) -> None:
        self._send(lambda: b"COMMIT")
        self._used_at = monotonic()

    def rollback(self) -> None:
        try:
            self._cursor.execute(b"ROLLBACK")
        except self._faults:
            self.close()

    def close(self) -> None:
        with contextlib.suppress(*self._faults):
            self.driver.close()

    # many rows ------------------------------------------------------------------------------------

    def _insert(self, head: bytes, rows: Sequence[tuple[object, ...]], rest: bytes) -> int:
        """Rows that all end in `rest`, in as few statements as the server takes."""
        count = 0
        for batch in self._batches(rows, rest, row=b"("):
            count += self._count(lambda batch=batch: head + batch)  # type: ignore[misc]
        return count

    def _batches(self, rows: Sequence[tuple[object, ...]], rest: bytes, row: bytes | None = None) -> list[bytes]:
        opens, closes = row or self._row, rest + b")"
        return list(batches(self._made(lambda: [opens + listed(values) + closes for values in rows]), self._batch))

    def _poured(self, sql: str, rows: Sequence[tuple[object, ...]], tail: Params) -> list[bytes]:
        text, after = translated(sql), self._made(lambda: tuple(map(literal, tail)))
        return [text.template % (batch, *after) for batch in self._batches(rows, b"")]

    def _together(self, statements: Iterable[bytes]) -> int:
        """Several statements, as many of them in one go as the server takes; returns how many rows they changed."""
        count = 0
        for batch in batches(statements, self._batch, b";"):
            count += self._count(lambda batch=batch: batch)  # type: ignore[misc]
            try:
                while self._cursor.nextset():
                    count += self._cursor.rowcount
            except self._faults as error:
                raise translate(error, self._location) from error
        return count

    def _last(self) -> list[Row]:
        """What the last of several statements found."""
        try:
            while self._cursor.nextset():
                pass
        except self._faults as error:
            raise translate(error, self._location) from error
        return list(self._cursor.fetchall())

    def _made(self, make: Callable[[], Any]) -> Any:
        """What `make` makes of values. Raises Refused."""
        try:
            return make()
        except VALUES as error:
            raise translate(error, self._location) from error


def _filled(text: Text, params: Params) -> bytes:
    if text.order is not None:
        params = [params[index] for index in text.order]
    return text.template % tuple(map(literal, params))


def _listed(text: Text, values: Sequence[object], head: Params, tail: Params) -> bytes:
    return text.template % (*map(literal, head), listed(values), *map(literal, tail))


def _pieces(values: Sequence[object]) -> Sequence[Sequence[object]]:
    """In the same order for everybody where there are several: who locks rows must not meet another who goes the other way."""
    if len(values) <= CHUNK:
        return (values,) if values else ()
    ordered = sorted(values)  # type: ignore[type-var]
    return [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]


def open_db(place: Place) -> MySqlDb:
    """See `MySqlDb`."""
    connection, facts = open_connection(place)
    return MySqlDb(connection, place, facts)
