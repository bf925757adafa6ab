"""One place in which one job at a time runs, and how what runs there is asked to stop from inside the process.

The soft stop is an exception raised in the job's own code, and only while that code runs: `JobTimeout` at its timeout,
`JobCancelled` a while after its cancellation if it does not look, `JobInterrupted` when the worker must go. It does not
get through C code, and the job can swallow it; for those the guardian stands outside.
"""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from horizon.core.errors import JobCancelled, JobInterrupted, JobTimeout

if TYPE_CHECKING:
    from horizon.jobs.prepared import Prepared

Stop = type[JobTimeout] | type[JobCancelled] | type[JobInterrupted]
KEPT = (signal.SIGALRM, signal.SIGTERM, signal.SIGINT)
"""Signals that are ours again after each job, whatever it did to them."""
_handler_of: Callable[[int], Any] = import_module("_signal").getsignal
"""`signal.getsignal` without its search for a name of what it found: asked after every job, and 20 times faster."""


class Striker(Protocol):
    """How to raise something in the code that a slot runs."""

    def strike(self, slot: Slot, stop: Stop, prepared: Prepared) -> None:
        """Raise it in this job, if its code runs at this moment; the slot is marked `struck` when it has been done."""

    def settle(self, slot: Slot) -> None:
        """The job has ended: take back what has not been raised yet, and what the job took for itself."""


class Slot:
    """What runs here now. Written by the thread that works; read, and struck, by the one that watches."""

    def __init__(self, index: int, striker: Striker) -> None:
        self.index = index
        self.striker = striker
        self.prepared: Prepared | None = None
        self.thread = 0
        """Which one runs its code, by Python's number."""
        self.started = 0
        """Nanoseconds since boot."""
        self.deadline = 0
        """When the soft timeout is due, nanoseconds since boot; 0: never."""
        self._cancelled: tuple[Prepared | None, int] = (None, 0)
        """Which job was cancelled last, and when it is stopped: in one word, for the next job may have begun by the time it is written."""
        self.struck: Stop | None = None
        self.received = 0
        """When the present job was reserved, by `perf_ns`."""
        self.recall = 0
        """The last recall that had been answered when the present job was picked."""

    def start(self, prepared: Prepared, now: int, deadline: int) -> None:
        """A job begins."""
        self.started, self.deadline, self.struck = now, deadline, None
        self.prepared = prepared

    def cancel(self, prepared: Prepared, at: int) -> None:
        """Stop this job then, if it still runs: nanoseconds since boot."""
        self._cancelled = (prepared, at)

    @property
    def cancel_at(self) -> int:
        """When the job that runs is stopped because it was cancelled, nanoseconds since boot; 0: it was not."""
        cancelled, at = self._cancelled
        return at if cancelled is self.prepared else 0

    def finish(self) -> None:
        """It ended; nothing strikes from here on. Twice is as good as once."""
        self.prepared, self._cancelled = None, (None, 0)
        self.striker.settle(self)

    def wanted(self, now: int, interrupt: bool) -> Stop | None:
        """What should be raised in this job now, if anything."""
        if interrupt:
            return JobInterrupted if self.struck is not JobInterrupted else None
        if self.struck is not None:
            return None
        if (cancel_at := self.cancel_at) and cancel_at <= now:
            return JobCancelled
        return JobTimeout if 0 < self.deadline <= now else None

    def due(self) -> int | None:
        """When `wanted` may change next, nanoseconds since boot."""
        times = [at for at in (self.deadline, self.cancel_at) if at]
        return min(times, default=None) if self.struck is None else None

    def sentence(self, stop: Stop) -> str:
        """What the exception says."""
        if stop is JobTimeout:
            return f"it ran longer than its timeout of {(self.deadline - self.started) / 1e9:g} s"
        return "it was cancelled and did not stop by itself" if stop is JobCancelled else "the worker had to stop"


class MainStriker:
    """Stops what runs in the main thread, by a signal whose handler raises there: it ends a blocking call as well."""

    def __init__(self) -> None:
        self._main = threading.main_thread().ident or 0
        self._aim: tuple[Slot, Stop, Prepared] | None = None
        self._handler = self._raise
        self._kept: dict[int, Any] = {}

    def install(self) -> None:
        """Take the signal, and keep how others are handled now. Only in the main thread."""
        signal.signal(signal.SIGALRM, self._handler)
        self._kept = {number: signal.getsignal(number) for number in KEPT}

    def strike(self, slot: Slot, stop: Stop, prepared: Prepared) -> None:
        self._aim = (slot, stop, prepared)
        if signal.getsignal(signal.SIGALRM) == self._handler:  # a job's own alarm handler is not ours to ring
            signal.pthread_kill(self._main, signal.SIGALRM)

    def settle(self, slot: Slot) -> None:
        self._aim = None
        for number, handler in self._kept.items():
            if _handler_of(number) != handler:  # the next job would meet it, or die of a signal that is not meant for it
                signal.signal(number, handler)

    def _raise(self, number: int, frame: object) -> None:
        if self._aim is None:
            return
        slot, stop, prepared = self._aim
        if slot.prepared is not prepared or slot.struck is stop or not prepared.in_user_code:
            return
        slot.struck = stop
        raise stop(slot.sentence(stop))


class ThreadStriker:
    """Stops what runs in another thread, by the interpreter's own means for it; noticed between two bytecodes."""

    def __init__(self, ident: int) -> None:
        self._ident = ident
        self._lock = threading.Lock()

    def strike(self, slot: Slot, stop: Stop, prepared: Prepared) -> None:
        with self._lock:
            if slot.prepared is not prepared or not prepared.in_user_code:
                return
            slot.struck = stop
            _raise_in(self._ident, _with_words(stop, slot.sentence(stop)))

    def settle(self, slot: Slot) -> None:
        with self._lock:  # a strike under way has marked the slot when we get it; a later one finds no job here
            if slot.struck is not None:
                _take_back(self._ident)


def _raise_in(ident: int, stop: type[BaseException] | None) -> None:
    """Have a thread raise this at its next bytecode; None takes an earlier one back."""
    argument = ctypes.py_object() if stop is None else ctypes.py_object(stop)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), argument)


class _Nothing(BaseException):
    """Raised in place of a stop that came too late."""


def _take_back(ident: int) -> None:
    """See to it that a stop that has not been raised yet never is; the thread itself does it.

    None alone would do, but it leaves Python up to 3.12 looking for an exception at every turn: its loops get slower from then
    on, and a program that is traced, by a debugger or for its coverage, stands still. So another one takes the place of the
    stop, and is caught.
    """
    if ident != threading.get_ident():
        _raise_in(ident, None)
        return
    with suppress(_Nothing):
        _raise_in(ident, _Nothing)
        while True:
            pass


def _with_words(stop: Stop, words: str) -> Stop:
    """The same exception, speaking: the interpreter raises a class in another thread, and gives it no arguments."""
    names = {"__str__": lambda self: words, "__module__": stop.__module__, "__qualname__": stop.__qualname__}
    made: Stop = type(stop.__name__, (stop,), names)
    return made
