"""How long something has been running against what is usual, as a bar with two marks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.core.clock import Micros
from horizon.monitor.usual import Usual

ROOM = 1.15
"""How much longer the bar is than the longest thing on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """One bar; lengths are per cent of it."""

    elapsed: Micros
    p50: Micros = 0
    p95: Micros = 0
    known: bool = False
    """False where too few have run to say what is usual: there are no marks."""
    percent: int = 0
    """So many of a hundred runs were over by now, 0 to 99."""
    width: float = 0.0
    half: float = 0.0
    late: float = 0.0

    @property
    def colour(self) -> str:
        """The longer the more it asks to be looked at."""
        return "s-failed" if self.is_late else "s-processing"

    @property
    def is_late(self) -> bool:
        """Longer than 95 of a hundred."""
        return self.known and self.elapsed > self.p95


def pace(elapsed: Micros, usual: Usual) -> Pace:
    """The bar of something that has run so long; a clock that was set back makes it nothing, not less."""
    elapsed = max(0, elapsed)
    if not usual.known:
        return Pace(elapsed=elapsed)
    whole = max(1.0, max(elapsed, usual.p95) * ROOM)
    return Pace(
        elapsed=elapsed,
        p50=usual.p50,
        p95=usual.p95,
        known=True,
        percent=min(99, int(usual.shorter(elapsed) * 100)),
        width=round(elapsed / whole * 100, 2),
        half=round(usual.p50 / whole * 100, 2),
        late=round(usual.p95 / whole * 100, 2),
    )
