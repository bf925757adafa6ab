"""How much memory a process uses, from the system's own books; None where they cannot be read."""

from __future__ import annotations

import os

_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024 if hasattr(os, "sysconf") else 4


def rss_kb(pid: int | str = "self") -> int | None:
    """Resident size in KiB. Costs about 10 microseconds: not for every job."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE_KB
    except (OSError, IndexError, ValueError):
        return _peak_kb() if pid == "self" else None


def _peak_kb() -> int | None:
    """The largest resident size so far, where the present one cannot be read (macOS counts it in bytes)."""
    try:
        import resource
        import sys
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def limit_kb(wanted_mb: int, baseline_kb: int | None) -> int | None:
    """The size at which an executor is replaced; None: never.

    Where the app alone is about as large as the wish, the limit is moved a quarter above it: otherwise every job would
    cost a new process.
    """
    if wanted_mb <= 0:
        return None
    return max(wanted_mb * 1024, int((baseline_kb or 0) * 1.25))
