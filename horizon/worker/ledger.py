"""The guardian's own contact with the store: the session's lease, who is buried, what is taken back.

Every method survives a store that does not answer: it says so once, keeps what it had to tell, and is called again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from horizon.backends.notes import NoteChange
from horizon.backends.values import Renewed, SessionInfo, SessionReport, Verdict
from horizon.core import clock
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import HorizonError
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind, Outcome
from horizon.core.stack import KEPT, KIND, Stack, answered, decode, encode
from horizon.worker.screen import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from horizon.backends.bare import BareStore

RECALL_MOMENT = 0.002
"""Seconds between raising the recall and reading the marks; a processor holds a store back for nanoseconds."""


class Ledger:
    """One session in one store."""

    def __init__(self, store: BareStore, announce: Callable[[str], SessionInfo], lease: float) -> None:
        self.store, self._announce = store, announce
        self._lease = round(lease * SECOND)
        self.session = ""
        self.renewed = 0
        """When the last successful renewal began, nanoseconds since boot."""
        self._graves: list[tuple[int, Mapping[str, Verdict]]] = []
        self._silent = False
        self._store_ahead = 0
        """Microseconds by which the store's clock is ahead of this machine's."""

    def open(self) -> None:
        """Announce a new session; what the one before it held is returned by the store. Raises BackendUnavailable."""
        session, began = uuid7(), clock.boottime_ns()
        self.store.sessions.open(self._announce(session), self._lease)
        self._graves.clear()
        self.session, self.renewed = session, began

    def reopen(self) -> bool:
        """`open`, for a worker that is under way; False where the store did not answer."""
        try:
            self.open()
        except HorizonError as error:
            self._unanswered(error)
            return False
        return True

    def renew(self, report: SessionReport) -> Renewed | None:
        """Prolong the lease; None where the store did not answer."""
        began = clock.boottime_ns()
        try:
            renewed = self.store.sessions.renew(self.session, self._lease, report)
        except HorizonError as error:
            self._unanswered(error)
            return None
        if renewed.alive:
            self.renewed = began
            self._store_ahead = renewed.expires_at - self._lease - clock.now()
        self._answered()
        return renewed

    def bury(self, executor: int, running: Mapping[str, Verdict]) -> None:
        """Note that an executor is gone, and tell the store."""
        self._graves.append((executor, running))
        self.settle()

    def settle(self) -> bool:
        """Tell the store about everybody who is gone; True where it knows."""
        while self._graves:
            executor, running = self._graves[0]
            try:
                self.store.sessions.bury(self.session, executor, running)
            except HorizonError as error:
                self._unanswered(error)
                return False
            self._graves.pop(0)
        return True

    def held(self, executor: int) -> set[str]:
        """Tokens of what an executor holds, as the store knows it; nothing where the store did not answer."""
        try:
            return {token for _, _, token in self.store.sessions.held(self.session, executor)}
        except HorizonError as error:
            self._unanswered(error)
            return set()

    def take_back(self, executor: int, tokens: set[str]) -> bool:
        """Return these unstarted attempts of an executor that cannot do it itself; False where the store did not answer."""
        try:
            held = self.store.sessions.held(self.session, executor)
            outcomes = [
                Outcome(id=id, ref=ref, token=token, kind=Kind.RETURNED, reason="unstarted", started=False)
                for id, ref, token in held
                if token in tokens
            ]
            if outcomes:
                self.store.turn(outcomes, None)
        except HorizonError as error:
            self._unanswered(error)
            return False
        return True

    def tell(self, job: str, stack: Stack) -> bool:
        """Keep what a job is doing as the answer to whoever asked for it; False where the store did not answer."""
        try:
            note, at = self.store.notes.get(KIND, job), self._store_now()
            told = encode(answered(stack, None if note is None else decode(note.body), at))
            self.store.notes.write([NoteChange(kind=KIND, name=job, body=told, until=at + KEPT)])
        except HorizonError as error:
            self._unanswered(error)
            return False
        return True

    def _store_now(self) -> Micros:
        return clock.now() + self._store_ahead

    def close(self) -> bool:
        """End the session; False where the store did not answer, and the lease will end it."""
        try:
            self.store.sessions.close(self.session)
        except HorizonError as error:
            self._unanswered(error)
            return False
        return True

    def _unanswered(self, error: HorizonError) -> None:
        if not self._silent:
            say(f"the store does not answer; running jobs go on while the lease lasts ({error})")
        self._silent = True

    def _answered(self) -> None:
        if self._silent:
            say("the store answers again")
        self._silent = False
