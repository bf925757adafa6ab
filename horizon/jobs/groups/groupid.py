"""`GroupId`: the id of a dispatched batch, chain or workflow, as text that can also answer how it is going."""

from __future__ import annotations

from horizon.core.errors import NotCommitted, NotFound
from horizon.core.group import GroupKind, GroupRecord
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.groups.finding import HANDLES
from horizon.jobs.groups.handle import Handle, stored
from horizon.jobs.jobid import Fate


class GroupId(str):
    """A group's id. As an argument of a job it is plain text."""

    _horizon_is_text = True
    _horizon_is_group = True
    _runtime: RuntimeLike
    _kind: GroupKind
    _fate: Fate

    def __new__(cls, id: str, runtime: RuntimeLike, kind: GroupKind, fate: Fate = Fate.STORED) -> GroupId:
        made = super().__new__(cls, id)
        made._runtime, made._kind, made._fate = runtime, kind, fate
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return (str, (str(self),))

    def record(self) -> GroupRecord | None:
        """How it stands now; None where the store has none (any more, or yet)."""
        return stored(self._runtime, str(self)) if self._fate is Fate.STORED else None

    def find(self) -> Handle | None:  # type: ignore[override]
        """Its handle (`JobBatch`, `ChainMonitor`, `WorkflowMonitor`); None where the store has none."""
        record = self.record()
        return None if record is None else HANDLES[self._kind](str(self), record=record, here=self._runtime)

    def wait(self, timeout: float | None = 60.0) -> Handle:
        """Block until it has ended, and return its handle. Raises NotCommitted, NotFound, and JobTimeout, a TimeoutError."""
        return self._there("waited for").wait(timeout)

    def cancel(self, reason: str | None = None) -> bool:
        """Cancel what has not started, and ask what runs to stop; False where it has ended already."""
        return self._there("cancelled").cancel(reason)

    def _there(self, what: str) -> Handle:
        if self._fate is Fate.WAITING:
            raise NotCommitted(
                f"{self._kind} {self} was dispatched in a transaction that is still open, so it cannot be {what}; commit first, "
                "or dispatch it with .immediately()"
            )
        if self._fate is not Fate.STORED:
            raise NotFound(f"{self._kind} {self} was never stored: its dispatch was {self._fate}")
        return HANDLES[self._kind](str(self), here=self._runtime)
