"""Statements handed straight to psycopg."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import psycopg
from psycopg.pq import TransactionStatus

from horizon.backends.database.db import GLANCE, Params, Question, Row
from horizon.backends.database.postgres.faults import FAULTS, translate
from horizon.backends.database.postgres.line import Line, Statement
from horizon.backends.database.postgres.link import open_connection
from horizon.backends.database.postgres.place import Place
from horizon.backends.database.postgres.text import inserted, moved, poured, taken, translated
from horizon.backends.database.postgres.values import array
from horizon.backends.database.postgres.words import OURS, SORT_OFF, SORT_ON

BEGIN_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
"""Every act locks the rows it changes before it looks at them; see docs/postgresql.md for their order."""
BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
NUMBERS = "SELECT nextval('horizon_job_n') FROM generate_series(1, ?)"
ALONE = f"SELECT pg_try_advisory_xact_lock({OURS}, ?)"
QUEUE_UP = f"SELECT pg_advisory_xact_lock({OURS}, ?)"
ATTEND = f"SELECT pg_advisory_xact_lock({OURS}, ?) FROM horizon_session WHERE id = ? FOR KEY SHARE"
END_SESSION = "SELECT 1 FROM horizon_session WHERE id = ? FOR UPDATE"
FOLDED = "INSERT INTO horizon_meta (name, value) VALUES ('folded', ?) ON CONFLICT (name) DO UPDATE SET value = horizon_meta.value + excluded.value"
VERSION = (
    "SELECT (SELECT count(*) FROM horizon_delta) + coalesce((SELECT value FROM horizon_meta WHERE name = 'folded'), 0), "
    "(SELECT count(*) FROM horizon_inbox)"
)
"""How many deltas there ever were: a number of its own could be committed after a higher one."""


Receive = Callable[[list[Row]], None]
Asked = tuple[str, tuple[object, ...]]
"""A text, and its parameters."""


class Sent(NamedTuple):
    """How many statements went before those whose answers somebody waits for, of them, and behind them."""

    before: int = 0
    own: int = 0
    beyond: Mapping[Asked, int] = {}


class PostgresDb:
    """See `db.Db` for what its methods promise."""

    disorder = 60_000_000

    def __init__(self, connection: psycopg.Connection[Any], location: str) -> None:
        self.driver, self._location = connection, location
        self._line = Line(connection, patience=getattr(connection, "patience", float("inf")))
        self._ahead: list[Statement] = []
        self._soon: list[Statement] = []
        self._kept: list[Statement] = []
        self._last: list[tuple[Statement, Receive]] = []
        self.answered = True
        self._sent = Sent()
        self._beyond: dict[Asked, list[Statement]] = {}
        """What is going to be asked, and goes behind the next statement."""
        self._foreseen: dict[Asked, Any] = {}
        """The answers to what went so."""

    # sending --------------------------------------------------------------------------------------

    def together(self, statements: Sequence[Statement]) -> list[Any]:
        """What these answered, in one go; a transaction that was to begin begins with them."""
        self.send(statements)
        return self.hear()

    def send(self, statements: Sequence[Statement]) -> None:
        """Begin to ask these, with the transaction that was to begin; `hear` must follow, on whichever thread."""
        try:
            self._line.send(self._with_others(statements) if self._ahead or self._soon or self._beyond else self._only(statements))
        except FAULTS as error:
            raise translate(error, self._location) from error

    def _only(self, statements: Sequence[Statement]) -> Sequence[Statement]:
        self._sent = Sent(own=len(statements))
        return statements

    def _with_others(self, statements: Sequence[Statement]) -> Sequence[Statement]:
        """These, behind what was to go before them, and before what will be asked."""
        before, beyond = [*self._ahead, *self._soon], self._beyond
        self._ahead, self._soon, self._beyond = [], [], {}
        self._sent = Sent(len(before), len(statements), {asked: len(group) for asked, group in beyond.items()})
        return [*before, *statements, *(one for group in beyond.values() for one in group)]

    def ready(self) -> bool:
        """Whether `hear` would not have to wait for the server to begin."""
        return self._line.ready()

    def hear(self) -> list[Any]:
        """The answers to what was sent."""
        try:
            answers = self._line.hear()
        except FAULTS as error:
            raise translate(error, self._location) from error
        self.answered = True
        at = self._sent.before + self._sent.own
        for asked, many in self._sent.beyond.items():
            self._foreseen[asked] = answers[at + many // 2]
            at += many
        return answers[self._sent.before :][: self._sent.own]

    def rows(self, answer: Any) -> list[Row]:
        """The rows of one of these answers."""
        try:
            return self._line.rows(answer)
        except FAULTS as error:
            raise translate(error, self._location) from error

    def keep(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Run an `INSERT` of one row for each of these when the transaction is committed, in one go with it."""
        self._kept += self._inserts(sql, rows)

    def take_last(self, update: str, read: str, values: Sequence[object], head: Params, receive: Receive) -> None:
        """`take` in one go with the commit: what the rows are is told once they are kept."""
        self._last.append(((taken(update, read), (*head, self.array(values))), receive))

    def _inserts(self, sql: str, rows: Sequence[tuple[object, ...]]) -> list[Statement]:
        whole = inserted(sql) if len(rows) > 1 else None
        if whole is None:
            return [(translated(sql), row) for row in rows]
        return [(whole, tuple(map(self.array, zip(*rows, strict=True))))]

    def _all(self, text: str, params: Params, *, ordered: bool = False) -> list[Row]:
        if self._foreseen or self._beyond:
            asked = (text, tuple(params))
            if asked in self._foreseen:
                return self.rows(self._foreseen[asked])
            self._beyond.pop(asked, None)
        group = _group(text, params, ordered)
        return self.rows(self.together(group)[len(group) // 2])

    def _written(self, text: str, params: Params) -> list[Row]:
        """What a statement answers that changes something."""
        self._foreseen = {}
        return self.rows(self.together([(text, params)])[0])

    def _run(self, text: str, params: Params) -> int:
        self._foreseen = {}
        return self.together([(text, params)])[0].command_tuples or 0

    # see db.Db ------------------------------------------------------------------------------------

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        return self._all(translated(sql), params)

    def walk(self, sql: str, params: Params = ()) -> list[Row]:
        return self._all(translated(sql), params, ordered=True)

    def one(self, sql: str, params: Params = ()) -> Row | None:
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def run(self, sql: str, params: Params = ()) -> int:
        return self._run(translated(sql), params)

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
        if not rows:
            return 0
        self._foreseen = {}
        return sum(answer.command_tuples or 0 for answer in self.together(self._inserts(sql, rows)))

    def later(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            self._forget_older(translated(sql), rows)
            self._soon += self._inserts(sql, rows)
            table = f" {sql.split()[1]} "
            self._foreseen = {asked: answer for asked, answer in self._foreseen.items() if table not in asked[0]}

    def _forget_older(self, text: str, rows: Sequence[tuple[object, ...]]) -> None:
        """What the same `UPDATE` was to write there need not be written."""
        if text.startswith("UPDATE "):
            keys = {row[-1] for row in rows}
            self._soon = [one for one in self._soon if one[0] != text or one[1][-1] not in keys]

    def foresee(self, questions: Sequence[Question]) -> None:
        for one in questions:
            if one.values is None or one.values:
                text, params = self._asked(one)
                self._beyond[text, params] = _group(text, params, one.ordered)

    def foreseen(self, question: Question) -> list[Row] | None:
        answer = self._foreseen.get(self._asked(question))
        return None if answer is None else self.rows(answer)

    def _asked(self, one: Question) -> Asked:
        return translated(one.sql), tuple(one.params) if one.values is None else (*one.params, self.array(one.values))

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
        return bool(self._written(moved(insert, delete, follow), (*map(self.array, zip(*rows, strict=True)), *tail))[0][0])

    def take(self, update: str, read: str, values: Sequence[object], head: Params) -> list[Row]:
        return self._written(taken(update, read), (*head, self.array(values)))

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
        self._written(translated(QUEUE_UP), (key_of(duty),))

    def folded(self, count: int) -> None:
        self.run(FOLDED, (count,))

    def version(self) -> int:
        ((changes, inbox),) = self.all(VERSION)
        return int(changes) << 24 | int(inbox) & 0xFFFFFF

    def attend(self, session: str, executor: int) -> None:
        """It goes with the first statement."""
        self._soon.append((translated(ATTEND), (self.key(session, executor), session)))

    def key(self, session: str, executor: int) -> int:
        """The number of the lock for what an executor has under way."""
        return key_of(f"{session}/{executor}")

    def bury(self, session: str, executor: int | None) -> None:
        if executor is None:
            self.all(END_SESSION, (session,))
        else:
            self.queue_up(f"{session}/{executor}")

    def begin(self, *, write: bool) -> None:
        """It begins with its first statement."""
        self._clear()
        self._ahead, self.answered = [(BEGIN_WRITE if write else BEGIN_READ, ())], False

    def commit(self) -> None:
        receivers = [receive for _, receive in self._last]
        last, begun = [*(one for one, _ in self._last), *self._soon, *self._kept], not self._ahead
        if begun or last:  # else nothing was asked
            ahead = self._ahead
            self._clear()
            self._ahead = ahead
            answers = self.together([*last, ("COMMIT", ())])
            for receive, answer in zip(receivers, answers, strict=False):
                receive(self.rows(answer))
        self._clear()

    def _clear(self) -> None:
        self._ahead, self._soon, self._kept, self._last = [], [], [], []
        self._beyond, self._foreseen = {}, {}

    def rollback(self) -> None:
        self._clear()
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


def _group(text: str, params: Params, ordered: bool) -> list[Statement]:
    """What is sent for a question: itself, in the middle."""
    return [(SORT_OFF, ()), (text, params), (SORT_ON, ())] if ordered else [(text, params)]


def key_of(duty: str) -> int:
    """The number of an advisory lock: 32 bits, signed."""
    return (crc32(duty.encode()) ^ 0x80000000) - 0x80000000


def open_db(place: Place) -> PostgresDb:
    """See `PostgresDb`."""
    return PostgresDb(open_connection(place), place.location)
