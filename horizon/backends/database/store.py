"""What every act of this wing needs around it: the way to the store, its options, its clock, what is set for queues."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from horizon.backends.database.book import QueueBook
from horizon.backends.database.db import Access, Db, Row
from horizon.backends.database.kernel import groups
from horizon.backends.database.kernel.groups import Look
from horizon.backends.database.kernel.ledger import Ledger
from horizon.backends.database.kernel.parking import conclude
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.values import Asked, Pushed, Retention, StoreOptions, Turned, Want
from horizon.core import clock
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Outcome
from horizon.core.settings import BY_NAME

log = logging.getLogger("horizon.store")
T = TypeVar("T")
Moved = dict[int, bool]
"""Groups of which something moved, and whether each has to be judged."""
ROUNDS = 20
"""Acts about groups that follow one act: each deals with 20 groups, and cancels 500 members of each at the most."""
LOOK_FOR_ALL = 0
"""No group has this number: whatever others moved."""
GROUPS_EVERY = 0.05
"""Seconds after which a busy worker looks again whether a group is ripe."""
GROUPS_AT_LEAST = 1.0
"""Seconds after which it looks again at a large one."""
FASTEST = 20_000
"""Jobs a second that all workers together are taken to end: a group of which more are left cannot be ripe sooner."""
REMEMBERED = 10_000
"""Jobs with limits of which a process knows the lots without asking: more of them than it ever runs."""
GAP = 0.001
"""Seconds between two turns of one process: without them a lone pusher waited 84 ms (median) beside a busy worker."""


@dataclass(slots=True)
class Chores:
    """When this process last did the housekeeping that a turn does on the way."""

    last: Micros = 0
    deltas: int = 0
    """Rows of changed numbers that this process added since it last looked how many wait to be folded."""
    last_turn_ended: float = 0.0
    groups: Moved = field(default_factory=dict)
    """Groups of which something moved, that this process has not looked at since."""
    groups_seen: float = 0.0
    groups_wait: dict[int, float] = field(default_factory=dict)
    """Until when those seen last cannot be ripe."""
    groups_due: bool = False
    """Whether to look at groups that others moved and did not come to look at."""
    lots: dict[int, int] = field(default_factory=dict)
    """Of jobs with limits that this process took, the lot of each."""
    summing: bool = False
    """Whether sums of what is over are left to be written, though those of the latest ten minutes are there."""
    queues: Sequence[str] = ()
    """Those that had jobs when this process last asked for all of them."""
    beside: dict[tuple[str, int], bool] = field(default_factory=dict)
    """Of executors (session, number) that took jobs by this process: whether they may take others beside those that they hold."""

    def took(self, session: str, executor: int, *, alone: bool) -> None:
        """Remember whether an executor holds a job that must run alone."""
        if len(self.beside) > REMEMBERED:
            self.beside.clear()
        self.beside[session, executor] = not alone

    def knows(self, lots: Mapping[int, int]) -> None:
        """Remember the lots of these jobs, which were just taken."""
        if len(self.lots) > REMEMBERED:
            self.lots.clear()
        self.lots.update(lots)

    def leave_none(self, moved: Moved) -> Moved:
        """These groups and those that were left. Other threads may be taking some of them, too."""
        todo = dict(moved)
        with suppress(KeyError):  # there is none any more
            while True:
                n, judged = self.groups.popitem()
                todo[n] = judged or todo.get(n, False)
        return todo

    def next_look(self, group: int) -> float:
        """When a busy worker looks whether this group is ripe."""
        return max(self.groups_seen + GROUPS_EVERY, self.groups_wait.get(group, 0.0))

    def saw(self, looks: Sequence[Look]) -> list[int]:
        """Those of these groups with which something is to be done; the others are left alone for as long as they cannot be ripe."""
        for one in looks:
            if not one.ripe:
                self.groups_wait[one.n] = self.groups_seen + min(GROUPS_AT_LEAST, one.left / FASTEST)
        return [one.n for one in looks if one.ripe]


class Store:
    """Handed to every act and noun; opens nothing by itself."""

    def __init__(self, access: Access, options: StoreOptions, location: str) -> None:
        self.access, self.options, self.location = access, options, location
        self.retention = options.retention or Retention.default()
        self.log_lines = int(str(options.extra.get("log_lines", BY_NAME["HORIZON_LOG_LINES"].default)))
        self.book = QueueBook()
        self.chores = Chores()
        self._lot_names: dict[int, tuple[str, ...]] = {}
        self.now: Callable[[], Micros] = options.clock or clock.now

    def act(self, act: Callable[[Scope], T]) -> T:
        """Run one whole act in one transaction; it reads the clock once, when it has the right to write.

        What it means for groups of jobs follows in acts of its own.
        """
        result, moved = self.acted(act)
        self.see_to(moved)
        return result

    def acted(self, act: Callable[[Scope], T]) -> tuple[T, Moved]:
        """`act`, and the groups of which it moved something: they are to be handed to `see_to`."""

        def whole(db: Db) -> tuple[T, Moved]:
            scope = self.scope(db)
            result = act(scope)
            conclude(scope)
            self.chores.deltas += scope.ledger.write(db, scope.now)
            return result, scope.ledger.moved()

        return self.access.write(whole)

    def see_to(self, moved: Moved, *, busy: bool = False) -> None:
        """Deal with groups that are ripe. A busy worker looks only so often, unless one of them has to be judged."""
        chores = self.chores
        if not chores.groups_due and not (moved or (chores.groups and not busy)):
            return
        todo = chores.leave_none(moved)
        if chores.groups_due:
            chores.groups_due = False
            todo[LOOK_FOR_ALL] = True
        elif not todo:
            return  # another thread was quicker
        elif busy and not any(todo.values()) and clock.monotonic() < min(chores.next_look(n) for n in todo):
            chores.groups.update(todo)
            return
        chores.groups_seen, chores.groups_wait = clock.monotonic(), {}
        try:
            self._ripen(todo)
        except BackendUnavailable as error:  # what was done before this is done, and its answer is owed to whoever asked
            log.warning("groups of jobs on %s are dealt with later: %s", self.location, error)
            chores.groups_due = True

    def _ripen(self, todo: Moved) -> None:
        """What is done with one group may make the next one ripe, up to the outermost. Whoever asked is not kept for long: of a large
        batch that is cancelled the rest follows with the next turns and ticks."""
        for _ in range(ROUNDS):
            if todo.pop(LOOK_FOR_ALL, False):
                todo.update(dict.fromkeys(self.read(groups.moved), True))
            quiet = [n for n, judged in todo.items() if not judged]
            due = [n for n, judged in todo.items() if judged]
            due += self.chores.saw(self.read(lambda db: groups.ripe(db, quiet))) if quiet else []  # noqa: B023
            if not due:
                return
            following, moved = self.acted(lambda scope: groups.ripen(scope, due[: groups.AT_ONCE]))  # noqa: B023
            todo = {**dict.fromkeys(following, False), **dict.fromkeys(due[groups.AT_ONCE :], True), **moved}
        self.chores.groups.update(todo)

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
        page = self.book.read(db)
        return Scope(
            db=db,
            now=self.now(),
            ledger=Ledger(),
            patience=page.patience,
            dead_after=page.dead_after,
            max_crashes=self.options.max_crashes,
            log_lines=self.log_lines,
            lot_names=self._lot_names,
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

    def read_plainly(self, act: Callable[[Db], T]) -> T:
        """Read by one statement, which is a steady view by itself."""
        return self.read(act)

    def recount(self) -> None:
        """Have the store count its rows again where it has a wrong idea of them; only some have an idea."""

    def look(self, sql: str) -> Row:
        """The one row of a question without parameters."""
        return self.read(lambda db: db.one(sql))
