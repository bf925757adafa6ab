"""Which jobs with limits stand in their queue, and which are parked: decided once an act has moved all that it moves.

Whoever lets a job with limits enter `pending` parks it first (`record.parked`). Here, at the end of the act,

1. the limits of all lots that were touched are locked, and what was freed is given back to them;
2. lots that wait for a limit with room again are looked at, in the order of their best jobs, and lots that jobs came to or left;
3. of each, as many jobs go to the queue as its limits have room for beside those that stand there already; the others stay parked
   for the limit that has room last;
4. one lot in each queue keeps watch for each limit: `due` of one of its jobs says when to look again.

Standing in the queue is no promise: a turn asks again, takes from the limits, and parks what has no room (`refuse`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from horizon.backends.database.db import fetch
from horizon.backends.database.kernel import parked
from horizon.backends.database.kernel.gauges import LOT_COLUMNS, Held, Lot, lot_of, save
from horizon.backends.database.kernel.holding import gather
from horizon.backends.database.kernel.lots import LotTally, Standing
from horizon.backends.database.kernel.rows import PENDING, SCHEDULED
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.metering import Gauge, barred_by, end, give_back, next_at, room
from horizon.core.clock import SECOND, Micros

AGAIN: Micros = SECOND
"""After so long a limit is looked at again of which there is room that those did not take who were let go for it."""
BEST = f"SELECT n, rank, place, queue, name FROM horizon_live INDEXED BY horizon_live_lot WHERE lot = ? AND state = {SCHEDULED} ORDER BY rank, place, n LIMIT ? /*skip*/"
WORST = (
    f"SELECT n, rank, place, queue, name FROM horizon_live INDEXED BY horizon_live_lot WHERE lot = ? AND state = {PENDING} "
    "ORDER BY rank DESC, place DESC, n DESC LIMIT ? /*skip*/"
)
WAITING = (
    f"SELECT {LOT_COLUMNS} FROM horizon_lot INDEXED BY horizon_lot_waits WHERE waits_for = ? AND queue = ? ORDER BY rank, place, n LIMIT ?"
)
DUES = f"SELECT n, due, CASE WHEN expires = 1 THEN deadline END FROM horizon_live WHERE state = {SCHEDULED} AND lot < 0 AND n IN ({{in}}) /*skip*/"
"""Whoever else has locked one of them is about to look at its lot, too, as soon as this act is over."""
SET_DUE = "UPDATE horizon_live SET due = ? WHERE n = ?"
SET_WATCH = "UPDATE horizon_lot SET watch = ? WHERE n = ?"


def conclude(scope: Scope) -> bool:
    """Let go and park what this act made room for, or took it from. Whether jobs moved for it, or have another time now."""
    lots = scope.ledger.lots
    if not lots:
        return False
    tallies, changed = lots.taken()
    names = gather(scope, tallies, changed)
    lots.holding = True
    held = {name: lots.held[name] for name in {name for these in names.values() for name in these} | changed if name in lots.held}
    desk = Desk(scope, held, {n: lots.lots[n] for n in names if n in lots.lots})
    freed = desk.apply({n: tally for n, tally in tallies.items() if n in desk.lots})
    for name in sorted(freed | (changed & held.keys())):
        desk.open_all(name)
    for n in sorted(desk.lots):
        desk.look_at(desk.lots[n])
    return desk.finish() or any(tally.entered for tally in tallies.values())


class Desk:
    """One act at work on limits and lots that it holds."""

    def __init__(self, scope: Scope, held: dict[str, Held], lots: dict[int, Lot]) -> None:
        self._scope, self._held, self.lots = scope, held, lots
        self._tallies: Mapping[int, LotTally] = {}
        self._seen: set[int] = set()
        self._opened: list[int] = []
        self._parked: list[int] = []
        self._waited = {n: (lot.waits_for, lot.parked) for n, lot in lots.items()}
        self._next: dict[int, int] = {}
        """Of lots, a job that stays parked."""
        self._unwatched: set[tuple[str, str]] = set()
        """(limit, queue) for which somebody has to keep watch who did not."""
        self._resting: set[int] = set()
        """Parked jobs that keep watch no longer."""
        self._passed: set[str] = set()
        """Limits with room of which all lots were looked at that wait for them."""
        self._spent: set[tuple[str, str]] = set()
        """(limit, queue) for which all the room that there is was given away."""
        self._rest: dict[str, Micros] = {}
        """When to look again at limits of which not all was looked at that may go."""

    # what the act did -----------------------------------------------------------------------------

    def apply(self, tallies: Mapping[int, LotTally]) -> set[str]:
        """Enter what was moved; returns the limits that may have more room now."""
        self._tallies = tallies
        freed: set[str] = set()
        for n, tally in sorted(tallies.items()):
            lot = self.lots[n]
            lot.stands, lot.parked = max(0, lot.stands + tally.stands), max(0, lot.parked + tally.parked)
            if tally.due and lot.waits_for is not None:
                freed.add(lot.waits_for)
            if lot.watch in tally.left:
                self._leave_watch(lot)
            self._resting.update(tally.due - {lot.watch})
            if tally.started < 0 or tally.unbegun or tally.yielded:
                freed.update(lot.names)
            if tally.started or tally.unbegun:
                self._give_back(lot, tally)
        return freed & self._held.keys()

    def _give_back(self, lot: Lot, tally: LotTally) -> None:
        for held in (self._held[name] for name in lot.names if name in self._held):
            held.gauge, held.changed = end(held.gauge, -tally.started), True
            for taken_at in tally.unbegun:
                held.gauge = give_back(held.gauge, taken_at, self._scope.now)

    def _leave_watch(self, lot: Lot) -> None:
        if lot.watch is not None and lot.waits_for is not None:
            self._unwatched.add((lot.waits_for, lot.queue))
            lot.watch = None

    # who may go -----------------------------------------------------------------------------------

    def open_all(self, name: str) -> None:
        """Look at the lots that wait for a limit; in each queue as many jobs go as it has room for."""
        most, free = self._scope.ledger.lots.most, room(self._held[name].gauge, self._scope.now)
        self._passed.update({name} if free else ())
        for queue in dict.fromkeys(watch.queue for watch in self._scope.ledger.lots.watches.get(name, ())) if free else ():
            left = min(most, free)
            waiting = self._waiting(name, queue, most)
            for lot in waiting:
                if left <= 0:
                    break
                left -= self.look_at(lot, left)
            if left <= 0:
                self._spent.add((name, queue))
            if left <= 0 or len(waiting) == most:
                self._look_again(name, AGAIN if left <= 0 and free <= most else 0)

    def _waiting(self, name: str, queue: str, most: int) -> list[Lot]:
        """Lots that wait for it, as far as nobody else is busy with their other limits."""
        found = [lot_of(row) for row in self._scope.db.walk(WAITING, (name, queue, most))]
        lots = self._scope.ledger.lots
        self._scope.lot_names.update((lot.n, lot.names) for lot in found)
        gather(self._scope, [lot.n for lot in found if lot.n not in self.lots], wait=False)
        self._held.update((other, lots.held[other]) for lot in found for other in lot.names if other in lots.held)
        free = [lot for lot in found if all(other in self._held for other in lot.names)]
        if len(free) < len(found):
            self._look_again(name, 0)
        for lot in [lots.lots[lot.n] for lot in free if lot.n not in self.lots and lot.n in lots.lots]:
            self.lots[lot.n] = lot
            self._waited[lot.n] = (lot.waits_for, lot.parked)
        return [self.lots[lot.n] for lot in free if lot.n in self.lots]

    def _look_again(self, name: str, after: Micros) -> None:
        at = self._scope.now + after
        self._rest[name] = min(at, self._rest.get(name, at))

    def look_at(self, lot: Lot, budget: int | None = None) -> int:
        """Let as many jobs of a lot go as there is room for; returns how many. Each lot is looked at once."""
        if lot.n in self._seen or not all(name in self._held for name in lot.names):
            return 0
        self._seen.add(lot.n)
        tally = self._tallies.get(lot.n) or LotTally()
        gauges = [self._held[name].gauge for name in lot.names]
        free = min(room(gauge, self._scope.now) for gauge in gauges) - lot.stands
        most = self._scope.ledger.lots.most
        if budget is None:
            budget = 0 if (lot.waits_for, lot.queue) in self._spent else most
        go = max(0, min(free, lot.parked, budget))
        before = lot.waits_for
        rival = min(tally.entered, default=None)
        known = (lot.rank, lot.place) if lot.parked > len(tally.entered) else None
        gone = self._open(lot, go, tally) if lot.parked else 0
        if not go and lot.stands and rival is not None and (known is None or rival[:2] < known):
            self._overtake(lot, len(tally.entered))
        lot.waits_for = self._hung_on(lot, gauges, passed_over=go < min(free, go + lot.parked)) if lot.parked else None
        if lot.watch is not None and lot.waits_for != before:
            self._unwatched.add((before or "", lot.queue))
            self._resting.add(lot.watch)
            lot.watch = None
        if lot.waits_for is not None and (lot.waits_for != before or lot.watch is None):
            self._unwatched.add((lot.waits_for, lot.queue))
        if lot.waits_for is not None and (gone < go or go == most):
            self._look_again(lot.waits_for, 0)
        return gone

    def _hung_on(self, lot: Lot, gauges: Sequence[Gauge], *, passed_over: bool) -> str:
        """The limit that has to have room before more of them go; one that was passed over waits for the same as before."""
        barring = barred_by(gauges, self._scope.now)
        if barring is None and passed_over and lot.waits_for is not None:
            return lot.waits_for
        return (barring or min(gauges, key=lambda gauge: room(gauge, self._scope.now))).limit.key

    def _open(self, lot: Lot, count: int, tally: LotTally) -> int:
        """The best `count` of them go, but for those that somebody else is busy with; the next one is what the lot is known by."""
        if len(tally.entered) == lot.parked:
            best: Sequence[Standing] = sorted(tally.entered)
        elif not count and not tally.left:
            best = [min(one[:2], (lot.rank, lot.place)) + one[2:] for one in sorted(tally.entered)[:1]]
        else:
            best = self._walk(BEST, -lot.n, count + 1)
        gone = [n for _, _, n in best[:count]]
        self._opened += gone
        lot.stands, lot.parked = lot.stands + len(gone), lot.parked - len(gone)
        if lot.watch in gone:
            self._leave_watch(lot)
        if len(best) > count:
            lot.rank, lot.place, self._next[lot.n] = best[count]
        return len(gone)

    def _overtake(self, lot: Lot, count: int) -> None:
        """Those that come before jobs which stand in the queue change places with them."""
        best, worst = self._walk(BEST, -lot.n, count + 1), self._walk(WORST, lot.n, count)
        pairs = [(one, other) for one, other in zip(best, worst, strict=False) if one < other]
        self._opened += [one[2] for one, _ in pairs]
        self._parked += [other[2] for _, other in pairs]
        if pairs and lot.watch in {one[2] for one, _ in pairs}:
            self._leave_watch(lot)
        left = sorted([*best[len(pairs) :], *(other for _, other in pairs)])
        if left:
            lot.rank, lot.place, self._next[lot.n] = left[0]

    def _walk(self, sql: str, lot: int, count: int) -> list[Standing]:
        rows = self._scope.db.walk(sql, (lot, count))
        self._scope.ledger.lots.who.update((n, (queue, name)) for n, _, _, queue, name in rows)
        return [(rank, place, n) for n, rank, place, _, _ in rows]

    # writing it down ------------------------------------------------------------------------------

    def finish(self) -> bool:
        """Write everything, and see that somebody keeps watch. Whether jobs moved, or have another time now."""
        scope = self._scope
        parked.let_go(scope.db, scope.ledger, self._opened)
        parked.take_back(scope.db, scope.ledger, self._parked)
        for n, (waited_for, many) in self._waited.items():
            self._crowd(waited_for, -many)
            self._crowd(self.lots[n].waits_for, self.lots[n].parked)
        save(scope.db, self._held, self.lots.values(), scope.now)
        return self._set_watches() or bool(self._opened or self._parked)

    def _crowd(self, name: str | None, change: int) -> None:
        if name is not None and change:
            self._held[name].crowd += change
            self._held[name].changed = True

    def _set_watches(self) -> bool:
        """In each queue one lot per limit keeps watch, and all of them know the time of their limit."""
        new: list[tuple[int, int]] = []
        lots = self._scope.ledger.lots
        watches = {
            (name, one.queue): one.job
            for name in self._held
            for one in lots.watches.get(name, ())
            if one.lot not in self.lots or self.lots[one.lot].watch == one.job
        }
        for name, queue, lot, watch in self._appointed(self._unwatched - watches.keys()):
            watches[name, queue] = watch
            new.append((watch, lot))
        self._scope.db.later(SET_WATCH, new)
        names = {watch: name for (name, _), watch in watches.items()}
        rows = []
        for n, due, ends in fetch(self._scope.db, DUES, sorted(names.keys() | self._resting)):
            opens_at = self._opens_at(names[n], due) if n in names else None
            at = min((time for time in (opens_at, ends) if time is not None), default=None)
            rows += [(at, n)] if at != due else []
        self._scope.db.many(SET_DUE, rows)
        self._scope.ledger.calls |= any(at is not None for at, _ in rows)
        if self._opened or self._parked or self._unwatched or self._resting:
            lots.forget()
        return bool(rows)

    def _appointed(self, unwatched: Set[tuple[str, str]]) -> Iterator[tuple[str, str, int, int]]:
        """(limit, queue, lot, job) of those who keep watch from now on; where somebody waits."""
        at_hand = {(lot.waits_for, lot.queue): lot.n for lot in self.lots.values() if lot.n in self._next and lot.parked}
        for name, queue in sorted(unwatched):
            if (name, queue) in at_hand:
                n = at_hand[name, queue]
                yield name, queue, n, self._next[n]
            elif name in self._held:
                yield from self._found(name, queue)

    def _found(self, name: str, queue: str) -> Iterator[tuple[str, str, int, int]]:
        db = self._scope.db
        for n, *_ in db.walk(WAITING, (name, queue, 1)):
            for job, *_ in db.walk(BEST.removesuffix(" /*skip*/"), (-n, 1)):
                yield name, queue, n, job

    def _opens_at(self, name: str, due: Micros | None) -> Micros | None:
        """When to look again at those that wait for it; None where something has to happen first. `due` is what was set before."""
        at = next_at(self._held[name].gauge, self._scope.now)
        if at != self._scope.now:
            return at
        return self._rest.get(name, None if name in self._passed else due)
