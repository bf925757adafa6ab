"""The event loop on which the slots of one executor await their async jobs."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from horizon.core.errors import JobInterrupted, JobTimeout
from horizon.core.outcome import Outcome
from horizon.worker.page import Page
from horizon.worker.slot import Slot, Stop

if TYPE_CHECKING:
    from horizon.jobs.prepared import Prepared


class EventLoop:
    """One asyncio loop in a thread of its own, started with the first async job."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="horizon-async", daemon=True)
                self._thread.start()
            return self._loop

    def call(self, slot: Slot, prepared: Prepared) -> Outcome:
        """Run a prepared job: an async one over there, any other one here."""
        if not prepared.is_async:
            return prepared.run()
        loop = self._running()
        before, striker = slot.striker, TaskStriker(loop)
        slot.striker = striker
        here = self._work_there(slot)
        try:
            return asyncio.run_coroutine_threadsafe(striker.watched(prepared), loop).result()
        finally:
            striker.settle(slot)
            slot.striker = before
            slot.thread = here
            self._page.works_in(slot.index, threading.get_native_id())

    def _work_there(self, slot: Slot) -> int:
        """Say that the code of this slot runs in the loop's thread now; returns the one it is to go back to."""
        here, there = slot.thread, self._thread
        if there is not None:
            slot.thread = there.ident or here
            self._page.works_in(slot.index, there.native_id or 0)
        return here


class TaskStriker:
    """Stops what a slot awaits, by cancelling its task."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._task: asyncio.Task[Outcome] | None = None

    async def watched(self, prepared: Prepared) -> Outcome:
        """Await the job in a task of its own, which can be cancelled without cancelling us."""
        self._task = asyncio.ensure_future(prepared.arun())
        return await self._task

    def strike(self, slot: Slot, stop: Stop, prepared: Prepared) -> None:
        with self._lock:
            task = self._task
            if task is None or slot.prepared is not prepared or not prepared.in_user_code:
                return
            slot.struck = stop
            if stop is JobInterrupted:
                prepared.interrupt()
            if stop is not JobTimeout:  # that one the awaited job enforces by itself
                self._loop.call_soon_threadsafe(task.cancel, slot.sentence(stop))

    def settle(self, slot: Slot) -> None:
        """The task has ended. A strike under way has marked the slot when we get the lock; a later one must not mark it for the next job."""
        with self._lock:
            self._task = None
