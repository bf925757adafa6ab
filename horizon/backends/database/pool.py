"""How a process comes at a store that many may write to at once: a few connections, each used by one thread at a time.

A forked child starts over with connections of its own; those it inherited are left alone, never closed, because closing
them would end the parent's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

from horizon.backends.database.access import Patient
from horizon.backends.database.db import Db
from horizon.core.errors import BackendUnavailable

T = TypeVar("T")
D = TypeVar("D", bound=Db)
IDLE = 4
"""Idle connections kept."""


class PoolAccess(Patient, Generic[D]):
    """See `db.Access`, over connections that `opener` makes."""

    def __init__(self, opener: Callable[[], D], *, patience: float, location: str) -> None:
        """`patience` is how many seconds an act keeps trying while others are in the way."""
        super().__init__(patience, location)
        self._opener = opener
        self._inherited: list[D] = []
        self._idle: list[D] = []
        self._pid = os.getpid()

    def write(self, act: Callable[[Db], T]) -> T:
        """Run `act` in one transaction; see `db.Access`."""
        return self.patiently(lambda: self._once(act, write=True))

    def read(self, act: Callable[[Db], T]) -> T:
        """Run `act` on one steady view of the store; see `db.Access`."""
        return self.patiently(lambda: self._once(act, write=False))

    def lend(self, use: Callable[[D], T]) -> T:
        """Hand a connection in no transaction to `use`, for statements that are transactions by themselves.

        They must be harmless to repeat: an idle connection that has died meanwhile is replaced by another one.
        """
        return self.patiently(lambda: self._lend(use))

    def _once(self, act: Callable[[Db], T], *, write: bool) -> T:
        db = self._begun(write)
        try:
            result = act(db)
            db.commit()
        except BackendUnavailable:
            db.close()
            raise
        except BaseException:
            db.rollback()
            self._give_back(db)
            raise
        self._give_back(db)
        return result

    def _begun(self, write: bool) -> D:
        """A connection in a new transaction. An idle one that has died meanwhile is no reason to fail: nothing was done yet."""
        while (db := self._take()) is not None:
            try:
                db.begin(write=write)
            except BackendUnavailable:
                db.close()
            else:
                return db
        db = self._opener()
        db.begin(write=write)
        return db

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
            self._give_back(db)
            raise
        self._give_back(db)
        return result

    def _take(self) -> D | None:
        if self._pid != os.getpid():
            self._inherited += self._idle
            self._idle, self._pid = [], os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _give_back(self, db: D) -> None:
        if len(self._idle) < IDLE and self._pid == os.getpid():
            self._idle.append(db)
        else:
            db.close()

    def close(self) -> None:
        """Let go of every idle connection; the next act opens new ones."""
        while (db := self._take()) is not None:
            db.close()
