"""Jobs that are taken in one go with the commit of the turn that chose them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from horizon.backends.database.db import Db, Params, Row
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.reservations import reservations_of
from horizon.backends.database.turn import Chosen, hand_over
from horizon.backends.values import Reservation, Want

if TYPE_CHECKING:
    from horizon.backends.database.postgres.driver import PostgresDb


class Late:
    """The reservations of a turn that took what it chose with the commit; there then."""

    def __init__(self) -> None:
        self.reservations: list[Reservation] = []


def taken_last(scope: Scope, chosen: Chosen | None, want: Want, late: Late | None) -> list[Reservation]:
    """Reserve these; with the commit where nothing that is done before it depends on what they are: no key of theirs is freed, and
    nobody in their lots changes places with them."""
    if chosen is None:
        return []
    ns = [one.n for one in chosen.picked]
    moves = any(tally.entered for tally in scope.ledger.lots.tallies.values())
    if late is None or moves or any(one.unique_key is not None for one in chosen.picked):
        return reservations_of(scope, hand_over(scope, want, chosen), ns, chosen.made(scope.now))

    def receive(rows: list[Row]) -> None:
        late.reservations = reservations_of(scope, rows, ns, chosen.made(scope.now))

    hand_over(replace(scope, db=AtLast(scope.db, receive)), want, chosen)  # type: ignore[arg-type]
    return []


class AtLast:
    """Takes jobs with the commit."""

    def __init__(self, db: Db, receive: Callable[[list[Row]], None]) -> None:
        self._db, self._receive = db, receive

    def take(self, update: str, read: str, values: Sequence[object], head: Params) -> list[Row]:
        """See `Db.take`; the rows are there with the commit."""
        cast("PostgresDb", self._db).take_last(update, read, values, head, self._receive)
        return []
