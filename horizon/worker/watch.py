"""Looks after running jobs from beside them: what is late, cancelled, or in the way of others.

With one slot it lives in a thread of its own, which sleeps while nothing runs; with more, the main thread calls `beat`.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable

from horizon.core import clock
from horizon.worker import lifeline
from horizon.worker.pace import LONG
from horizon.worker.page import COMMAND, ENDING, FENCE_AT, Command, Ending
from horizon.worker.post import Post
from horizon.worker.screen import say
from horizon.worker.slot import Slot

log = logging.getLogger("horizon.worker")

BEAT = 0.1
"""Seconds between two looks while something runs; as long as what is unstarted behind a job may wait for it."""
LINGER = 0.5
"""Seconds for which the watch stays awake after the last job."""
NEWS_EVERY = 1.0
"""Seconds between two reports of progress and log lines."""
RETRY_STRIKE = 0.02
"""Seconds until a stop that could not be raised (the job was between two pieces of its code) is tried again."""


class Watch:
    """One look after another at the slots of one executor."""

    def __init__(self, post: Post, *, cancel_grace: float) -> None:
        self.post = post
        self._cancel_grace = round(cancel_grace * 1e9)
        self._news_at = 0.0

    def beat(self) -> float:
        """One look at everything; returns the seconds until the next one is due."""
        now = clock.boottime_ns()
        self._fence(now)
        running = [slot for slot in self.post.slots if slot.prepared is not None]
        for slot in running:
            self._cancel(slot, now)
            self._stop(slot, now)
        self._clear_the_way(running, now)
        self._report(running)
        return self._until_next(running, now)

    def _fence(self, now: int) -> None:
        """The guardian ends what ran past the lease; where it cannot (it was stopped, say), do it ourselves."""
        if now >= self.post.page.words[FENCE_AT]:
            self.post.page.words[ENDING] = Ending.FENCED
            lifeline.die()

    def _cancel(self, slot: Slot, now: int) -> None:
        prepared = slot.prepared
        if prepared is None or slot.cancel_at:
            return
        token, reason = self.post.page.stop_of(slot.index)
        if token == prepared.reservation.token:
            prepared.cancel(reason)
            slot.cancel(prepared, now + self._cancel_grace)

    def _stop(self, slot: Slot, now: int) -> None:
        prepared = slot.prepared  # read before the times: what is wanted of this job must not strike the one after it
        stop = slot.wanted(now, self.post.page.words[COMMAND] == Command.INTERRUPT)
        if stop is not None and prepared is not None:
            slot.striker.strike(slot, stop, prepared)

    def _clear_the_way(self, running: list[Slot], now: int) -> None:
        """Nothing waits behind a long job: what ended is settled, what has not started goes back to the store."""
        post = self.post
        ending = post.page.words[COMMAND] != Command.RUN
        blocked = len(running) == post.orders.concurrency and all(now - slot.started > LONG * 1000 for slot in running)
        if not (ending or blocked):
            return
        post.exchange.overhear()
        post.shelf.give_back()
        if not post.exchange.silent_for():
            post.exchange.settle()

    def _report(self, running: list[Slot]) -> None:
        at = clock.monotonic()
        if at < self._news_at:
            return
        self._news_at = at + NEWS_EVERY
        self.post.bulletin.send([prepared for slot in running if (prepared := slot.prepared) is not None])

    def _until_next(self, running: list[Slot], now: int) -> float:
        times = [due for slot in running if (due := slot.due()) is not None]
        soonest = (min(times) - now) / 1e9 if times else BEAT
        return max(RETRY_STRIKE, min(BEAT, soonest))


def _deaf(error: Exception) -> None:
    """Somebody closed the descriptors of this process. Nothing here can be trusted any more; its guardian starts another."""
    say(f"executor {os.getpid()} ends: its line to the guardian was closed from inside ({error})")
    lifeline.die()


class WatchThread:
    """A watch in a thread: asleep while nothing runs, woken by the guardian or by the loop.

    It stays awake for a moment after the last job: to be woken for the next one takes the interpreter from that very job, just
    when it starts.
    """

    def __init__(self, watch: Watch, stir: Callable[[], None]) -> None:
        self.watch = watch
        self._stir = stir
        self._busy = False
        self._asleep = True
        self._idle_since: float | None = None

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="horizon-watch", daemon=True).start()

    def attend(self) -> None:
        """There are jobs from now on."""
        self._busy = True
        if self._asleep:
            self._asleep = False
            self.watch.post.bell.ring()

    def rest(self) -> None:
        """There are none any more."""
        self._busy = False

    def _beat(self) -> float | None:
        """A look where there are jobs; seconds until the next one, None for as long as nobody rings."""
        if self._busy:
            self._idle_since = None
            return self.watch.beat()
        now = clock.monotonic()
        self._idle_since = now if self._idle_since is None else self._idle_since
        if now - self._idle_since < LINGER:
            return BEAT
        self._asleep = True
        return 0.0 if self._busy else None  # whoever came in between found nobody asleep, and did not ring

    def _run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM, signal.SIGINT})
        pause: float | None = None
        while True:
            try:
                if self.watch.post.bell.wait(pause):
                    self._stir()
            except (OSError, ValueError) as error:
                _deaf(error)
            try:
                pause = self._beat()
            except Exception:
                log.exception("looking after running jobs failed once; it is tried again")
                pause = BEAT
