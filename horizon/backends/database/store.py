"""What every act of this wing needs around it: the way to the store, its options, its clock, what is set for queues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from horizon.backends.database.book import QueueBook
from horizon.backends.database.db import Access, Db
from horizon.backends.database.kernel.ledger import Ledger
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.values import Asked, Pushed, Retention, StoreOptions, Turned, Want
from horizon.core import clock
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.outcome import Outcome
from horizon.core.settings import BY_NAME

T = TypeVar("T")
GAP = 0.001
"""Seconds between two turns of one process: without them a lone pusher waited 84 ms (median) beside a busy worker."""


@dataclass(slots=True)
class Chores:
    """When this process last did the housekeeping that a turn does on the way."""

    last: Micros = 0
    deltas: int = 0
    """Rows of changed numbers that this process added since it last looked how many wait to be folded."""
    last_turn_ended: float = 0.0
    queues: Sequence[str] = ()
    """Those that had jobs when this process last asked for all of them."""


class Store:
    """Handed to every act and noun; opens nothing by itself."""

    def __init__(self, access: Access, options: StoreOptions, location: str) -> None:
        self.access, self.options, self.location = access, options, location
        self.retention = options.retention or Retention.default()
        self.log_lines = int(str(options.extra.get("log_lines", BY_NAME["HORIZON_LOG_LINES"].default)))
        self.book = QueueBook()
        self.chores = Chores()
        self.now: Callable[[], Micros] = options.clock or clock.now

    def act(self, act: Callable[[Scope], T]) -> T:
        """Run one whole act in one transaction; it reads the clock once, when it has the right to write."""

        def whole(db: Db) -> T:
            scope = self.scope(db)
            result = act(scope)
            self.chores.deltas += scope.ledger.write(db, scope.now)
            return result

        return self.access.write(whole)

    def push_plainly(self, envelopes: Sequence[Envelope]) -> list[Pushed] | None:
        """Push in a way that a dialect may have for jobs of which nothing has to be looked at first; None: as an act."""
        return None

    def turn_plainly(self, outcomes: Sequence[Outcome], want: Want | None) -> Turned | None:
        """Take a turn in a way that a dialect may have for turns in which nothing out of the ordinary happens; None: as an act."""
        return None

    def ask(self, outcomes: Sequence[Outcome], want: Want) -> Asked | None:
        """See `Backend.ask`."""
        return None

    def scope(self, db: Db) -> Scope:
        """What an act that begins now hands to the kernel."""
        return Scope(
            db=db,
            now=self.now(),
            ledger=Ledger(),
            patience=self.book.read(db).patience,
            max_crashes=self.options.max_crashes,
            log_lines=self.log_lines,
        )

    def politely(self, act: Callable[[], T]) -> T:
        """Leave the store alone for a moment between two turns of a busy worker, so that others get in between."""
        gap = GAP - (clock.monotonic() - self.chores.last_turn_ended)
        if gap > 0:
            clock.sleep(gap)
        try:
            return act()
        finally:
            self.chores.last_turn_ended = clock.monotonic()

    def read(self, act: Callable[[Db], T]) -> T:
        """Read on one steady view."""
        return self.access.read(act)
