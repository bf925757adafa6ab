"""How a session's transaction ends, for those who must know: told once, after the end, savepoints respected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from horizon.backends.database.host_writes import trace_of, watch

JOINED, CONNECTIONS = "horizon_joined", "horizon_connections"


class Entry:
    """One dispatch inside a transaction."""

    __slots__ = ("committed", "on_commit", "on_rollback", "open", "within")

    def __init__(self, within: SessionTransaction, on_commit: Callable[[], None], on_rollback: Callable[[], None]) -> None:
        self.within = within
        self.on_commit = on_commit
        self.on_rollback = on_rollback
        self.open = True
        self.committed = False

    def end(self) -> None:
        """Tell how it ended, once."""
        if self.open:
            self.open = False
            (self.on_commit if self.committed else self.on_rollback)()


def follow(session: Session, on_commit: Callable[[], None], on_rollback: Callable[[], None]) -> None:
    """Call one of the two when the session's transaction, or a savepoint open in it now that is rolled back, has ended."""
    listen()
    within = session.get_nested_transaction() or session.get_transaction() or session.begin()
    entry = Entry(within, on_commit, on_rollback)
    session.info.setdefault(JOINED, []).append(entry)
    for connection in connections(session):
        trace_of(connection).keep(entry.end)


def connections(session: Session) -> list[Connection]:
    """The connections that the session's transaction has used so far."""
    known: list[Connection] = session.info.get(CONNECTIONS, [])
    return known


def _began(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    known = session.info.setdefault(CONNECTIONS, [])
    if connection not in known:
        known.append(connection)
    watch(connection.engine)


def _committed(session: Session) -> None:
    """Of a savepoint: what was done in it belongs to the transaction around it now. Of the transaction: all is well."""
    nested = session.get_nested_transaction()
    for entry in session.info.get(JOINED, ()):
        if nested is None:
            entry.committed = True
        elif entry.within is nested:
            entry.within = _around(nested)


def _around(nested: SessionTransaction) -> SessionTransaction:
    """The transaction or savepoint outside this one; those that a flush opens for itself do not count."""
    outer = nested.parent
    while outer is not None and outer.parent is not None and not outer.nested:
        outer = outer.parent
    return outer or nested


def _ended(session: Session, transaction: SessionTransaction) -> None:
    """Told here and not on commit itself, so that listeners may use the session again."""
    entries: list[Entry] = session.info.get(JOINED, [])
    root = transaction.parent is None
    over = [entry for entry in entries if root or entry.within is transaction]
    if over:
        session.info[JOINED] = [entry for entry in entries if entry not in over]
    if root:
        session.info.pop(CONNECTIONS, None)
    for entry in over:
        entry.end()


_LISTENERS: dict[str, Callable[..., Any]] = {"after_begin": _began, "after_commit": _committed, "after_transaction_end": _ended}
_listening: list[bool] = []


def listen() -> None:
    """Follow the sessions of this process from now on; the second call does nothing."""
    if not _listening:
        _listening.append(True)
        for name, listener in _LISTENERS.items():
            event.listen(Session, name, listener)
