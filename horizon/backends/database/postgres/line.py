"""The way to the server: several statements in one go, each prepared once, their answers in order.

psycopg opens the connection and knows the types; its cursors wait for the answer to each statement, and spend more on it
than the server does. Here what belongs together travels together, over the same libpq (14 or newer).
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import psycopg
from psycopg import errors
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus

from horizon.backends.database.postgres.values import BYTEA, written

PREPARED = 400
"""Statements kept prepared per connection."""
GOOD = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY)
Statement = tuple[str, Sequence[object]]
"""A text with `%s`, and its parameters."""
Kind = tuple[bytes, tuple[int, ...]]


class Expected(NamedTuple):
    """What the next answer is to."""

    wanted: bool
    """Whether whoever asked wants it; others prepare statements, or let go of them."""
    prepares: Kind | None = None


class Line:
    """One connection. Every method may raise psycopg.Error; a connection that failed half-way is closed."""

    def __init__(self, connection: psycopg.Connection[Any], *, patience: float) -> None:
        """`patience`: seconds of silence after which the server counts as dead."""
        self._patience = patience
        self._pg = connection.pgconn
        self._loading = Transformer(connection)
        self._hears, self._both = select.poll(), select.poll()
        self._hears.register(self._pg.socket, select.POLLIN)
        self._both.register(self._pg.socket, select.POLLIN | select.POLLOUT)
        self._names: dict[Kind, bytes] = {}
        self._count = 0
        self._expected: list[Expected] = []
        self._alone = False
        """What was sent is one statement that was prepared before: nothing has to be kept apart, and both sides have less to do."""

    def ask(self, statements: Sequence[Statement]) -> list[Any]:
        """What each of them answered. The first one that fails ends them all, and is raised; so are values that cannot be sent."""
        self.send(statements)
        return self.hear()

    def send(self, statements: Sequence[Statement]) -> None:
        """Hand these to the server; `hear` must follow, on whichever thread."""
        ready = [(numbered(text), *written(params)) for text, params in statements]
        pg, self._expected = self._pg, []
        self._alone = len(ready) == 1 and (ready[0][0], ready[0][2]) in self._names
        if not self._alone:
            pg.enter_pipeline_mode()
        try:
            for text, values, types in ready:
                pg.send_query_prepared(self._name(text, types), values, formats(types))
                self._expected.append(Expected(wanted=True))
            if not self._alone:
                pg.pipeline_sync()
            self._flush()
        except BaseException:
            pg.finish()  # half a question is on its way: nobody could tell its answers apart
            raise

    def ready(self) -> bool:
        """Whether an answer, or the end of the connection, has begun to come."""
        return bool(self._hears.poll(0))

    def hear(self) -> list[Any]:
        """The answers to what was sent."""
        try:
            answers = self._answers()
            if not self._alone:
                self._pg.exit_pipeline_mode()
        except BaseException:
            self._pg.finish()
            raise
        if not self._alone:
            self._forget_unprepared(answers)
        for answer in answers:
            if answer.status not in GOOD:
                raise failure(answer)
        return answers if self._alone else [answer for expected, answer in zip(self._expected, answers, strict=True) if expected.wanted]

    def _forget_unprepared(self, answers: Sequence[Any]) -> None:
        for expected, answer in zip(self._expected, answers, strict=True):
            if expected.prepares is not None and answer.status not in GOOD:
                self._names.pop(expected.prepares, None)

    def rows(self, answer: Any) -> list[Any]:
        """The rows of an answer."""
        if not answer.ntuples:
            return []
        self._loading.set_pgresult(answer)
        return self._loading.load_rows(0, answer.ntuples, tuple)

    # one step -------------------------------------------------------------------------------------

    def _name(self, text: bytes, types: tuple[int, ...]) -> bytes:
        """The name of a prepared statement; a new one is prepared on the way."""
        kind = (text, types)
        name = self._names.get(kind)
        if name is not None:
            return name
        if len(self._names) >= PREPARED:
            oldest = self._names.pop(next(iter(self._names)))
            self._pg.send_query_params(b"DEALLOCATE " + oldest, None)
            self._expected.append(Expected(wanted=False))
        self._count += 1
        name = self._names[kind] = b"horizon_%d" % self._count
        self._pg.send_prepare(name, text, types)
        self._expected.append(Expected(wanted=False, prepares=kind))
        return name

    def _flush(self) -> None:
        """What the server says meanwhile is taken in: it stops listening to those who do not."""
        pg = self._pg
        while pg.flush():
            if any(event & ~select.POLLOUT for _, event in self._both.poll()):
                pg.consume_input()

    def _await(self) -> None:
        """Until the server says something."""
        if not self._hears.poll(None if self._patience == float("inf") else self._patience * 1000):
            raise psycopg.OperationalError(f"no answer within {self._patience:g} s")

    def _answers(self) -> list[Any]:
        """One to each statement; as many as came, where the server says why it hangs up."""
        pg, found = self._pg, list[Any]()
        while True:
            try:
                while pg.is_busy():
                    self._await()
                    pg.consume_input()
            except psycopg.OperationalError as error:
                raise next((failure(answer) for answer in found if answer.status not in GOOD), error) from None
            answer = pg.get_result()
            if answer is None:
                if pg.status == ConnStatus.BAD:
                    raise psycopg.OperationalError("the connection was cut")
                if self._alone:
                    return found
            elif answer.status == ExecStatus.PIPELINE_SYNC:
                return found
            else:
                found.append(answer)


def failure(answer: Any) -> psycopg.Error:
    """The error that an answer tells of."""
    state = (answer.error_field(DiagnosticField.SQLSTATE) or b"").decode()
    words = (answer.error_field(DiagnosticField.MESSAGE_PRIMARY) or answer.error_message).decode(errors="replace").strip()
    try:
        return errors.lookup(state)(words)
    except KeyError:
        return psycopg.OperationalError(words)


@cache
def formats(types: tuple[int, ...]) -> Sequence[int] | None:
    """How values of these types are sent: 1 is as they are, 0 as text; None: all as text."""
    return [int(kind == BYTEA) for kind in types] if BYTEA in types else None


@cache
def numbered(text: str) -> bytes:
    """A text with numbers for its parameters."""
    pieces = [piece.replace("%%", "%") for piece in text.split("%s")]
    return "".join([pieces[0], *(f"${number}{piece}" for number, piece in enumerate(pieces[1:], 1))]).encode()
