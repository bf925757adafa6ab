"""An effect that took place, as a job is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """An effect that took place."""

    key: str
    value: Any
    """What came of it."""
    job_id: str
    """In which job."""
    at: datetime | None
    """When that attempt was settled; None: it is the one under way."""
