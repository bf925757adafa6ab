"""An executor's post: everything its loop, its threads and its watch share, and the steps they have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from horizon.backends.base import Backend
from horizon.backends.values import Reservation, Want
from horizon.core import clock
from horizon.core.clock import SECOND, Micros
from horizon.core.lanes import is_lane
from horizon.core.outcome import Kind, Outcome
from horizon.core.states import JobState
from horizon.security.sealed import is_sealed
from horizon.worker.bell import Bell
from horizon.worker.bulletin import Bulletin
from horizon.worker.exchange import Exchange
from horizon.worker.orders import Orders
from horizon.worker.pace import Pace, ahead
from horizon.worker.page import COMMAND, START_UNTIL, Command, Ending, Page
from horizon.worker.resources import limit_kb, rss_kb
from horizon.worker.screen import clean, say, took
from horizon.worker.shelf import Shelf, returned
from horizon.worker.tally import Tally

if TYPE_CHECKING:
    from horizon.jobs.attempt import AttemptDefaults
    from horizon.worker.run import Runner
    from horizon.worker.slot import Slot

MEMORY_EVERY = 0.25
"""Seconds between two looks at the process's size."""


@dataclass(kw_only=True)
class Post:
    """What one executor works with."""

    backend: Backend
    page: Page
    orders: Orders
    defaults: AttemptDefaults
    bell: Bell
    tally: Tally | None = None
    """Where the worker may start only so many jobs."""
    shelf: Shelf = field(init=False)
    exchange: Exchange = field(init=False)
    bulletin: Bulletin = field(init=False)
    pace: Pace = field(default_factory=Pace)
    slots: list[Slot] = field(default_factory=list)
    runner: Runner = field(init=False)
    on_outcome: Callable[[Reservation, Outcome], None] | None = None

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.page, self.tally, self.orders.place)
        self.exchange = Exchange(self.backend, self.shelf, self.want)
        self.bulletin = Bulletin(lambda reports: self.backend.progress.report(reports))
        single = self.orders.concurrency == 1
        self.floor = self.orders.reserve[0] if single and self.orders.reserve else None
        """Jobs of at least this priority are asked for."""
        self._limit = limit_kb(self.orders.memory, rss_kb())
        self._looked = clock.monotonic()
        self._peak = 0

    # what to ask for ------------------------------------------------------------------------------

    def want(self, count: int, draw: float) -> Want:
        """The question to the store."""
        orders, defaults = self.orders, self.defaults
        return Want(
            session=orders.session,
            executor=orders.number,
            count=count,
            queues=orders.queues,
            fair=orders.fair,
            draw=draw,
            floor=self.floor,
            limited=self.free(),
            default_max_tries=defaults.max_tries,
            default_timeout=defaults.timeout,
        )

    def ahead(self) -> int:
        """How many jobs a slot is to have ahead of it."""
        return ahead(self.pace.mean, self.backend.at_once)

    def free(self) -> int:
        """Slots with nothing to do: jobs with limits are not reserved ahead, since what they hold would be missing elsewhere."""
        return max(0, self.orders.concurrency - sum(self.shelf.load()))

    def allowed(self) -> int | None:
        """How many more jobs may be reserved; None: any number."""
        return None if self.tally is None else max(0, self.tally.left() - len(self.shelf.waiting))

    def patience(self, next_due: Micros | None, now: Micros) -> float:
        """Seconds to wait for work: as ordered, or until the next job is due."""
        due = self.orders.sleep if next_due is None else (next_due - now) / SECOND
        return max(0.0, min(self.orders.sleep, due))

    # what the guardian said -----------------------------------------------------------------------

    def command(self) -> Command:
        """What the guardian wants now."""
        return Command(self.page.words[COMMAND])

    def may_start(self) -> bool:
        """Whether the lease is good for another start."""
        return clock.boottime_ns() < self.page.words[START_UNTIL]

    # ending ---------------------------------------------------------------------------------------

    def ending(self) -> Ending | None:
        """Whether, and why, this executor should end now."""
        if self.page.words[COMMAND] >= Command.DRAIN:
            return Ending.DRAINED
        if self.tally is not None and not self.tally.left():
            return Ending.RECYCLED
        return Ending.RECYCLED if self._too_large(clock.monotonic()) else None

    def _too_large(self, now: float) -> bool:
        if self._limit is None or now - self._looked < MEMORY_EVERY:
            return False  # a job that raised the peak made the last look long ago: see `work_on`
        self._looked = now
        return (rss_kb() or 0) > self._limit

    def finished(self) -> bool:
        """With `--once` and `--stop-when-empty`: whether there is nothing left to wait for. Asked when no job was found."""
        if self.orders.once:
            return True
        if not self.orders.stop_when_empty:
            return False
        left = self.backend.remaining(self.orders.queues)
        return left == 0 or (not self.orders.queues and self._are_parked(left))

    def _are_parked(self, left: int) -> bool:
        """Whether all these jobs are on their way to other stores: nobody takes those, so they are no reason to go on.

        Jobs here and there are counted in one look: between two, one may have come there while another one is left here.
        """
        rows = self.backend.numbers.counts()
        parked = sum(row.counts.get(JobState.PENDING, 0) for row in rows if is_lane(row.queue))
        here = any(row.counts.get(state) for row in rows if not is_lane(row.queue) for state in (JobState.PENDING, JobState.PROCESSING))
        return not here and left <= parked

    # one job --------------------------------------------------------------------------------------

    def work_on(self, slot: Slot, reservation: Reservation) -> None:
        """Run it and keep its outcome: the last step, for as soon as the store has that the process may end."""
        outcome = self.runner.run(slot, reservation)
        if outcome is None:
            self.shelf.keep(returned(reservation), slot)
            self.shelf.answer_recall()
            return
        self.bulletin.complete(outcome)
        if outcome.started:
            if outcome.memory_kb is not None and outcome.memory_kb > self._peak:
                self._peak, self._looked = outcome.memory_kb, 0.0
            self.pace.note(reservation.name, outcome.runtime)
        if self.on_outcome is not None:
            self.on_outcome(reservation, outcome)
        self.shelf.keep(outcome, slot)


def tell(reservation: Reservation, outcome: Outcome) -> None:
    """A line on the screen for one attempt."""
    said = "encrypted" if outcome.error and is_sealed(outcome.error.message) else outcome.error.message if outcome.error else ""
    error = f": {outcome.error.type}: {said.splitlines()[0]}" if outcome.error and said else ""
    reason = f" ({outcome.reason})" if outcome.reason else ""
    again = f", again in {took(outcome.delay)}" if outcome.kind in (Kind.RETRY, Kind.RELEASED) else ""
    words = f"{outcome.kind.name.lower()}{again} after {took(outcome.runtime)}{reason}{error}"
    say(clean(f"{reservation.name} {reservation.id} on {reservation.queue}: {words}"))
