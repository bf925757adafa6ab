"""Pushing plain jobs in one go: what an act does in eight ways to the server, and its commit, are sent as one.

The kernel writes the statements as ever; here they are taken down, with numbers that the server fills in. Jobs whose unique
key, edges, or queue with limited room somebody has to look at first go the long way, and so does whatever is not new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from horizon.backends.database.alike import are_alike, created
from horizon.backends.database.db import Busy, Db, Params, Refused
from horizon.backends.database.kernel.birth import store_new
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.mysql import uniform
from horizon.backends.database.mysql.behind import behind_rows
from horizon.backends.database.mysql.block import Statement
from horizon.backends.database.mysql.numbering import NUMBER, WIDTH, taking
from horizon.backends.database.mysql.text import translated
from horizon.backends.database.mysql.values import Expression
from horizon.backends.database.mysql.writing import Writer, filled, with_list
from horizon.backends.database.push import GONE
from horizon.backends.database.store import Store
from horizon.backends.values import TOMBSTONE, Pushed
from horizon.core.alike import ids, kinds, take_back
from horizon.core.envelope import Envelope

if TYPE_CHECKING:
    from horizon.backends.database.mysql.driver import MySqlDb

LIVE = "INSERT INTO horizon_live (n, size, "


class Notes:
    """Takes down what would be done, as far as storing plain jobs goes; see `db.Db`."""

    def __init__(self, writer: Writer) -> None:
        self._writer, self._count = writer, 0
        self.statements: list[bytes] = []

    def numbers(self, count: int) -> Sequence[int]:
        """Numbers that the server fills in: one behind the other."""
        self._count = count
        return [cast(int, Expression(NUMBER % index)) for index in range(count)]

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
        """See `Db.many`."""
        if rows:
            self.statements += [*self._writer.many(sql, rows), *behind_rows(sql, rows)]
        return len(rows)

    def pour(self, sql: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> None:
        """See `Db.pour`."""
        if rows and sql.startswith(LIVE) and len(rows) == self._count:
            self.statements.append(self._writer.copied(sql, len(rows), tail))
        elif rows:
            self.statements += self._writer.pour(sql, rows, tail)
        self.statements += behind_rows(sql, rows, tail)

    def run(self, sql: str, params: Params = ()) -> int:
        """See `Db.run`."""
        self.statements.append(filled(translated(sql), params))
        return 1


def are_plain(envelopes: Sequence[Envelope]) -> bool:
    """Whether nothing has to be looked at before these are stored, but whether they are new."""
    if any(
        one.unique_key is not None or one.edges or one.group is not None or one.before or one.fair is not None or one.limits
        for one in kinds(envelopes)
    ):
        return False
    return len(envelopes) == 1 or len(set(ids(envelopes))) == len(envelopes) <= WIDTH


def push(db: MySqlDb, store: Store, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
    """Store these; None, and nothing is done, where they have to go the long way."""
    page, fresh = store.book.read(db), take_back(envelopes)
    if page.most and any(one.queue in page.most for one in kinds(envelopes)):
        db.rollback()
        return None
    try:
        if are_alike(envelopes):
            whole, deltas = uniform.written(envelopes, store.now(), page.patience, fresh=fresh), 1
        else:
            whole, deltas = _noted(db.writer, store.scope(db), envelopes)
    except (TypeError, ValueError):  # the long way says what is wrong
        db.rollback()
        return None
    if not _done(db, len(envelopes), whole):
        return None
    store.chores.deltas += deltas
    return created(envelopes)


def _noted(writer: Writer, scope: Scope, envelopes: Sequence[Envelope]) -> tuple[Statement, int]:
    """What stores jobs of several kinds, as the kernel says it, and how many rows of changed numbers it adds."""
    notes = Notes(writer)
    store_new(replace(scope, db=cast(Db, notes)), envelopes)
    deltas = scope.ledger.write(cast(Db, notes), scope.now)
    gone = with_list(translated(GONE), [one.id for one in envelopes], (scope.now - TOMBSTONE,), ())
    return Statement(b"%b", (b";".join([taking(len(envelopes), gone), *notes.statements]),)), deltas


def _done(db: MySqlDb, count: int, block: Statement) -> bool:
    """Whether all of this was done and is kept; else nothing is."""
    try:
        db.numbered(count, block)
    except (Busy, Refused):  # an id is known or was removed, or somebody is in the way: the long way finds out
        db.rollback()
        return False
    return True
