"""What one store said, all of it read within a few milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from horizon.backends.values import Cause, QueueCount, QueueSettings, SessionRecord
from horizon.core.clock import Micros
from horizon.monitor.targets import Waits
from horizon.monitor.window import Window


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What one store said."""

    connection: str
    now: Micros
    counts: Sequence[QueueCount] = ()
    settings: Sequence[QueueSettings] = ()
    oldest: Mapping[str, Micros] = field(default_factory=dict)
    workers: Sequence[SessionRecord] = ()
    """Living ones."""
    causes: Sequence[Cause] = ()
    settled: int = 0
    """Failed jobs of causes that are resolved, snoozed or muted."""
    warnings: Sequence[str] = ()
    window: Window = field(default_factory=Window)
    waits: Waits = field(default_factory=dict)
    """Of queues with a time target."""
