"""What a host's connections have done in the transaction they are in: only read, or written too.

Seen on the engine itself, so core statements, bulk inserts and `text()` count as well as the unit of work. Whatever is
not a plain read counts as a write: in doubt a dispatch joins.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, event

KEY = "horizon"
_HEAD = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*([A-Za-z]*)", re.DOTALL)
_CHANGES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|REPLACE\s+INTO|INTO)\b", re.IGNORECASE)
_LOCKS = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|SHARE|KEY\s+SHARE)\b|\bLOCK\s+IN\b", re.IGNORECASE)
_SAVEPOINT = re.compile(
    r"\s*(SAVEPOINT|RELEASE(?:\s+SAVEPOINT)?|ROLLBACK(?:\s+WORK|\s+TRANSACTION)?\s+TO(?:\s+SAVEPOINT)?)\s+[\"`]?(\w+)", re.IGNORECASE
)
_ASKS = re.compile(r"PRAGMA\s+\w*\.?\w*(?:info|list|check)\b", re.IGNORECASE)
_READS = frozenset({"SELECT", "WITH", "EXPLAIN", "SHOW", "VALUES", "TABLE", "DESCRIBE", "DESC"})
_BOUNDS = frozenset({"SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "START", "COMMIT", "END"})
"""They open and close things, and change nothing themselves."""


@lru_cache(maxsize=4096)
def is_read(statement: str) -> bool:
    """Whether a statement certainly changes and locks nothing."""
    head = _HEAD.match(statement)
    word = head.group(1).upper() if head else ""
    if word in _BOUNDS:
        return True
    if word == "PRAGMA":
        return _ASKS.search(statement) is not None or not any(sign in statement for sign in "=(")
    return word in _READS and not _CHANGES.search(statement) and not _LOCKS.search(statement)


class Inside:
    """Something that is undone together with the savepoints it was done in."""

    def __init__(self, undone: Callable[[], None]) -> None:
        self.undone = undone
        self.names: frozenset[str] = frozenset()


class Trace:
    """One connection's transaction."""

    __slots__ = ("inside", "savepoints", "wrote")

    def __init__(self, wrote: bool = False) -> None:
        self.wrote = wrote
        self.savepoints: list[str] = []
        self.inside: list[Inside] = []

    def keep(self, undone: Callable[[], None]) -> None:
        """Call `undone` if a savepoint that is open now is rolled back."""
        if self.savepoints:
            kept = Inside(undone)
            kept.names = frozenset(self.savepoints)
            self.inside.append(kept)


def trace_of(connection: Connection) -> Trace:
    """What is known of a connection's transaction; nothing seen yet is taken for nothing done."""
    found = connection.info.get(KEY)
    if found is None:
        found = connection.info[KEY] = Trace()
    return found


def _began(connection: Connection, *_: Any) -> None:
    connection.info[KEY] = Trace()


def _ended(connection: Connection, *_: Any) -> None:
    connection.info.pop(KEY, None)


def _executed(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
    if not is_read(statement):
        trace_of(connection).wrote = True
    elif (bound := savepoint(statement)) is not None:
        _bounded(trace_of(connection), *bound)


@lru_cache(maxsize=1024)
def savepoint(statement: str) -> tuple[str, str] | None:
    """`SAVEPOINT`, `RELEASE` or `ROLLBACK`, and the savepoint's name; None for any other statement.

    Read from the statement, since SQLAlchemy's own savepoint event does not know the name yet.
    """
    found = _SAVEPOINT.match(statement)
    return (found.group(1).split()[0].upper(), found.group(2)) if found else None


def _bounded(trace: Trace, word: str, name: str) -> None:
    if word == "SAVEPOINT":
        trace.savepoints.append(name)
        return
    _close(trace, name)
    if word == "ROLLBACK":
        for kept in [one for one in trace.inside if name in one.names]:
            trace.inside.remove(kept)
            kept.undone()


def _close(trace: Trace, name: str) -> None:
    if name in trace.savepoints:
        del trace.savepoints[trace.savepoints.index(name) :]


_LISTENERS: dict[str, Callable[..., None]] = {
    "begin": _began,
    "begin_twophase": _began,
    "commit": _ended,
    "rollback": _ended,
    "commit_twophase": _ended,
    "rollback_twophase": _ended,
    "before_cursor_execute": _executed,
}
_watched: WeakSet[Engine] = WeakSet()


def watch(engine: Engine) -> None:
    """Follow every transaction of this engine from now on; the second call does nothing."""
    if engine not in _watched:
        _watched.add(engine)
        for name, listener in _LISTENERS.items():
            event.listen(engine, name, listener)
