"""What `work_all` answers: one value for each attempt that ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from horizon.backends.values import Reservation
from horizon.core.clock import SECOND
from horizon.core.errors import HorizonError
from horizon.core.outcome import Kind, Outcome
from horizon.jobs import codec


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """One attempt."""

    id: str
    name: str
    """The job's stored name."""
    queue: str
    attempt: int
    outcome: str
    """`completed`, `retry`, `failed`, `released`, `returned` (waits for something) or `cancelled`."""
    result: Any = None
    error: str | None = None
    """`ValueError: no such row`."""
    traceback: str = ""
    reason: str | None = None
    delay: float = 0.0
    """Seconds until it comes again."""

    @classmethod
    def of(cls, reservation: Reservation, outcome: Outcome) -> Self:
        """From what a worker has in its hands."""
        error = outcome.error
        return cls(
            id=reservation.id,
            name=reservation.name,
            queue=reservation.queue,
            attempt=reservation.attempt,
            outcome=outcome.kind.name.lower(),
            result=_result(outcome),
            error=None if error is None else f"{error.type}: {error.message}",
            traceback="" if error is None else error.traceback,
            reason=outcome.reason,
            delay=outcome.delay / SECOND,
        )

    def __str__(self) -> str:
        words = f"{self.name.rpartition(':')[2]} on {self.queue}: {self.outcome}"
        words += f", again after {self.delay:g} s" if self.delay else ""
        return words + (f" with {self.error}" if self.error else f" ({self.reason})" if self.reason else "")


class Worked(list[Ran]):
    """All attempts that ran, in their order."""

    @property
    def completed(self) -> list[Ran]:
        """Those that completed."""
        return [one for one in self if one.outcome == "completed"]

    @property
    def failed(self) -> list[Ran]:
        """Those that raised, whether the job comes again or not."""
        return [one for one in self if one.outcome in ("failed", "retry")]

    def assert_completed(self, count: int | None = None) -> Self:
        """Every attempt completed (and there were so many)."""
        if len(self.completed) < len(self):
            told = "\n".join(f"  {one}" for one in self if one.outcome != "completed")
            trace = next((f"\n\n{one.traceback}" for one in self.failed if one.traceback), "")
            raise AssertionError(f"expected every job to complete; of {len(self)} attempts these did not:\n{told}{trace}")
        if count is not None and len(self) != count:
            told = "\n".join(f"  {one}" for one in self) or "  nothing"
            raise AssertionError(f"expected {count} jobs to run; {len(self)} did:\n{told}")
        return self


def _result(outcome: Outcome) -> Any:
    if outcome.kind is not Kind.COMPLETED:
        return None
    try:
        return codec.decode_result(outcome.result)
    except HorizonError:
        return None
