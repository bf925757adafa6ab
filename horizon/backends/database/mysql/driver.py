"""Statements handed straight to PyMySQL, or to mysqlclient."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar
from zlib import crc32

from horizon.backends.database.db import CHUNK, GLANCE, Busy, Params, Question, Refused, Row, StepByStep
from horizon.backends.database.mysql import numbering
from horizon.backends.database.mysql.behind import behind, behind_rows
from horizon.backends.database.mysql.block import Blocks, Statement
from horizon.backends.database.mysql.faults import UNPREPARED, VALUES, code_of, translate
from horizon.backends.database.mysql.link import Facts, faults, open_connection
from horizon.backends.database.mysql.place import Place
from horizon.backends.database.mysql.steps import Steps
from horizon.backends.database.mysql.text import WAITING, translated
from horizon.backends.database.mysql.values import batches
from horizon.backends.database.mysql.wire import Wire
from horizon.backends.database.mysql.writing import Writer, filled, pieces, with_list
from horizon.core.clock import monotonic
from horizon.core.errors import BackendUnavailable

T = TypeVar("T")
BEGIN = b"START TRANSACTION"
BEGIN_READ = (b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", b"START TRANSACTION READ ONLY")
FRESH = 1.0
"""Seconds after which a connection is asked whether it still stands before a transaction is begun on it."""
SOON = 50
"""Statements of one kind that go along with the next one; more of them go by themselves."""
UNHEARD = 5
"""Seconds for which a question may lie unheard: behind a job that holds the interpreter nobody can hear it, and its session could not be
renewed. The server ends it then; whoever asked finds out, and asks again."""
WATCH = b"SET SESSION idle_transaction_timeout = %d" % UNHEARD
DUTIES = 256
"""Rows that stand for whatever only one transaction may do at a time; two duties may have to share one."""
HOLD_DUTY = "SELECT value FROM horizon_meta WHERE name = ? FOR UPDATE SKIP LOCKED"
KNOWN_DUTY = "SELECT value FROM horizon_meta WHERE name = ?"
NEW_DUTY = "INSERT IGNORE INTO horizon_meta (name, value) VALUES (?, 0)"
QUEUE_UP = "INSERT INTO horizon_meta (name, value) VALUES (?, 0) ON DUPLICATE KEY UPDATE value = value"
ATTEND = "SELECT id FROM horizon_session WHERE id = ? LOCK IN SHARE MODE"
BURY = "SELECT id FROM horizon_session WHERE id = ? FOR UPDATE"
EDGES = "SELECT EXISTS (SELECT 1 FROM horizon_edge WHERE {follow} AND parent IN ({in}))"
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
        self._wire = Wire(connection, self._cursor)
        self._watched, self._first_heard = False, 0
        self.writer = Writer(facts)
        self._blocks = Blocks(able=facts.mariadb)
        self._used_at = monotonic()
        self._soon: list[bytes] = []
        self._kept: list[bytes] = []
        self._old: list[bytes] = []
        self._steps = Steps()
        self._beyond: list[bytes] = []
        """What is going to be asked, and goes behind the next question or move."""
        self._foreseen: dict[bytes, list[Row]] = {}
        """The answers to what went so."""

    # sending --------------------------------------------------------------------------------------

    def _send(self, make: Callable[[], bytes]) -> None:
        """Run what `make` writes down."""
        try:
            statement = make()
            if len(statement) > self.writer.most:
                raise Refused(f"{len(statement)} bytes are more than the server takes at once; raise max_allowed_packet there")
            soon, self._soon = self._soon, []
            if soon and len(statement) > self.writer.batch:
                self._cursor.execute(b";".join(soon))
                while self._cursor.nextset():
                    pass
                soon = []
            self._cursor.execute(b";".join([*soon, statement]))
            for _ in soon:
                self._cursor.nextset()
        except self._faults as error:
            raise translate(error, self._location) from error

    def _rows(self, make: Callable[[], bytes]) -> list[Row]:
        statement = self._made(make)
        if statement in self._foreseen:
            return self._foreseen[statement]
        beyond = self._going_beyond(statement)
        self._send(lambda: b";".join([statement, *beyond]))
        rows = list(self._cursor.fetchall())
        self._answered(beyond)
        return rows

    def _going_beyond(self, statement: bytes = b"") -> list[bytes]:
        """What goes behind this one."""
        beyond, self._beyond = [one for one in self._beyond if one != statement], []
        return beyond

    def _answered(self, beyond: Sequence[bytes]) -> None:
        """Keep the answers to what went behind a statement."""
        for one in beyond:
            self._next()
            self._foreseen[one] = list(self._cursor.fetchall())

    def _count(self, make: Callable[[], bytes]) -> int:
        self._foreseen = {}
        self._send(make)
        return int(self._cursor.rowcount)

    # see db.Db ------------------------------------------------------------------------------------

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        text = translated(sql)
        if text.template == WAITING:
            return [(name,) for name in self._steps.waiting(lambda question: self._rows(lambda: question))]
        return self._rows(lambda: filled(text, params))

    def one(self, sql: str, params: Params = ()) -> Row | None:
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def run(self, sql: str, params: Params = ()) -> int:
        text = translated(sql)
        return self._count(lambda: filled(text, params))

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
        return self._then(self._together(lambda: self.writer.many(sql, rows)), behind_rows(sql, rows)) if rows else 0

    def later(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        statements = self._made(lambda: self.writer.many(sql, rows)) if rows else []
        if len(statements) > SOON:
            self.many(sql, rows)
            return
        self._soon += statements
        table = b" %b " % sql.split()[1].encode()
        self._foreseen = {asked: answer for asked, answer in self._foreseen.items() if table not in asked}

    def foresee(self, questions: Sequence[Question]) -> None:
        self._beyond += self._made(lambda: [statement for one in questions for statement in self._likely(one)])

    def foreseen(self, question: Question) -> list[Row] | None:
        return next((self._foreseen.get(statement) for statement in self._likely(question)), None)

    def _likely(self, question: Question) -> list[bytes]:
        """What is going to be sent for it."""
        text = translated(question.sql)
        if text.template == WAITING:
            return self._steps.likely()
        if question.values is None:
            return [filled(text, question.params)]
        return [with_list(text, question.values, question.params, ())] if 0 < len(question.values) <= CHUNK else []

    def fetch(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> list[Row]:
        text, rows = translated(sql), []
        for piece in pieces(values):
            rows += self._rows(lambda piece=piece: with_list(text, piece, head, tail))  # type: ignore[misc]
        return rows

    def change(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> int:
        text, count = translated(sql), 0
        for piece in pieces(values):
            count += self._count(lambda piece=piece: with_list(text, piece, head, tail))  # type: ignore[misc]
        return self._then(count, behind(sql, values))

    def pour(self, sql: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> None:
        if rows:
            self._then(self._together(lambda: self.writer.pour(sql, rows, tail)), behind_rows(sql, rows, tail))

    def move(self, insert: str, delete: str, follow: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> bool:
        if not rows:
            return False
        gone, open_edges = translated(delete), translated(EDGES.replace("{follow}", follow))

        def statements() -> Iterator[bytes]:
            yield from self.writer.pour(insert, rows, tail)
            for piece in pieces([row[0] for row in rows]):
                yield with_list(gone, piece, (), ())
                yield with_list(open_edges, piece, (), ())

        made = self._made(lambda: list(statements()))
        rest = behind(delete, [row[0] for row in rows])
        if len(rows) > CHUNK or sum(map(len, made)) > self.writer.batch:
            self._together(lambda: made)
            return self._then(len(rows) > CHUNK or bool(self._cursor.fetchall()[0][0]), rest)
        self._foreseen, beyond = {}, self._going_beyond()
        self._send(lambda: b";".join([*made, *beyond]))
        for _ in made[1:]:
            self._next()
        open_ = bool(self._cursor.fetchall()[0][0])
        self._answered(beyond)
        return self._then(open_, rest)

    def take(self, update: str, read: str, values: Sequence[object], head: Params) -> list[Row]:
        if len(values) > CHUNK:
            return super().take(update, read, values, head)
        first, second = translated(update), translated(read)
        self._foreseen = {}
        self._send(lambda: with_list(first, values, head, ()) + b";" + with_list(second, values, (), ()))
        self._next()  # and no further: with mysqlclient nothing could be read any more
        return self._then(list(self._cursor.fetchall()), behind(update, values))

    def _then(self, result: T, rest: Sequence[bytes]) -> T:
        """`result`; what has to follow goes with the next statement, or the commit."""
        self._soon += rest
        return result

    def glance(self) -> tuple[bool, int | None]:
        ((waits, due),) = self.all(GLANCE)
        return bool(waits), due

    def hold(self, sql: str, values: Sequence[object]) -> None:
        self.fetch(sql, values)

    def numbers(self, count: int) -> Sequence[int]:
        if not count:
            return ()
        self._send(lambda: numbering.taking(count))
        first = int(self._cursor.lastrowid)
        if self._passed(first, count):
            self.run(numbering.OLD, (first - numbering.KEPT,))
        width = numbering.WIDTH
        return [(first + at // width * self.facts.step) * width + at % width for at in range(count)]

    def _passed(self, first: int, count: int) -> bool:
        """Whether it is time to forget old numbers."""
        return first // numbering.KEPT != (first + numbering.rows_for(count) * self.facts.step) // numbering.KEPT

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
        """It goes with the first statement."""
        self._soon.append(filled(translated(ATTEND), (session,)))

    def bury(self, session: str, executor: int | None) -> None:
        self.all(BURY, (session,))

    def begin(self, *, write: bool) -> None:
        """A statement begins a transaction by itself here; one that may have been cut off meanwhile is asked first."""
        self._beyond, self._foreseen = [], {}
        if not write:
            for statement in BEGIN_READ:
                self._send(lambda statement=statement: statement)  # type: ignore[misc]
        elif monotonic() - self._used_at > FRESH:
            self._send(lambda: BEGIN)

    def keep(self, statements: Sequence[bytes]) -> None:
        """Run these when the transaction is committed, in one go with it."""
        self._kept += statements

    def commit(self) -> None:
        kept, self._kept = self._kept, []
        self._beyond, self._foreseen = [], {}
        self._send(lambda: b";".join([*kept, b"COMMIT"]))
        while self._next():
            pass
        self._used_at = monotonic()

    def rollback(self) -> None:
        self._soon, self._kept = [], []
        try:
            self._cursor.execute(b"ROLLBACK")
        except self._faults:
            self.close()

    def close(self) -> None:
        with contextlib.suppress(*self._faults):
            self.driver.close()

    # a question under way -------------------------------------------------------------------------

    def waits(self) -> bool:
        """Whether something may be asked here and heard later: who hears nothing for long is cut off, which only MariaDB does."""
        return self._wire.parts and self.facts.mariadb

    def waiting(self, known: Sequence[str], but: str | None) -> list[bytes] | None:
        """What asks where jobs wait, in all queues but this one; None where it cannot be asked in one go."""
        return self._steps.elsewhere(known, but)

    def ask(self, make: Callable[[], Sequence[bytes]]) -> None:
        """Begin to ask what `make` writes down, in one go; `hear` must follow, on whichever thread."""
        statements = self._made(make)
        if self.waits() and not self._watched:
            statements, self._watched = [WATCH, *statements], True
            self._first_heard = 1
        else:
            self._first_heard = 0
        self._sending(lambda: self._wire.ask(b";".join(statements)))

    def ready(self) -> bool:
        """Whether `hear` would not have to wait for the server to begin."""
        return self._wire.ready()

    def hear(self) -> list[Sequence[Row]]:
        """What each of them answered."""
        answers: list[Sequence[Row]] = self._sending(self._wire.hear)
        return answers[self._first_heard :]

    def _sending(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        except self._faults as error:
            raise translate(error, self._location) from error
        except Refused:
            raise  # by us, of what was not sent
        except BaseException:
            self.close()  # half a question, or half an answer, is on its way
            raise

    # several statements at once -------------------------------------------------------------------

    def look(self, sql: str, params: Params) -> Row:
        """The one row of a question that is a transaction by itself."""
        text = translated(sql)
        (row,) = self._rows(lambda: filled(text, params) + b";COMMIT")
        self._next()
        self._used_at = monotonic()
        return row

    def numbered(self, count: int, block: Statement) -> None:
        """Run this, which first takes numbers for so many new jobs, and keep it, all in one go.

        Nothing is kept where a part of it fails. Raises Refused for what is too long, Busy, and what that part raises.
        """
        prepared = self._blocks.written(block, numbering.forgetting(self.facts.step) + b";COMMIT") if count == 1 else None
        old, self._old = ([], self._old) if prepared else (self._old, [])
        whole = prepared or b";".join([block.text(), *old, b"COMMIT"])
        if self._soon:
            raise Refused("other statements have to go before these")
        try:
            first = int(self._sending(lambda: self._wire.made_by(self.writer.fitting(chain(block.ahead, (whole,))))))
        except BackendUnavailable as error:
            if prepared is None or error.__cause__ is None or code_of(error.__cause__) not in UNPREPARED:
                raise
            self._blocks.give_up()
            raise Busy(str(error)) from error
        self._used_at = monotonic()
        # the transaction is over: it is done with the next ones
        self._old = [filled(translated(numbering.OLD), (first - numbering.KEPT,))] if self._passed(first, count) else []

    def _together(self, make: Callable[[], Iterable[bytes]]) -> int:
        """The statements that `make` makes, as many of them in one go as the server takes; how many rows they changed."""
        count = 0
        for batch in batches(self._made(lambda: list(make())), self.writer.batch, b";"):
            count += self._count(lambda batch=batch: batch)  # type: ignore[misc]
            while self._next():
                count += self._cursor.rowcount
        return count

    def _next(self) -> bool:
        """Go on to what the next of several statements did, if there is one."""
        try:
            return bool(self._cursor.nextset())
        except self._faults as error:
            raise translate(error, self._location) from error

    def _made(self, make: Callable[[], Any]) -> Any:
        """What `make` makes of values. Raises Refused."""
        try:
            return make()
        except VALUES as error:
            raise translate(error, self._location) from error


def open_db(place: Place) -> MySqlDb:
    """See `MySqlDb`."""
    connection, facts = open_connection(place)
    return MySqlDb(connection, place, facts)
