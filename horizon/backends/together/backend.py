"""Several stores as one: what pages, API and command line ask where nobody names a connection.

1. Lists merge by time, each page exact; counts add up; a job is found wherever it lives.
2. An act on jobs goes to the stores that hold them; one on a search goes to each.
3. A store that is down is left out, and whoever shows something says so (`silent`).

It is for people, not for jobs: what workers do (turn, renew, bury) is a matter of one store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TypeVar

from horizon.backends.base import Backend
from horizon.backends.placing import Noted
from horizon.backends.spread import Spread, Tally, both, both_tallies
from horizon.backends.together import find as merging
from horizon.backends.together.members import Members, Stores
from horizon.backends.together.nouns import Audit, Groups, Numbers, Operations, Queues, Sessions
from horizon.backends.together.tags import Tags
from horizon.backends.values import ACT_LIMIT, Acted, ActParams, Cause, Ticked, Verb
from horizon.core.clock import Micros
from horizon.core.errors import BackendUnavailable, InvalidInput
from horizon.core.lanes import is_lane
from horizon.core.query import JobQuery, Page, Selection
from horizon.core.record import Record

T = TypeVar("T")
MISSING = "there is no such job"
MOMENT = 0.1
"""Seconds."""


class Together:
    """Every store of one app. Thread-safe."""

    kind = "several"

    def __init__(self, stores: Stores) -> None:
        self.name = stores.default
        self._members = members = Members(stores)
        self.queues, self.operations, self.numbers = Queues(members), Operations(members), Numbers(members)
        self.sessions, self.audit, self.groups = Sessions(members), Audit(members), Groups(members)
        self.tags = Tags(members)

    @property
    def location(self) -> str:
        """The addresses without secrets."""
        return ", ".join(self._members.all(lambda store: store.location).values())

    # by id ----------------------------------------------------------------------------------------

    def get(self, id: str) -> Record | None:
        """See `Backend.get`. Raises BackendUnavailable where it was not found and a store did not answer."""
        found = self._members.all(lambda store: store.get(id))
        here = [record for record in found.values() if record is not None]
        if here:
            return min(here, key=_rank)
        self._admit_silence(found, f"job {id[:40]}")
        return None

    def many(self, ids: Sequence[str]) -> list[Record]:
        """See `Backend.many`."""
        found = self._best(self._members.all(lambda store: store.many(ids)))
        return [found[id] for id in ids if id in found]

    def _best(self, answers: Mapping[str, Sequence[Record]]) -> dict[str, Record]:
        """One record of each job."""
        best: dict[str, Record] = {}
        for records in answers.values():
            for record in records:
                known = best.get(record.id)
                best[record.id] = record if known is None else min(known, record, key=_rank)
        return best

    def _admit_silence(self, answers: Mapping[str, object], what: str) -> None:
        silent = self._members.silent(answers)
        if silent:
            raise BackendUnavailable(
                f"{what} may be on {_spelt(silent)}, which {'does' if len(silent) == 1 else 'do'} not answer; the other connections do not have it"
            )

    # lists ----------------------------------------------------------------------------------------

    def find(self, query: JobQuery) -> Page:
        """See `Backend.find`. Raises InvalidCursor, InvalidFilter."""
        return merging.find(self._members.names(), query, self._read)

    def _read(self, queries: Mapping[str, JobQuery]) -> Mapping[str, Page]:
        pages: dict[str, Page] = {}
        error: BackendUnavailable | None = None
        for name, query in queries.items():
            try:
                pages[name] = self._members.one(name, lambda store, query=query: store.find(query))  # type: ignore[misc]
            except BackendUnavailable as found:
                error = error or found
        if error is not None and not pages:
            raise error
        return pages

    def hidden(self, *, before: tuple[Micros, int] | None = None, limit: int = 50) -> list[tuple[Micros, Record]]:
        """See `Backend.hidden`."""
        found = self._members.all(lambda store: store.hidden(before=before, limit=limit))
        rows = [row for part in found.values() for row in part]
        return sorted(rows, key=lambda row: (row[0], row[1].n), reverse=True)[:limit]

    def causes(self, since: Micros, limit: int = 20) -> list[Cause]:
        """See `Backend.causes`."""
        found: dict[str, Cause] = {}
        for causes in self._members.all(lambda store: store.causes(since, 10 * limit)).values():
            for cause in causes:
                found[cause.cause] = _both(found[cause.cause], cause) if cause.cause in found else cause
        return sorted(found.values(), key=lambda cause: (-cause.count, -cause.last_at, cause.cause))[:limit]

    def spread(self, since: Micros, until: Micros, spans: int = 30) -> Mapping[str, Spread]:
        """See `Backend.spread`."""
        found: dict[str, Spread] = {}
        for spread in self._members.all(lambda store: store.spread(since, until, spans)).values():
            for cause, one in spread.items():
                found[cause] = both(found[cause], one) if cause in found else one
        return found

    def tally(self, causes: Sequence[str]) -> Mapping[str, Tally]:
        """See `Backend.tally`."""
        found: dict[str, Tally] = {}
        for tallies in self._members.all(lambda store: store.tally(causes)).values():
            for cause, one in tallies.items():
                found[cause] = both_tallies(found[cause], one) if cause in found else one
        return found

    def ahead(self, record: Record) -> int | None:
        """See `Backend.ahead`."""
        return self._members.one(record.connection, lambda store: store.ahead(record))

    def oldest(self, queues: Sequence[str] | None = None) -> dict[str, Micros]:
        """See `Backend.oldest`."""
        found: dict[str, Micros] = {}
        for oldest in self._members.all(lambda store: store.oldest(queues)).values():
            for queue, since in oldest.items():
                found[queue] = min(since, found.get(queue, since))
        return found

    def remaining(self, queues: Sequence[str] = ()) -> int:
        """See `Backend.remaining`."""
        return self._sum(lambda store: store.remaining(queues))

    def version(self) -> int:
        """See `Backend.version`; a store that goes down or comes back changes it too."""
        return self._sum(lambda store: store.version())

    def now(self) -> Micros:
        """See `Backend.now`: the clock of the first store that answers."""
        return self._members.first(lambda store: store.now())

    def warnings(self) -> Sequence[str]:
        """See `Backend.warnings`."""
        return [sentence for found in self._members.all(lambda store: store.warnings()).values() for sentence in found]

    # acts -----------------------------------------------------------------------------------------

    def act(self, selection: Selection, verb: Verb, params: ActParams | None = None, *, audit: Noted = None) -> Acted:
        """See `Backend.act`: one atomic act in each store that holds any of them."""
        if selection.query is not None:
            return _acted(list(self._members.all(lambda store: store.act(selection, verb, params, audit=audit)).values()))
        ids = list(dict.fromkeys(selection.ids))
        if len(ids) > ACT_LIMIT:
            raise InvalidInput(f"one act takes at most {ACT_LIMIT} jobs, got {len(ids)}; store an operation for more")
        found = self._members.all(lambda store: store.many(ids))
        best = self._best(found)
        silent = self._members.silent(found)
        why = f"{MISSING}, unless {_spelt(silent)} has it, which does not answer" if silent else MISSING
        homes = {name: [id for id in ids if id in best and best[id].connection == name] for name in found}
        parts = [self._act_on(name, here, verb, params, audit) for name, here in homes.items() if here]
        return _acted([*parts, Acted(done=(), skipped=tuple((id, why) for id in ids if id not in best))])

    def _act_on(self, name: str, ids: Sequence[str], verb: Verb, params: ActParams | None, audit: Noted) -> Acted:
        return self._members.one(name, lambda store: store.act(Selection(ids=tuple(ids)), verb, params, audit=audit))

    def tick(self, *, limit: int = 500) -> Ticked:
        """See `Backend.tick`."""
        parts = list(self._members.all(lambda store: store.tick(limit=limit)).values())
        sums = {one.name: sum(getattr(part, one.name) for part in parts) for one in fields(Ticked) if one.name not in ("next_due", "more")}
        dues = [part.next_due for part in parts if part.next_due is not None]
        return Ticked(**sums, next_due=min(dues, default=None), more=any(part.more for part in parts))

    def wait(self, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`, but for a moment only: of several stores one alone can be listened to."""
        return self._members.first(lambda store: store.wait(queues, min(timeout, MOMENT)))

    def wake(self) -> None:
        """See `Backend.wake`."""
        self._members.all(lambda store: store.wake())

    def _sum(self, question: Callable[[Backend], int]) -> int:
        return sum(self._members.all(question).values())


def _rank(record: Record) -> tuple[bool, bool, bool]:
    """Of one job in two stores, on its way or moved: where it lives, the least."""
    return (record.forgotten, record.in_inbox, is_lane(record.queue))


def _spelt(names: Sequence[str]) -> str:
    return " and ".join(names)


def _acted(parts: Sequence[Acted]) -> Acted:
    return Acted(
        done=tuple(id for part in parts for id in part.done),
        skipped=tuple(row for part in parts for row in part.skipped),
        more=any(part.more for part in parts),
    )


def _both(one: Cause, other: Cause) -> Cause:
    newest = max(one, other, key=lambda cause: cause.last_at)
    return replace(newest, count=one.count + other.count, first_at=min(one.first_at, other.first_at))
