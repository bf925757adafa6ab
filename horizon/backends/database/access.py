"""How a process comes at its store: one connection that writes, a few that read, and patience while others are in the way.

One write lock per process: its threads take turns here instead of colliding inside the store. A forked child starts
over with connections of its own; those it inherited are left alone, never closed, because closing them would free the
parent's file locks.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from horizon.backends.database.db import Busy, Db, Refused, Taken
from horizon.core.clock import monotonic, sleep
from horizon.core.errors import BackendUnavailable, InvalidInput

T = TypeVar("T")
D = TypeVar("D", bound=Db)

EAGER, PATIENT = 0.000_5, 0.005
"""Seconds (times 0.5 to 1.5) between two attempts while the store is busy, in the first `EAGER_FOR` and after it: at
first shorter than the gap that a busy worker leaves between its turns, so that nobody misses it."""
EAGER_FOR = 0.5
LOOKS = 20
"""How often in a row an act may find a key taken: whoever took it has committed, so the next look sees it."""
READERS = 4
"""Idle reading connections kept."""


class Patient:
    """Keeps trying while others are in the way."""

    def __init__(self, patience: float, location: str) -> None:
        """`patience` in seconds."""
        self._patience, self._location = patience, location

    def patiently(self, once: Callable[[], T]) -> T:
        """Again and again while the store is busy, with pauses of random length."""
        started, taken = monotonic(), 0
        while True:
            try:
                return once()
            except Refused as error:
                raise InvalidInput(f"the store cannot keep this: {error}; nothing was changed") from error
            except Busy as error:
                taken = taken + 1 if isinstance(error, Taken) else 0
                if taken > LOOKS:
                    raise BackendUnavailable(
                        f"{self._location} holds a key that this act makes anew however often it looks: {error}; was it restored, or copied, "
                        "without its sequences? look at the numbers of horizon_job and what comes next there"
                    ) from error
                if monotonic() - started >= self._patience:
                    raise BackendUnavailable(
                        f"{self._location} was busy for {self._patience:g} s: {error}; another process holds a long write transaction there"
                    ) from error
            pause = EAGER if monotonic() - started < EAGER_FOR else PATIENT
            sleep(pause * (0.5 + random.random()))


class StoreAccess(Patient, Generic[D]):
    """Both ways in, over connections that `opener` makes."""

    def __init__(self, opener: Callable[[], D], *, patience: float, location: str) -> None:
        """`patience` is how many seconds an act keeps trying while the store is busy."""
        super().__init__(patience, location)
        self._opener = opener
        self._inherited: list[object] = []
        self._start_over()

    def _start_over(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._writer: D | None = None
        self._readers: list[D] = []

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            self._inherited += [self._writer, *self._readers]
            self._start_over()

    def write(self, act: Callable[[Db], T]) -> T:
        """Run `act` in one transaction; see `db.Access`."""
        self._check_process()
        with self._lock:
            return self.patiently(lambda: self._write_once(act))

    def _write_once(self, act: Callable[[Db], T]) -> T:
        if self._writer is None:
            self._writer = self._opener()
        db = self._writer
        try:
            db.begin(write=True)
            result = act(db)
            db.commit()
        except BackendUnavailable:
            self._writer = None
            db.rollback()
            db.close()
            raise
        except BaseException:
            db.rollback()
            raise
        return result

    def read(self, act: Callable[[Db], T]) -> T:
        """Run `act` on one steady view of the store; see `db.Access`."""
        self._check_process()
        return self.patiently(lambda: self._read_once(act))

    def _read_once(self, act: Callable[[Db], T]) -> T:
        db = self._reader()
        try:
            db.begin(write=False)
            result = act(db)
            db.commit()
        except BaseException:
            db.rollback()
            db.close()
            raise
        if len(self._readers) < READERS:
            self._readers.append(db)
        else:
            db.close()
        return result

    def _reader(self) -> D:
        try:
            return self._readers.pop()
        except IndexError:
            return self._opener()

    def close(self) -> None:
        """Let go of every connection; the next act opens new ones."""
        self._check_process()
        with self._lock:
            open_now = [*self._readers, *([self._writer] if self._writer is not None else [])]
            self._writer, self._readers = None, []
            for db in open_now:
                db.close()
