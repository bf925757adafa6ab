"""How long a store keeps things."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.core.clock import DAY, HOUR, SECOND, Micros
from horizon.core.settings import BY_NAME

FORGOTTEN = DAY
"""How long the terms of a lock go on counting after it has expired: nobody who held it then still believes that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long and how many ended jobs are kept; from the settings of the same names."""

    completed: Micros
    completed_jobs: int
    failed: Micros
    cancelled: Micros
    audit: Micros
    undo: Micros
    sessions: Micros
    effects: Micros = 30 * DAY
    """How long what took place is known, so that it does not take place again."""
    minutes: Micros = 2 * HOUR
    """How long figures are kept minute by minute; then hour by hour, then day by day."""
    hours: Micros = 7 * DAY
    days: Micros = 366 * DAY

    @classmethod
    def default(cls) -> Retention:
        """What the settings say where nobody set anything."""

        def micros(name: str) -> Micros:
            return round(float(BY_NAME[f"HORIZON_{name}"].default) * SECOND)

        return cls(
            completed=micros("KEEP_COMPLETED"), completed_jobs=BY_NAME["HORIZON_KEEP_COMPLETED_JOBS"].default,
            failed=micros("KEEP_FAILED"), cancelled=micros("KEEP_CANCELLED"), audit=micros("KEEP_AUDIT"), undo=micros("UNDO"),
            sessions=micros("KEEP_SESSIONS"), effects=micros("KEEP_EFFECTS"), minutes=micros("KEEP_MINUTES"), hours=micros("KEEP_HOURS"), days=micros("KEEP_DAYS"),
        )  # fmt: skip
