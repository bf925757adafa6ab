"""What one process takes: its memory now and over its whole life, and its share of a processor.

Looked at with each report, from the system's own books (about 20 microseconds a process). The past is kept in so many
figures and no more: when they are full, every two become one and the time between two of them doubles. So a report stays
small however long a process lives, and what grows slowly is seen to grow.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from horizon.worker.resources import rss_kb

KEPT = 32
"""Figures of the past."""
STEP = 5
"""Seconds between two of them at first."""
AT_LEAST = 1.0
"""Seconds that a share of a processor is measured over."""
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_NS = 1_000_000_000


def cpu_seconds(pid: int) -> float | None:
    """Processor time that a process has used so far; None where the system does not say."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()  # its own name stands in brackets, and may hold anything
        return (int(fields[11]) + int(fields[12])) / _TICKS
    except (OSError, IndexError, ValueError):
        return None


class Gauge:
    """Of one process. Times are nanoseconds since boot."""

    def __init__(
        self, pid: int, *, memory: Callable[[int], int | None] = rss_kb, used: Callable[[int], float | None] = cpu_seconds
    ) -> None:
        self._pid, self._read_memory, self._read_used = pid, memory, used
        self.memory_kb: int | None = None
        self.cpu: int | None = None
        """Share of one processor since the look before, in percent: 200 where two are busy. None: not known yet."""
        self.trend: list[int] = []
        """Memory in KiB, the highest in each step, the oldest first."""
        self.step = STEP
        """Seconds between two of the trend."""
        self._full_at = 0
        self._used: tuple[int, float] | None = None

    def look(self, now: int) -> None:
        """Read what it takes now."""
        self.memory_kb = self._read_memory(self._pid)
        if self.memory_kb is not None:
            self._remember(now, self.memory_kb)
        used = self._read_used(self._pid)
        if used is not None:
            self._share(now, used)

    def _remember(self, now: int, memory: int) -> None:
        if self.trend and now < self._full_at:
            self.trend[-1] = max(self.trend[-1], memory)
            return
        if len(self.trend) == KEPT:
            self.trend = [max(pair) for pair in zip(self.trend[::2], self.trend[1::2], strict=True)]
            self.step *= 2
        self.trend.append(memory)
        self._full_at = now + self.step * _NS

    def _share(self, now: int, used: float) -> None:
        if self._used is not None:
            at, before = self._used
            if now - at < AT_LEAST * _NS:
                return
            self.cpu = max(0, round((used - before) * _NS / (now - at) * 100))
        self._used = (now, used)
