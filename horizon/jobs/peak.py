"""The most memory this process has used."""

from __future__ import annotations

import sys

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_UNIT = 1024 if sys.platform == "darwin" else 1  # bytes there, KiB elsewhere


STALE = 50_000_000
"""Nanoseconds after which the last look at the size is no answer for anybody."""
BRIEF = 1_000_000
"""What ran for fewer nanoseconds than this cannot have grown by much: the last look will do."""


def peak_kb() -> int | None:
    """Peak resident size in KiB; None where the system does not tell."""
    return None if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _UNIT


class Peak:
    """The same for a run that has just ended, asking the system seldom where runs are short."""

    def __init__(self) -> None:
        self._seen: int | None = None
        self._at = -STALE

    def after(self, began: int, ended: int) -> int | None:
        """`peak_kb` for a run between these times, nanoseconds of one clock."""
        if ended - began > BRIEF or ended - self._at > STALE:
            self._seen, self._at = peak_kb(), ended
        return self._seen
