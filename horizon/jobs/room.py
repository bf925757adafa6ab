"""What all attempts of one executor share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.insider import Insider
from horizon.jobs.peak import Peak
from horizon.jobs.running import Running


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """Read by `Attempts` and every `Prepared`."""

    runtime: RuntimeLike
    worker: str
    connection: str | None
    """Where its jobs come from; None: the default connection."""
    most_lines: int
    """Log lines kept of one attempt."""
    max_error: int
    """Bytes kept of a traceback."""
    max_result: int
    """Bytes kept of a result."""
    inside: Callable[[Running], Insider] | None = None
    """What brings a job of them into its groups."""
    peak: Peak = field(default_factory=Peak)

    def around(self) -> AbstractContextManager[object]:
        """What the host wants around user code."""
        wanted = self.runtime.around
        return _NOTHING if wanted is None else wanted()


_NOTHING = nullcontext()
