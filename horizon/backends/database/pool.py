"""How a process comes at a store that many may write to at once: a few connections, each used by one thread at a time.

A forked child starts over with connections of its own; those it inherited are left alone, never closed, because closing
them would end the parent's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar, cast

from horizon.backends.database.access import Patient
from horizon.backends.database.db import Busy, Db, Refused
from horizon.core.errors import BackendUnavailable, InvalidInput, SchemaMismatch, StoreFull

T = TypeVar("T")
D = TypeVar("D", bound=Db)
IDLE = 4
"""Idle connections kept."""


class Undone(Exception):
    """An act thinks better of it: nothing of it is kept, and nobody is to blame."""


SAID = (BackendUnavailable, StoreFull, SchemaMismatch, InvalidInput, Busy, Refused, Undone)
"""What an act may raise of itself. Anything else was raised into it, by a signal, and is for the thread that it met."""


class Begun(Generic[T]):
    """An act that has asked something of the server, and goes on when it is finished, by whichever thread."""

    def __init__(self, access: PoolAccess[Any], db: Any, running: Generator[None, None, T]) -> None:
        self._access, self._db, self._running = access, db, running
        self._lock = threading.Lock()
        self._result: T | None = None
        self._error: BaseException | None = None

    def ready(self) -> bool:
        """Whether the server has begun to answer, or the connection has ended."""
        return self not in self._access.begun or bool(self._db.ready())

    def finish(self) -> T:
        """What came of it. Where it raises, nothing of the act was kept, unless the store is not available."""
        self.conclude()
        if self._error is not None:
            raise self._error
        return cast(T, self._result)

    def conclude(self) -> None:
        """Go on to the end, and commit, unless that was done; `finish` tells what came of it."""
        access, db = self._access, self._db
        with self._lock:
            if self not in access.begun:
                return
            try:
                self._result = finished(self._running)
                db.commit()
            except SAID as error:
                self._error = error
                access.let_go(db, error)
            except BaseException as error:
                self._error = BackendUnavailable("a turn was interrupted; whether it was kept is asked next")
                access.let_go(db, self._error)
                raise error
            else:
                access.give_back(db)
            finally:
                access.begun.remove(self)


def finished(running: Generator[None, None, T]) -> T:
    """What an act returns in the end."""
    while True:
        try:
            next(running)
        except StopIteration as end:
            return cast(T, end.value)


class PoolAccess(Patient, Generic[D]):
    """See `db.Access`, over connections that `opener` makes."""

    def __init__(self, opener: Callable[[], D], *, patience: float, location: str) -> None:
        """`patience` is how many seconds an act keeps trying while others are in the way."""
        super().__init__(patience, location)
        self._opener = opener
        self._inherited: list[object] = []
        self._idle: list[D] = []
        self._pid = os.getpid()
        self.begun: list[Begun[Any]] = []

    def write(self, act: Callable[[Db], T]) -> T:
        """Run `act` in one transaction; see `db.Access`. One that this process has begun comes first: nobody waits for himself."""
        if self._pid == os.getpid():
            for begun in tuple(self.begun):
                begun.conclude()
        return self.patiently(lambda: self._once(act, write=True))

    def read(self, act: Callable[[Db], T]) -> T:
        """Run `act` on one steady view of the store; see `db.Access`."""
        return self.patiently(lambda: self._once(act, write=False))

    def lend(self, use: Callable[[D], T]) -> T:
        """Hand a connection in no transaction to `use`, for statements that are transactions by themselves.

        They must be harmless to repeat: an idle connection that has died meanwhile is replaced by another one.
        """
        return self.patiently(lambda: self._lend(use))

    def begin(self, steps: Callable[[Db], Generator[None, None, T]]) -> Begun[T]:
        """Run an act up to its `yield`, where it has asked something of the server; the rest of it follows when it is finished."""
        db, _ = self._begun(write=True)
        running = steps(db)
        try:
            next(running)
        except BaseException as error:
            self.let_go(db, error)
            raise
        begun = Begun(self, db, running)
        self.begun.append(begun)
        return begun

    def _once(self, act: Callable[[Db], T], *, write: bool) -> T:
        db, idle = self._begun(write)
        try:
            result = act(db)
            db.commit()
        except BackendUnavailable as error:
            self.let_go(db, error)
            if idle and not db.answered:
                return self._once(act, write=write)
            raise
        except BaseException as error:
            self.let_go(db, error)
            raise
        self.give_back(db)
        return result

    def let_go(self, db: D, error: BaseException) -> None:
        """Undo what an act has done that failed."""
        if isinstance(error, BackendUnavailable):
            db.close()
        else:
            db.rollback()
            self.give_back(db)

    def _begun(self, write: bool) -> tuple[D, bool]:
        """A connection in a new transaction, and whether it was idle before.

        One that has died meanwhile is no reason to fail: nothing was done yet.
        """
        while (db := self._take()) is not None:
            try:
                db.begin(write=write)
            except BackendUnavailable:
                db.close()
            else:
                return db, True
        db = self._opener()
        db.begin(write=write)
        return db, False

    def _lend(self, use: Callable[[D], T]) -> T:
        idle = self._take()
        db = idle or self._opener()
        try:
            result = use(db)
        except BackendUnavailable:
            db.close()
            if idle is None:
                raise
            return self._lend(use)
        except BaseException:
            db.rollback()
            self.give_back(db)
            raise
        self.give_back(db)
        return result

    def _take(self) -> D | None:
        if self._pid != os.getpid():
            self._inherited += [*self._idle, *self.begun]
            self._idle, self.begun, self._pid = [], [], os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def give_back(self, db: D) -> None:
        if len(self._idle) < IDLE and self._pid == os.getpid():
            self._idle.append(db)
        else:
            db.close()

    def close(self) -> None:
        """Let go of every idle connection; the next act opens new ones."""
        while (db := self._take()) is not None:
            db.close()
