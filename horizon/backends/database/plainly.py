"""What turns are that need only two ways to the server, and those of them that are under way while jobs run."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.chores import EVERY, LOOK_AFTER, next_due_of_all
from horizon.backends.database.db import Busy, Refused
from horizon.backends.database.kernel.parking import conclude
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.limited import MARK
from horizon.backends.database.pool import Begun, Undone
from horizon.backends.database.served import ServedStore
from horizon.backends.database.store import Moved
from horizon.backends.database.turn import is_busy, next_due, turn
from horizon.backends.values import Reservation, Turned, Want
from horizon.core.clock import Micros
from horizon.core.errors import InvalidInput
from horizon.core.outcome import Answer, Kind, Outcome


class NotPlain(Undone):
    """This turn is not what it seemed to be: it is done the other way."""


class UnderWay:
    """A turn whose first trip is under way; see `values.Asked`."""

    def __init__(self, store: ServedStore, begun: Begun[Turned], outcomes: Sequence[Outcome], want: Want, moved: Moved) -> None:
        self._store, self._begun, self._outcomes, self._want, self._moved = store, begun, outcomes, want, moved

    def ready(self) -> bool:
        """See `Asked.ready`."""
        return self._begun.ready()

    def finish(self) -> Turned:
        """See `Asked.finish`."""
        try:
            turned = self._begun.finish()
        except (NotPlain, Busy, Refused, InvalidInput):  # nothing of it was kept
            return turn(self._store, self._outcomes, self._want)
        self._store.see_to(self._moved, busy=is_busy(turned, self._want))
        return turned


def closed(
    store: ServedStore, scope: Scope, want: Want, *, settled: int, made: Sequence[Reservation], soonest: Micros | None, moved: Moved
) -> Turned:
    """The end of a turn that settled so many: what limits have room for now, when to come again (`soonest` is when the next job of any
    queue is due), and in `moved` the groups of which something moved. What is left is the commit."""
    if conclude(scope):
        soonest = next_due_of_all(scope.db)
    turned = Turned(
        answers=[Answer.OK] * settled,
        reservations=made,
        next_due=next_due(store, scope.db, want.queues, scope.now, soonest),
        now=scope.now,
    )
    store.concluded(scope)
    moved.update(scope.ledger.moved())
    return turned


def fits(store: ServedStore, outcomes: Sequence[Outcome], want: Want | None, *, limited: bool = False) -> bool:
    """Whether a turn looks plain, and no housekeeping is due in it. What holds limits is plain only where that is said: others would
    wait for these limits for as long as the turn is under way."""
    if (
        want is None
        or want.count <= 0
        or want.floor is not None
        or store.chores.deltas >= LOOK_AFTER
        or not 0 <= store.now() - store.chores.last < EVERY
    ):
        return False
    refs = {one.ref for one in outcomes if _is_plain(one) and (limited or not may_hold_limits(one))}
    return len(refs) == len(outcomes)


def may_hold_limits(one: Outcome) -> bool:
    """Whether this attempt may hold places in limits: its token says so."""
    return f"{MARK}:" in one.token


def _is_plain(one: Outcome) -> bool:
    return (
        one.kind is Kind.COMPLETED
        and type(one.ref) is int
        and isinstance(one.token, str)
        and not (one.logs or one.logs_dropped or one.effects or one.charge_crash or one.suspect)
        and one.started
    )
