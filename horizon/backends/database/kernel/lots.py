"""What one act changes in lots: the jobs of one queue that have the same limits. Gathered while it works, see `parking.py`.

A lot is a number; it is negative in `live.lot` while the job is parked there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from horizon.backends.database.db import Question
from horizon.backends.database.kernel import gauges
from horizon.backends.database.kernel.rows import PENDING, PROCESSING, Held, Live
from horizon.core.clock import Micros

MARK = "+"
"""At the end of the word of attempts of which some hold limits: what is said of them has to be looked at."""
Standing = tuple[int, int, int]
"""(rank, place, number) of a job: the order of a queue."""


def may_hold_limits(token: str) -> bool:
    """Whether the attempt with this token may hold limits."""
    return f"{MARK}:" in token


@dataclass(slots=True)
class LotTally:
    """The changes to one lot."""

    stands: int = 0
    """How many more (or fewer) of its jobs stand in the queue."""
    parked: int = 0
    """How many more are parked."""
    started: int = 0
    """How many more run."""
    yielded: bool = False
    """Whether a job that stood in the queue left it without having started: others may go instead."""
    unbegun: list[Micros] = field(default_factory=list)
    """When those were taken that came back without having begun."""
    entered: list[Standing] = field(default_factory=list)
    """Jobs that were parked here just now: there may be room for them."""
    left: set[int] = field(default_factory=set)
    """Jobs that are parked here no longer."""
    due: set[int] = field(default_factory=set)
    """Parked jobs whose time has come: to look at all that wait for the same limit."""

    def absorb(self, other: LotTally) -> None:
        """Take in what another part of the act changed."""
        self.stands += other.stands
        self.parked += other.parked
        self.started += other.started
        self.yielded |= other.yielded
        self.unbegun += other.unbegun
        self.entered += other.entered
        self.left |= other.left
        self.due |= other.due


class Lots:
    """The changes to all lots."""

    __slots__ = ("changed", "expected", "held", "holding", "lots", "most", "tallies", "watches", "who")

    def __init__(self) -> None:
        self.tallies: dict[int, LotTally] = {}
        self.holding = False
        """Whether this act holds limits already: it does not wait for more of them, or two acts might wait for each other."""
        self.changed: set[str] = set()
        """Limits of which something else was said."""
        self.most = 100
        """So many jobs are let go from one lot, and so many lots are looked at, before the rest is left to the next act."""
        self.held: dict[str, gauges.Held] = {}
        """Limits whose rows this act holds."""
        self.lots: dict[int, gauges.Lot] = {}
        self.watches: dict[str, list[gauges.Watch]] = {}
        """By limit, who keeps watch for it."""
        self.who: dict[int, tuple[str, str]] = {}
        """(queue, class) of jobs that were parked or met."""
        self.expected: list[Question] = []
        """What is going to be asked when running jobs with limits have been moved to those that ended."""

    def __bool__(self) -> bool:
        return bool(self.tallies or self.changed)

    def of(self, lot: int) -> LotTally:
        """The tally of one."""
        return self.tallies.setdefault(abs(lot), LotTally())

    def entered(self, lot: int, where: Standing) -> None:
        """A job that could start now was parked first."""
        tally = self.of(lot)
        tally.parked += 1
        tally.entered.append(where)

    def left(self, job: Live | Held, unbegun: bool = False) -> None:
        """A job leaves the state it is in."""
        if job.lot is None:
            return
        tally = self.of(job.lot)
        if job.lot < 0:
            tally.parked -= 1
            tally.left.add(job.n)
            if tally.entered:
                tally.entered = [one for one in tally.entered if one[2] != job.n]
        elif job.state == PENDING:
            tally.stands -= 1
            tally.yielded = True
        elif job.state == PROCESSING:
            tally.started -= 1
            if unbegun and job.reserved_at is not None:
                tally.unbegun.append(job.reserved_at)

    def absorb(self, other: Lots) -> None:
        """Take in a part that will stay."""
        for lot, theirs in other.tallies.items():
            self.of(lot).absorb(theirs)
        self.changed |= other.changed
        if other:
            self.forget(limits=True)

    def forget(self, *, limits: bool = False) -> None:
        """Of lots (and limits) something was written, or may have been: they are read again."""
        self.lots.clear()
        self.watches.clear()
        if limits:
            self.held.clear()

    def taken(self) -> tuple[dict[int, LotTally], set[str]]:
        """All of it, which is forgotten here."""
        found = (self.tallies, self.changed)
        self.tallies, self.changed = {}, set()
        return found
