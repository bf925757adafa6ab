"""A guardian's way to the stack of a running job: ask the executor's own thread, and where C code holds the interpreter, so
that no thread of it can answer, have the system make the job's thread write it down itself.

1. The question goes over a line that nobody else uses; Python answers within milliseconds, whatever the job is doing, unless
   something keeps the interpreter to itself.
2. After `PATIENCE` the job's thread gets a signal whose handler is C code and writes the thread's own stack into a shared
   file. Only where the process says that it catches it: a signal that nobody catches would kill it.
3. After `GIVE_UP` the answer is that there is none.
"""

from __future__ import annotations

import contextlib
import ctypes
import linecache
import os
import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from horizon.core import clock
from horizon.core.stack import How, Stack, cut
from horizon.worker.teller import SIGNAL

if TYPE_CHECKING:
    from horizon.worker.child import Child
    from horizon.worker.page import Running

NS = 1_000_000_000
PATIENCE = NS
"""Ten times as long as a thread that wants the interpreter waits for another one that runs Python."""
GIVE_UP = 4 * NS
STATES = {"R": "running", "S": "sleeping", "D": "waiting for the disk", "T": "stopped", "t": "stopped", "I": "sleeping"}
_FRAME = re.compile(r'  File "(.*)", line (\d+|\?\?\?) in (.*)')


@dataclass(kw_only=True)
class Inquiry:
    """One question under way."""

    child: Child
    job: Running
    number: int
    asked: int
    """Nanoseconds since boot."""
    signalled: bool = False
    size: int = -1
    """Of the dump at the last look: it is whole when it grows no more."""

    @classmethod
    def begin(cls, child: Child, job: Running, number: int) -> Inquiry:
        """Ask."""
        child.stacks.ask(number, job.slot, job.token)
        return cls(child=child, job=job, number=number, asked=clock.boottime_ns())

    def look(self, now: int) -> Stack | None:
        """What there is to tell by now: None while it may still come. Times are left to the caller."""
        told = self.child.stacks.heard(self.number)
        if told is not None:
            return replace(told, thread=self._state(), pid=self.child.pid)
        if self.job.token not in {one.token for one in self.child.page.running()}:
            return self._said(How.ENDED)
        if self.signalled and (text := self._dumped()):
            return replace(self._said(How.HELD), text=text)
        if not self.signalled and now - self.asked >= PATIENCE:
            self.signalled = True
            self.child.stacks.empty()
            poke(self.child.pid, self.child.page.thread_of(self.job.slot))
        return self._said(How.SILENT) if now - self.asked >= GIVE_UP else None

    def _said(self, how: How) -> Stack:
        return Stack(by="", asked_at=0, how=how, thread=self._state(), pid=self.child.pid)

    def _dumped(self) -> str:
        text = self.child.stacks.dump()
        whole, self.size = bool(text) and len(text) == self.size, len(text)
        return as_traceback(text) if whole else ""

    def _state(self) -> str:
        return thread_state(self.child.pid, self.child.page.thread_of(self.job.slot))


def poke(pid: int, thread: int) -> bool:
    """Have a thread of another process write down its stack; False where that is not possible, or would do harm."""
    if SIGNAL is None or not thread or not catches(pid, SIGNAL):
        return False
    with contextlib.suppress(OSError, AttributeError):
        return int(ctypes.CDLL(None, use_errno=True).tgkill(pid, thread, int(SIGNAL))) == 0
    if thread != pid:
        return False
    with contextlib.suppress(OSError):  # the C library has no word for it; the main thread is the one that a process's signals go to
        os.kill(pid, SIGNAL)
        return True
    return False


def catches(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal, by the system's own books."""
    if sys.platform != "linux":
        return False
    try:
        with open(f"/proc/{pid}/status") as file:
            mask = next((line.split()[1] for line in file if line.startswith("SigCgt:")), "0")
    except OSError:
        return False
    return bool(int(mask, 16) >> (number - 1) & 1)


def thread_state(pid: int, thread: int) -> str:
    """What the system says that a thread does; empty where it does not say."""
    try:
        with open(f"/proc/{pid}/task/{thread}/stat") as file:
            return STATES.get(file.read().rpartition(") ")[2][:1], "")
    except OSError:
        return ""


def as_traceback(dump: str) -> str:
    """What `faulthandler` writes (the innermost call first, without the code) as Python writes a traceback."""
    found = [_FRAME.fullmatch(line) for line in dump.splitlines()]
    frames = [_call(match[1], match[2], match[3]) for match in found if match is not None]
    return cut("".join(_below_ours(frames[::-1])))


def _call(file: str, line: str, name: str) -> str:
    code = linecache.getline(file, int(line)).strip() if line.isdecimal() else ""
    return f'  File "{file}", line {line if line.isdecimal() else 0}, in {name}\n' + (f"    {code}\n" if code else "")


def _below_ours(frames: list[str]) -> list[str]:
    """Without the worker's own calls above the job's."""
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    mine = [f'File "{ours}' in frame and f'File "{ours}demo' not in frame for frame in frames]
    start = next((at for at, frame in enumerate(frames) if f"{os.sep}jobs{os.sep}prepared.py" in frame and mine[at]), 0)
    first = next((at for at in range(start, len(frames)) if not mine[at]), start)
    return frames[first:]
