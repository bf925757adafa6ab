"""Waits at the store for a hint that there is work, so that the thread that looks after running jobs need not."""

from __future__ import annotations

import logging
import signal
import threading

from horizon.core import clock
from horizon.worker import pace
from horizon.worker.post import Post

log = logging.getLogger("horizon.worker")


class Scout:
    """One thread, out at the store or at home."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._sent = threading.Event()
        self._timeout = 0.0
        self._back = False
        self._fruitless = 0
        self._thread: threading.Thread | None = None

    def send(self, timeout: float) -> None:
        """Go and wait for this long at the most; one that is out already stays out."""
        self._timeout = timeout
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="horizon-scout", daemon=True)
            self._thread.start()
        self._sent.set()

    def back(self) -> bool:
        """Whether it has come back with a hint since the last call."""
        back, self._back = self._back, False
        return back

    def _run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM, signal.SIGINT})
        while True:
            self._sent.wait()
            self._sent.clear()
            try:
                hinted = self._post.backend.wait(self._post.orders.queues, self._timeout)
            except Exception as error:
                log.debug("could not wait at the store: %s", error)
                hinted = False
                clock.sleep(pace.retry_after(2))
            self._fruitless = self._fruitless + 1 if hinted else 0
            clock.sleep(pace.pause_after(self._fruitless))
            self._back = hinted
            self._post.bell.ring()
