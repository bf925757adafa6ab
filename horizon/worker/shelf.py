"""What one executor holds: jobs reserved and not started, and outcomes the store has not taken yet.

Shared by the thread that works and the one that talks to the store; every method is safe to call from either.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from horizon.backends.values import Reservation
from horizon.core.clock import perf_ns
from horizon.core.outcome import Kind, Outcome
from horizon.worker.page import JOBS, RECALL, Page

if TYPE_CHECKING:
    from horizon.worker.slot import Slot
    from horizon.worker.tally import Tally


def returned(reservation: Reservation, reason: str = "unstarted") -> Outcome:
    """The outcome that hands a job back as if it had never been taken."""
    return Outcome(id=reservation.id, ref=reservation.ref, token=reservation.token, kind=Kind.RETURNED, reason=reason, started=False)


class Shelf:
    """Unstarted reservations on one side, the outbox on the other. `tally` counts starts, where they are limited."""

    def __init__(self, page: Page, tally: Tally | None = None, place: int = 0) -> None:
        self.page, self.tally, self._place = page, tally, place
        self.lock = threading.Lock()
        self.filled = threading.Condition(self.lock)
        self.waiting: deque[Reservation] = deque()
        self._received: deque[int] = deque()
        self.outbox: list[Outcome] = []
        self.hands: dict[int, str] = {}
        """Slot to the token of what it took and has not ended yet."""
        self.levels: dict[int, int] = {}
        """Slot to the priority of what it took."""
        self.recalled = page.words[RECALL]
        """The last recall that was answered; a job picked before it must not start after it."""
        self.done = 0
        """Jobs that ran here."""
        self._sending: list[list[Outcome]] = []

    def put(self, reservations: Sequence[Reservation], recalled: int | None = None) -> None:
        """Lay down what was just reserved.

        `recalled`: the recall that had been answered when it was asked for. Where another one was answered since, the
        guardian may have taken these jobs back, so none of them may start.
        """
        with self.filled:
            if recalled is not None and recalled != self.recalled:
                self.outbox.extend(returned(reservation) for reservation in reservations)
                return
            self.waiting.extend(reservations)
            self._received.extend([perf_ns()] * len(reservations))
            self._lay_out()
            self.filled.notify_all()

    def _lay_out(self) -> None:
        ended = [outcome.token for outcomes in (*self._sending, self.outbox) for outcome in outcomes if outcome.started]
        self.page.lay_out([reservation.token for reservation in self.waiting], [*ended, *self.hands.values()])

    def head(self) -> Reservation | None:
        """What would start next."""
        waiting = self.waiting
        return waiting[0] if waiting else None

    def take(self, slot: Slot) -> Reservation | None:
        """The next one to start; from now on it is in the hands of this slot."""
        with self.lock:
            return self.pick(slot)

    def pick(self, slot: Slot) -> Reservation | None:
        """`take`, for a caller that has the lock; None also where the worker has no more jobs to start."""
        if not self.waiting or (self.tally is not None and not self.tally.claim(self._place)):
            return None
        self.page.take()
        reservation = self.waiting.popleft()
        self.hands[slot.index] = reservation.token
        self.levels[slot.index] = reservation.priority
        slot.received = self._received.popleft()
        slot.recall = self.recalled
        return reservation

    def keep(self, outcome: Outcome, slot: Slot) -> None:
        """Move a job from the hands of this slot into the outbox."""
        with self.lock:
            self.outbox.append(outcome)
            self.hands.pop(slot.index, None)
            self.levels.pop(slot.index, None)
            self.done += outcome.started
            self.page.words[JOBS] = self.done
            if self.tally is not None and not outcome.started:
                self.tally.release(self._place)

    def give_back(self, reason: str = "unstarted", *, but: int = 0) -> int:
        """Turn every unstarted job, but the first so many, into an outcome that hands it back; returns how many."""
        with self.lock:
            return self._give_back(reason, but)

    def _give_back(self, reason: str, but: int) -> int:
        returning = [self.waiting.pop() for _ in range(len(self.waiting) - but)]
        for _ in returning:
            self._received.pop()
        self._lay_out()
        self.outbox.extend(returned(reservation, reason) for reservation in reversed(returning))
        return len(returning)

    def answer_recall(self) -> None:
        """Hand back what is unstarted, if the guardian has begun to take it back: twice is as good as once."""
        with self.lock:
            recall = self.page.words[RECALL]
            if recall != self.recalled:
                self._give_back("unstarted", 0)
                self.recalled = recall

    def collect(self) -> list[Outcome]:
        """Take the outbox to send it; `sent` or `unsent` must follow."""
        with self.lock:
            outcomes, self.outbox = self.outbox, []
            self._sending.append(outcomes)
            return outcomes

    def load(self) -> tuple[int, int]:
        """How many jobs are in hands, and how many wait for one, at one instant: one that is just taken is in neither for whoever looks twice."""
        with self.lock:
            return len(self.hands), len(self.waiting)

    def cleared(self) -> bool:
        """Whether nothing is here any more: asked at one instant, since a job goes from the shelf into hands and from there into the outbox."""
        with self.lock:
            return not (self.waiting or self.hands or self.outbox or self._sending)

    def sent(self, outcomes: list[Outcome]) -> None:
        """The store took them."""
        with self.lock:
            self._forget(outcomes)

    def unsent(self, outcomes: list[Outcome]) -> None:
        """The store did not answer: they are sent again, before anything newer."""
        with self.lock:
            self._forget(outcomes)
            self.outbox[:0] = outcomes

    def _forget(self, outcomes: list[Outcome]) -> None:
        self._sending = [sending for sending in self._sending if sending is not outcomes]

    def priorities(self) -> list[int]:
        """Of all that runs or is to start here."""
        with self.lock:
            return [*self.levels.values(), *(reservation.priority for reservation in self.waiting)]

    def tokens(self) -> set[str]:
        """Of everything here, what is being sent included."""
        with self.lock:
            known = {reservation.token for reservation in self.waiting}
            known.update(self.hands.values())
            known.update(outcome.token for outcomes in (self.outbox, *self._sending) for outcome in outcomes)
            return known
