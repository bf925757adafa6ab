"""An effect that took place: named by whoever caused it, so that nobody causes it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from horizon.core.clock import Micros

LONGEST = 200
"""Characters of a name."""


class Noted(NamedTuple):
    """What an attempt says of one effect; it is kept with the attempt's end."""

    name: str
    value: bytes | None
    """What came of it, encoded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """One that is kept."""

    name: str
    value: bytes | None
    job_id: str
    """In which job it took place."""
    at: Micros
    """When the end of that attempt was stored."""
