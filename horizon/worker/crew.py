"""An executor with several slots: each is a thread; the main thread talks to the store and looks after them.

An `async` job is awaited on one event loop that all slots share, while the thread of its slot waits: so both kinds
count against the same number of slots, and any number of async jobs share one set of connections.
"""

from __future__ import annotations

import logging
import os
import signal
import threading

from horizon.backends.values import Reservation
from horizon.core import clock
from horizon.core.errors import HorizonError
from horizon.worker import reserve
from horizon.worker.page import COMMAND, Command, Ending
from horizon.worker.post import Post
from horizon.worker.reserve import LOOK, Room
from horizon.worker.scout import Scout
from horizon.worker.slot import Slot, ThreadStriker
from horizon.worker.watch import Watch

EXIT_BROKEN = 70
"""The exit code of an executor that met a fault of its own."""
log = logging.getLogger("horizon.worker")

LINGER = 0.01
"""Longest time, in seconds, that an outcome waits for company before it is settled."""


class Crew:
    """The main thread's part: settle, reserve, hand out, look after."""

    def __init__(self, post: Post, watch: Watch) -> None:
        self.post, self.watch = post, watch
        self.size = post.orders.concurrency
        self._threads = 0
        self._alone = ""
        self._ask_at = 0.0
        self._scout = Scout(post)

    def run(self) -> Ending:
        """Until there is a reason to end; then until the last running job has ended."""
        ending = None
        while ending is None:
            beat = self.watch.beat()
            found = self._exchange()
            self._hire()
            ending = self.post.ending() or self._nothing_left(found)
            if ending is None:
                self._sleep(beat)
        self._see_out()
        return ending

    # the steps ------------------------------------------------------------------------------------

    def _exchange(self) -> bool:
        """One turn, if there is something to settle or to ask for; False where the store was asked and had nothing."""
        post = self.post
        if post.exchange.silent_for():
            return True
        wanted = self._room()
        hinted = self._scout.back()  # of what may be for others, where only urgent jobs may have the slots that are free
        if wanted.floor != post.floor or (hinted and wanted.floor is None):
            self._ask_at = 0.0
        post.floor = wanted.floor
        room = wanted.many if clock.monotonic() >= self._ask_at else 0
        if not room and not post.shelf.outbox:
            return True
        turned = post.exchange.turn(room)
        if turned is None or not room:
            return True
        if len(turned.reservations) < room:
            patience = post.patience(turned.next_due, turned.now)
            self._ask_at = clock.monotonic() + (patience if post.floor is None else min(patience, LOOK))
            if post.floor is None:
                self._scout.send(patience)
        return bool(turned.reservations)

    def _room(self) -> Room:
        """What to ask for: free slots, and some ahead as long as jobs are short; nothing ahead where slots are kept for urgent jobs, since
        those could not have a slot that somebody waits for."""
        post, shelf = self.post, self.post.shelf
        if not self._open() or self._is_for_one():
            return Room(0, post.floor)
        room = reserve.room(post.orders.reserve, self.size, shelf.priorities()) if post.orders.reserve else Room(self._ahead())
        allowed = post.allowed()
        return room if allowed is None else room._replace(many=min(room.many, allowed))

    def _ahead(self) -> int:
        ahead = (self.post.ahead() - 1) * self.size
        return max(0, min(self.size + ahead - sum(self.post.shelf.load()), self.post.backend.at_once))

    def _is_for_one(self) -> bool:
        """Whether a suspect runs, or comes next: asked at one instant, for between two looks it may be neither."""
        shelf = self.post.shelf
        with shelf.lock:
            head = shelf.head()
            return self._is_alone() or (head is not None and head.alone)

    def _open(self) -> bool:
        return self.post.command() is Command.RUN and self.post.may_start()

    def _hire(self) -> None:
        """Call the idle threads, and start more until every waiting job has one or every slot is filled."""
        shelf = self.post.shelf
        if shelf.waiting:
            with shelf.filled:
                shelf.filled.notify_all()
        while self._threads < self.size and self._threads < sum(shelf.load()):
            threading.Thread(target=self._man, args=(self._threads,), name=f"horizon-slot-{self._threads}", daemon=True).start()
            self._threads += 1

    def _nothing_left(self, found: bool) -> Ending | None:
        if not self.post.shelf.cleared() or (found and self.post.orders.once):
            return None
        try:
            return Ending.DONE if self.post.finished() else None
        except HorizonError:
            return None

    def _sleep(self, beat: float) -> None:
        shelf, silence = self.post.shelf, self.post.exchange.silent_for()
        if silence:
            pause = silence
        elif shelf.outbox:
            pause = LINGER
        elif shelf.hands or shelf.waiting or not self._open():
            pause = beat if self.post.floor is None else min(beat, max(0.001, self._ask_at - clock.monotonic()))
        else:
            pause = max(0.001, self._ask_at - clock.monotonic())
        self.post.bell.wait(min(pause, self.post.orders.sleep))

    def _see_out(self) -> None:
        """Hand back what has not started, wait for what runs, settle everything."""
        shelf = self.post.shelf
        while True:
            shelf.give_back()
            silence = self.post.exchange.silent_for()
            if not silence and self.post.exchange.settle() and shelf.cleared():
                return
            self.post.bell.wait(min(self.watch.beat(), silence or LINGER * 5))

    # a slot's thread ------------------------------------------------------------------------------

    def _man(self, index: int) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM, signal.SIGINT})
        slot = Slot(index, ThreadStriker(threading.get_ident()))
        slot.thread = threading.get_ident()
        self.post.page.works_in(index, threading.get_native_id())
        self.post.slots.append(slot)
        while True:
            reservation = self._take(slot)
            try:
                self.post.work_on(slot, reservation)
            except BaseException:  # a fault of ours: nobody would settle this job, so the guardian must
                log.critical("slot %d stumbled over job %s; this executor ends", index, reservation.id, exc_info=True)
                os._exit(EXIT_BROKEN)
            if not self.post.shelf.waiting or not self.post.pace.short(reservation.name) or reservation.alone:
                self.post.bell.ring()
            if reservation.alone or self.post.shelf.waiting:
                with self.post.shelf.filled:
                    self.post.shelf.filled.notify_all()

    def _take(self, slot: Slot) -> Reservation:
        shelf = self.post.shelf
        with shelf.filled:
            while True:
                reservation = shelf.pick(slot) if self._startable() else None
                if reservation is not None:
                    self._alone = reservation.token if reservation.alone else ""
                    return reservation
                shelf.filled.wait()

    def _startable(self) -> bool:
        """Whether the head of the shelf may start now: a suspect runs by itself."""
        shelf = self.post.shelf
        head = shelf.head()
        if head is None or self.post.page.words[COMMAND] != Command.RUN:
            return False
        return not (self._is_alone() or (head.alone and shelf.hands))

    def _is_alone(self) -> bool:
        return bool(self._alone) and self._alone in list(self.post.shelf.hands.values())
