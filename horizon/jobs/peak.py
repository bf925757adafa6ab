"""The most memory this process has used."""

from __future__ import annotations

import sys

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_UNIT = 1024 if sys.platform == "darwin" else 1  # bytes there, KiB elsewhere


def peak_kb() -> int | None:
    """Peak resident size in KiB; None where the system does not tell."""
    return None if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _UNIT
