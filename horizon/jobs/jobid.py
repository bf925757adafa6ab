"""`JobId`: the id of a dispatched job, as text that can also answer how it is going."""

from __future__ import annotations

from enum import StrEnum

from horizon.backends.base import Backend
from horizon.backends.values import ActParams, Verb
from horizon.core.clock import monotonic
from horizon.core.errors import JobTimeout, NotCommitted, NotFound
from horizon.core.query import Selection
from horizon.core.record import Record
from horizon.jobs.ambient import RuntimeLike

LONGEST_POLL = 0.25
"""Seconds between two looks at a job that is waited for, once it has been waited for a while."""


class Fate(StrEnum):
    """What became of the dispatch itself."""

    STORED = "stored"
    WAITING = "waiting"
    """Part of a transaction that has not ended."""
    ROLLED_BACK = "rolled back"
    LOST = "lost"
    """It was to be pushed after the commit, and the store did not take it."""
    RAN_HERE = "run where it was dispatched"
    """Its connection keeps nothing."""
    CAUGHT = "caught by a test's QueueFake"


class JobId(str):
    """A job's id. As an argument of another job it is plain text."""

    __slots__ = ("_connection", "_fate", "_runtime")
    _horizon_is_text = True
    _runtime: RuntimeLike
    _connection: str
    _fate: Fate

    def __new__(cls, id: str, runtime: RuntimeLike, connection: str, fate: Fate = Fate.STORED) -> JobId:
        made = super().__new__(cls, id)
        made._runtime, made._connection, made._fate = runtime, connection, fate
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return (str, (str(self),))

    @property
    def _backend(self) -> Backend:
        one_place = len(self._runtime.connections()) == 1
        return self._runtime.backend(self._connection) if one_place else self._runtime.everywhere()

    def record(self) -> Record | None:
        """The job as it stands now, with payload, result and history; None where the store has none (any more, or yet)."""
        if self._fate in (Fate.WAITING, Fate.RAN_HERE, Fate.CAUGHT):
            return None  # of one that waits nobody but the open transaction can see it, and looking could wait for that transaction
        return self._backend.get(str(self))

    def wait(self, timeout: float | None = 60.0) -> Record:
        """Block until the job has ended and return its record. `timeout` in seconds; None waits for ever.

        Raises NotCommitted while the transaction it was dispatched in is open (waiting would wait for ourselves), NotFound
        where it was rolled back or removed, and TimeoutError (JobTimeout) where it has not ended in time.
        """
        self._check("waited for")
        end = None if timeout is None else monotonic() + timeout
        pause, backend = 0.005, self._backend
        while True:
            record = backend.get(str(self))
            if record is None:
                raise NotFound(f"there is no job {self} in {backend.location}; ended jobs are kept only for a while")
            if record.state.terminal and not record.in_inbox:
                return record
            left = pause if end is None else end - monotonic()
            if left <= 0:
                raise JobTimeout(f"job {self} has not ended within {timeout:g} s; it is {record.state}")
            backend.wait((record.queue,), min(pause, left))
            pause = min(pause * 1.5, LONGEST_POLL)

    def cancel(self, reason: str | None = None) -> bool:
        """Ask for the job to be cancelled; False where it has ended already. Raises NotCommitted as `wait` does."""
        self._check("cancelled")
        acted = self._backend.act(Selection(ids=(str(self),)), Verb.CANCEL, ActParams(reason=reason))
        return bool(acted.done)

    def _check(self, what: str) -> None:
        if self._fate is Fate.WAITING:
            raise NotCommitted(
                f"job {self} was dispatched in a transaction that is still open, so it cannot be {what}; commit first, "
                "or dispatch it with .immediately()"
            )
        if self._fate is not Fate.STORED:
            raise NotFound(f"job {self} was never stored: its dispatch was {self._fate}")
