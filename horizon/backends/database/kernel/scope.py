"""What the functions of the kernel need of the act they are part of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.ledger import Ledger
from horizon.backends.database.kernel.turns import Stands, Turns
from horizon.core.clock import Micros
from horizon.core.place import DEFAULT_PATIENCE, place


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """One act under way: its transaction, its moment, its numbers."""

    db: Db
    now: Micros
    ledger: Ledger
    patience: Mapping[str, Micros]
    """Per queue whose patience is not the default."""
    dead_after: Mapping[str, int]
    """Per queue that sets aside what failed so often."""
    max_crashes: int
    log_lines: int

    turns: Turns = field(default_factory=Turns)
    lot_names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """The limits of lots that this process has met before."""

    def place(self, queue: str, rank: int, job: Stands, entry: Micros | None = None) -> int:
        """Where a job that becomes pending stands, `entry` being now where None is given."""
        entry = self.now if entry is None else entry
        if job.fair is not None:
            return self.turns.next(self.db, queue, rank, job, entry)
        return place(
            entry, deadline=job.deadline, patience=self.patience.get(queue, DEFAULT_PATIENCE), share=1 if job.share is None else job.share
        )

    def part(self) -> Scope:
        """The same with a ledger of its own, for work that may be undone."""
        return replace(self, ledger=Ledger(self.ledger))
