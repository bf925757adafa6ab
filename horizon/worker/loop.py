"""An executor with one slot: jobs run in the main thread, where a signal can stop them and libraries feel at home."""

from __future__ import annotations

import threading

from horizon.backends.values import Reservation
from horizon.core.errors import HorizonError
from horizon.worker import pace
from horizon.worker.page import COMMAND, RECALL, Command, Ending
from horizon.worker.post import Post
from horizon.worker.reserve import LOOK
from horizon.worker.slot import Slot
from horizon.worker.watch import Watch, WatchThread

MOMENT = 0.01
"""Seconds between two looks whether the watch is through with the store."""


class Loop:
    """Settle and reserve, run what was reserved, rest where nothing was."""

    def __init__(self, post: Post, slot: Slot, watch: Watch) -> None:
        self.post, self.slot = post, slot
        self._stirred = threading.Event()
        self._waits = False
        """Whether the main thread waits at the store."""
        self._watch = WatchThread(watch, self.stir)
        self._patience = 0.0
        self._fruitless = 0

    def stir(self) -> None:
        """End whatever rest the main thread is taking: the guardian has something to say."""
        self._stirred.set()
        if self._waits:  # else nobody hears it, and a store that is away would keep us from looking after the job that runs
            self.post.backend.wake()

    def run(self) -> Ending:
        """Until there is a reason to end; what was not started has been handed back then."""
        self._watch.start()
        ending = None
        while ending is None:
            if self.post.command() is Command.PAUSE:
                self._stand_still()
            elif self._reserve():
                self._work()
            else:
                ending = self._rest()
            ending = ending or self.post.ending()
        self._hand_back()
        return ending

    # the steps ------------------------------------------------------------------------------------

    def _reserve(self) -> bool:
        """One turn with the store, unless something lies here still; True where there is something to run."""
        post = self.post
        if post.shelf.waiting or (post.exchange.hear() and post.shelf.waiting):
            return post.may_start()
        if post.exchange.silent_for() or not post.may_start():
            return False
        turned = post.exchange.turn(self._room())
        if turned is None:
            return False
        self._patience = post.patience(turned.next_due, turned.now)
        return bool(turned.reservations)

    def _room(self) -> int:
        """How many jobs to ask for."""
        ahead, allowed = self.post.ahead(), self.post.allowed()
        return ahead if allowed is None else min(ahead, allowed)

    def _ask_ahead(self) -> None:
        """Where jobs are very short and there are more of them, the store gets the next ones ready while these run."""
        post = self.post
        if not (post.exchange.plenty and pace.overlaps(post.pace.mean)) or post.exchange.silent_for():
            return
        if all(post.pace.short(reservation.name) for reservation in post.shelf.waiting) and (room := self._room()):
            post.exchange.ask(room)

    def _work(self) -> None:
        """Run what is on the shelf; the watch is awake meanwhile."""
        self._ask_ahead()
        self._fruitless = 0
        self._watch.attend()
        while (reservation := self._next()) is not None:
            self.post.work_on(self.slot, reservation)

    def _next(self) -> Reservation | None:
        """What to start now; None where the shelf is empty, or something else comes first."""
        post = self.post
        words, head = post.page.words, post.shelf.head()
        if head is None or words[COMMAND] != Command.RUN:
            return None
        if words[RECALL] != post.shelf.recalled:
            post.shelf.answer_recall()
            return None
        if post.shelf.outbox and not post.pace.short(head.name):
            self._settle_before(head)
        return post.shelf.take(self.slot)

    def _settle_before(self, head: Reservation) -> None:
        """Settle what ended before a job that may be long; behind one that is, nothing waits."""
        post = self.post
        if post.pace.long(head.name):
            post.shelf.give_back(but=1)
        if not post.exchange.silent_for():
            post.exchange.settle()

    def _rest(self) -> Ending | None:
        """Wait until there may be work, or for as long as the store is to be left alone."""
        self._watch.rest()
        post = self.post
        silence = post.exchange.silent_for()
        if silence or not post.may_start():
            if not silence:
                post.exchange.settle()  # the lease has run low: what has ended is told while somebody listens
            self._nap(silence or 0.05)
            return None
        try:
            if post.finished():
                return Ending.DONE
            self._waits = True
            # what was said while we asked the store ends no wait: nobody waited who could be woken
            hinted = not self._stirred.is_set() and post.backend.wait(post.orders.queues, self._patience)
        except HorizonError:
            self._nap(pace.retry_after(1))
            return None
        finally:
            self._waits = False
        self._fruitless = self._fruitless + 1 if hinted else 0
        look = LOOK if hinted and post.floor is not None else 0.0  # what waits may be for others
        self._nap(max(look, pace.pause_after(self._fruitless)))
        return None

    def _stand_still(self) -> None:
        """Paused: hold nothing, and wait for another word."""
        self.post.exchange.hear()
        self.post.shelf.give_back("paused")
        if not self.post.exchange.silent_for():
            self.post.exchange.settle()
        self._watch.rest()
        self._nap(1.0)

    def _nap(self, seconds: float) -> None:
        if seconds > 0:
            self._stirred.wait(seconds)
        self._stirred.clear()

    def _hand_back(self) -> None:
        """Return what has not started and settle the rest, for as long as the guardian lets us."""
        self.post.exchange.hear()
        self.post.shelf.give_back()
        while not (self.post.exchange.settle() and self.post.shelf.cleared()):  # the watch may be telling the store of some just now
            self._nap(self.post.exchange.silent_for() or MOMENT)
        self._watch.rest()
