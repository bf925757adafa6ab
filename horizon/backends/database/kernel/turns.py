"""Whose turn it is in the queues in which keys take turns: what is read of the index, and carried along within one act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.rows import PENDING, SCHEDULED
from horizon.core.clock import Micros
from horizon.core.place import fair_place

HEAD = (
    f"SELECT place FROM horizon_live INDEXED BY horizon_live_take WHERE state = {PENDING} AND queue = ? AND rank = ? ORDER BY place LIMIT 1"
)
LAST = (
    "SELECT place FROM horizon_live INDEXED BY horizon_live_fair WHERE fair = ? AND queue = ? AND rank = ? AND place > 0 "
    f"AND state IN ({PENDING}, {SCHEDULED}) ORDER BY place DESC LIMIT 1"
)
"""Parked ones are scheduled, too. Jobs with a key that wait for a time or for others have no place, and those that run are few: it is a
step or two of the index, whatever waits."""
TOGETHER = 16
"""Keys that are asked for in one statement."""
Turn = tuple[str, str, int]
"""(key, queue, rank)."""


class Stands(Protocol):
    """What decides where a job stands, beside its queue and priority."""

    @property
    def deadline(self) -> Micros | None: ...
    @property
    def fair(self) -> str | None: ...
    @property
    def share(self) -> int | None: ...


class Turns:
    """First places of queues and ranks, last places of keys, as far as an act had to know them."""

    def __init__(self) -> None:
        self._heads: dict[tuple[str, int], int | None] = {}
        self._lasts: dict[Turn, int | None] = {}

    def expect(self, db: Db, turns: Sequence[Turn]) -> None:
        """Ask for many keys at once."""
        new = [turn for turn in dict.fromkeys(turns) if turn not in self._lasts]
        for start in range(0, len(new), TOGETHER):
            asked = new[start : start + TOGETHER]
            asked += asked[-1:] * (TOGETHER - len(asked) if len(asked) > 1 else 0)  # so that there are two statements, not sixteen
            sql = " UNION ALL ".join(f"SELECT {at}, ({LAST})" for at in range(len(asked)))
            for at, last in db.all(sql, tuple(value for turn in asked for value in turn)):
                self._lasts[asked[at]] = last

    def next(self, db: Db, queue: str, rank: int, job: Stands, entry: Micros) -> int:
        """The place of a job whose key takes turns, and which enters now."""
        band, turn = (queue, rank), (job.fair or "", queue, rank)
        if band not in self._heads:
            self._heads[band] = next((place for (place,) in db.all(HEAD, band)), None)
        self.expect(db, [turn])
        head = self._heads[band]
        place = fair_place(entry, head=head, last=self._lasts[turn], share=job.share or 1)
        self._lasts[turn] = place
        if head is None:
            self._heads[band] = place
        return place
