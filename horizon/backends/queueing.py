"""What is set for one queue, as a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.place import DEFAULT_PATIENCE

OVERRIDABLE = ("patience", "priority_weight", "max_jobs", "dead_after", "start_within", "start_share")
"""What a person may change at run time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueSettings:
    """What is set for one queue: by code (`define_queue`), over it by a person at run time."""

    name: str
    patience: Micros = DEFAULT_PATIENCE
    priority_weight: int = 1
    max_jobs: int | None = None
    """Most waiting jobs; one more is refused with `QueueFull`."""
    dead_after: int | None = None
    """A job that fails for good in so many rounds is set aside among the dead letters, see `core/dead.py`."""
    start_within: Micros | None = None
    """Its time target: within so long of when they could, jobs shall start."""
    start_share: float = 0.95
    """So many of them, as a share."""
    paused: bool = False
    paused_until: Micros | None = None
    paused_reason: str | None = None
    overridden: tuple[str, ...] = ()
    """Names of the settings a person has changed, so that pages can mark them."""
    coded: Mapping[str, object] = field(default_factory=dict)
    """Of those, what the code says: what each goes back to."""
    defined: bool = False
    """The code says something of this queue."""


Noted = AuditEntry | Callable[[QueueSettings], AuditEntry] | None
"""What is noted of a change: an entry, or what makes one of the settings as they stood right before. Two who change a queue at once
then both tell the truth. It may be asked several times, and only makes a value."""


def noted(audit: Noted, before: QueueSettings) -> AuditEntry | None:
    """The entry."""
    return audit(before) if callable(audit) else audit
