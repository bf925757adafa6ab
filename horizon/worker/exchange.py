"""The executor's conversation with the store: settle what ended, reserve what comes next, and lose nothing when it is silent.

1. An outcome leaves the outbox only when the store has answered it; sent twice, it counts once.
2. A question whose answer was lost may have reserved jobs nobody here knows of; as soon as the store answers again,
   those are looked up and handed back.
3. A question may be under way while jobs run (`ask`, `hear`), one at the most. The page says so, since the jobs it
   brings are on no shelf until it is heard; where a recall came in between, none of them starts.
"""

from __future__ import annotations

import itertools
import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.backends.values import Asked, Turned, Want
from horizon.core import clock
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Answer, Kind, Outcome
from horizon.worker import pace
from horizon.worker.page import ASKED
from horizon.worker.screen import say
from horizon.worker.shelf import Shelf

log = logging.getLogger("horizon.worker")


@dataclass(frozen=True, kw_only=True)
class UnderWay:
    """A question whose answer has not been read."""

    turn: Asked
    outcomes: list[Outcome]
    count: int
    recalled: int
    """The recall that had been answered when it was asked."""


class Exchange:
    """Turns with one store for one executor. `want` makes the question from a count and a random number."""

    def __init__(self, backend: Backend, shelf: Shelf, want: Callable[[int, float], Want]) -> None:
        self.backend, self.shelf = backend, shelf
        self._want = want
        self.failures = 0
        self._again_at = 0.0
        self._unsure = False
        self._said = ""
        self._under_way: UnderWay | None = None
        self._hearing = threading.Lock()
        self._numbers = itertools.count(1)
        self.plenty = False
        """Whether the last question brought as many jobs as it wanted: there are likely more."""

    def silent_for(self) -> float:
        """Seconds for which the store should be left alone, because it did not answer; 0 where it did."""
        return max(0.0, self._again_at - clock.monotonic()) if self.failures else 0.0

    def settle(self) -> bool:
        """Send the outbox; True where nothing is left to send."""
        return not self.shelf.outbox or self.turn(0) is not None

    def turn(self, count: int) -> Turned | None:
        """Send the outbox and reserve up to `count` jobs; None where the store did not answer (nothing is lost)."""
        outcomes = self.shelf.collect()
        want = self._want(count, random.random()) if count else None
        try:
            if self._unsure and count:
                self._hand_back_unknown()
            turned = self.backend.turn(outcomes, want)
        except Exception as error:
            self._unanswered(outcomes, count, error)
            return None
        self._take_in(outcomes, turned, count)
        return turned

    def ask(self, count: int) -> None:
        """Send the outbox and the wish for up to `count` jobs, and go on; `hear` takes in the answer."""
        recalled, outcomes = self.shelf.recalled, self.shelf.collect()
        words = self.shelf.page.words
        words[ASKED] = next(self._numbers)  # before the store can have handed out anything
        want = self._want(count, random.random())
        try:
            asked = self.backend.ask(outcomes, want)
        except Exception as error:
            words[ASKED] = 0
            self._unanswered(outcomes, count, error)
            return
        if asked is None:
            words[ASKED] = 0
            self.shelf.unsent(outcomes)
            return
        self._under_way = UnderWay(turn=asked, outcomes=outcomes, count=count, recalled=recalled)

    def hear(self) -> Turned | None:
        """Take in the answer to what was asked, if anything was; None where nothing was, or the store did not answer."""
        if self._under_way is None:
            return None
        with self._hearing:
            return self._hear()

    def overhear(self) -> None:
        """`hear`, for somebody who must not wait: nothing where the answer is not there yet."""
        if self._under_way is None or not self._hearing.acquire(blocking=False):
            return
        try:
            if self._under_way is not None and self._under_way.turn.ready():
                self._hear()
        finally:
            self._hearing.release()

    def _hear(self) -> Turned | None:
        asked = self._under_way
        if asked is None:
            return None
        try:
            turned = asked.turn.finish()
        except Exception as error:
            self._unanswered(asked.outcomes, asked.count, error)
            return None
        else:
            self._take_in(asked.outcomes, turned, asked.count, asked.recalled)
            return turned
        finally:
            self._under_way = None
            self.shelf.page.words[ASKED] = 0

    def _take_in(self, outcomes: list[Outcome], turned: Turned, count: int, recalled: int | None = None) -> None:
        self.shelf.sent(outcomes)
        self._answered(outcomes, turned)
        if count:
            self.plenty = len(turned.reservations) >= count
        if turned.reservations:
            self.shelf.put(turned.reservations, recalled)

    def _unanswered(self, outcomes: list[Outcome], count: int, error: Exception) -> None:
        self.shelf.unsent(outcomes)
        self._unsure = self._unsure or count > 0
        self.plenty = False
        self._failed(error)

    def _hand_back_unknown(self) -> None:
        """Return what a lost answer had reserved for us."""
        want = self._want(0, 0.0)
        held = self.backend.sessions.held(want.session, want.executor)
        known = self.shelf.tokens()
        unknown = [
            Outcome(id=id, ref=ref, token=token, kind=Kind.RETURNED, reason="unstarted", started=False)
            for id, ref, token in held
            if token not in known
        ]
        if unknown:
            self.backend.turn(unknown, None)
        self._unsure = False

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        self._again_at = clock.monotonic() + pace.retry_after(self.failures)
        words = f"{type(error).__name__}: {error}"
        if words != self._said:
            self._said = words
            say(f"the store does not answer, outcomes are kept and sent again ({words})")
            if not isinstance(error, BackendUnavailable):
                log.error("a turn with the store failed", exc_info=error)

    def _answered(self, outcomes: Sequence[Outcome], turned: Turned) -> None:
        if self.failures:
            self.failures, self._said = 0, ""
            say("the store answers again")
        for index, reason in turned.refused.items():
            log.error("the outcome of job %s could not be kept, it ended failed: %s", outcomes[index].id, reason)
        if Answer.LOST not in turned.answers:
            return
        for outcome, answer in zip(outcomes, turned.answers, strict=True):
            if answer is Answer.LOST and outcome.started:
                log.warning("job %s was no longer ours when it ended; its outcome changed nothing", outcome.id)
