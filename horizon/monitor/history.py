"""The ranges that figures are told over, and what happened on one queue in each step of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from horizon.core.clock import DAY, HOUR, MINUTE, Micros
from horizon.core.histogram import Histogram


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """How far back to look, and in which steps."""

    key: str
    label: str
    span: Micros
    """One step."""
    steps: int
    unit: str
    """What one step is called after `per`."""


RANGES: Mapping[str, Range] = {
    one.key: one
    for one in (
        Range(key="1h", label="1 h", span=MINUTE, steps=60, unit="minute"),
        Range(key="6h", label="6 h", span=HOUR, steps=6, unit="hour"),
        Range(key="24h", label="24 h", span=HOUR, steps=24, unit="hour"),
        Range(key="7d", label="7 d", span=6 * HOUR, steps=28, unit="6 hours"),
        Range(key="30d", label="30 d", span=DAY, steps=30, unit="day"),
        Range(key="90d", label="90 d", span=DAY, steps=90, unit="day"),
    )
}
"""Stores keep minutes for 2 hours, hours for 7 days, then days: no step is finer than what is kept that far back."""


@dataclass(slots=True)
class Step:
    """What happened within one step."""

    at: Micros
    """Its start."""
    entered: int = 0
    """Pushed."""
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    wait: Histogram = field(default_factory=Histogram)
    """How long jobs that started had waited."""


def first_step(over: Range, now: Micros) -> Micros:
    """Where the range begins: steps begin at whole multiples of their span."""
    return now - now % over.span - (over.steps - 1) * over.span
