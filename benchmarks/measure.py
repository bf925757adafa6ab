"""Small measuring tools: rates from marks, percentiles, proportional memory, CPU time of a process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def rate(times_ns: Sequence[int]) -> float:
    """Per second between the 10th and the 90th percentile of the starts, so that neither start-up nor the end counts."""
    ordered = sorted(times_ns)
    low, high = len(ordered) // 10, len(ordered) * 9 // 10
    return (high - low) / ((ordered[high] - ordered[low]) / 1e9)


def percentile(values: Sequence[float], q: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(q / 100 * (len(ordered) - 1)))]


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something to become true; RuntimeError with `what` where it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"gave up after {seconds:g} s waiting for {what}")
        time.sleep(0.02)


def pss_mb(pid: int) -> float:
    """Proportional set size of one process in MB (Linux)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    """Processes below this one, all generations."""
    found: list[int] = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *children(int(child))]
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of these processes so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
