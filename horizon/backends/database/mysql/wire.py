"""Statements of which the answers are read later, so that the server may work while something else is done here."""

from __future__ import annotations

import select
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from horizon.backends.database.db import Row
from horizon.backends.database.mysql.reading import made_by

QUERY = 3
"""The number of a query in the protocol."""


class Wire:
    """One connection. Every method may raise what its driver raises."""

    def __init__(self, connection: Any, cursor: Any) -> None:
        self._connection, self._cursor = connection, cursor
        self.parts = hasattr(connection, "_execute_command") and hasattr(connection, "_read_query_result")
        """Whether asking and hearing are two things: with PyMySQL. With mysqlclient what is asked is sent when it is to be heard."""
        self._packet: Any = getattr(sys.modules.get("pymysql.connections"), "MysqlPacket", None)
        self._asked = b""

    def ask(self, statement: bytes) -> None:
        """Send this; `hear` must follow, on whichever thread."""
        if self.parts:
            self._connection._execute_command(QUERY, statement)
        else:
            self._asked = statement

    def ready(self) -> bool:
        """Whether an answer, or the end of the connection, has begun to come."""
        socket = getattr(self._connection, "_sock", None)
        if not self.parts or socket is None:
            return True
        poll = select.poll()
        poll.register(socket, select.POLLIN)
        return bool(poll.poll(0))

    def hear(self) -> list[Sequence[Row]]:
        """The rows that each statement answered; none where it answers no rows."""
        if not self.parts:
            return self._executed()
        connection, found = self._connection, list[Sequence[Row]]()
        connection._affected_rows = connection._read_query_result()
        found.append(connection._result.rows or ())
        while connection._result.has_next:
            connection.next_result()
            found.append(connection._result.rows or ())
        return found

    def made_by(self, pieces: Iterable[bytes]) -> int:
        """Run statements none of which answers rows, each piece of which is made while the server does the one before; the number that
        the first of them made. Where making one raises, what was sent is heard to its end."""
        made: list[int] = []
        unheard = False
        try:
            for piece in pieces:
                if unheard:
                    unheard = False  # an answer that says what is wrong is heard, too
                    made.append(self._made())
                self.ask(piece)
                unheard = True
        finally:
            if unheard:
                made.append(self._made())
        return made[0]

    def _made(self) -> int:
        """What the first of the statements that were asked made, when all of them are done."""
        if self.parts:
            self._connection._result = None
            return made_by(self._connection, self._packet)
        self._cursor.execute(self._asked)
        first = int(self._cursor.lastrowid)
        while self._cursor.nextset():
            pass
        return first

    def _executed(self) -> list[Sequence[Row]]:
        asked, self._asked = self._asked, b""
        self._cursor.execute(asked)
        found = [self._rows()]
        while self._cursor.nextset():
            found.append(self._rows())
        return found

    def _rows(self) -> Sequence[Row]:
        return list(self._cursor.fetchall()) if self._cursor.description else ()
