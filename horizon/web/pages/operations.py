"""Acts on many jobs: those under way, those that are over, and what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request
from werkzeug.wrappers import Response

from horizon.backends import guarding
from horizon.backends.base import Backend
from horizon.backends.driven import OF_OPERATIONS
from horizon.backends.guarding import Guard, guard_of
from horizon.backends.values import Operation, Verb
from horizon.control import pacing
from horizon.control.group_act import CANCEL, RETRY, UNCANCEL, GroupAct
from horizon.control.operations import OperationControl, in_canary, reason_of, undoable, waits_for
from horizon.core.clock import SECOND, Micros, iso
from horizon.core.group import GroupRecord
from horizon.core.query import MAX_LIMIT, JobQuery
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.web import filters, render, sight
from horizon.web.api import shapes
from horizon.web.narrowing import Narrowing
from horizon.web.pages import frame, listing
from horizon.web.pages.queues import page_of
from horizon.web.pages.telling import counted
from horizon.web.words import plural

SHOWN = 500
"""Operations that are looked at, the latest."""
ROWS = 36
"""On one page."""
COLUMNS = ("id", "action", "about", "actor", "state", "created_at", "finished_at", "expected", "done", "skipped", "reason", "reasons")
"""Of a file."""
SHOWN_JOBS = 20
"""Jobs it was done to, by name."""
REASONS = 30
NOUNS = {
    Verb.RETRY: "Retry", Verb.CANCEL: "Cancel", Verb.FORGET: "Forget", Verb.RESTORE: "Restore", Verb.RUN_NOW: "Run now",
    Verb.PRIORITIZE: "Prioritize", Verb.RESCHEDULE: "Reschedule", Verb.MOVE: "Move",
}  # fmt: skip
OF_GROUPS = {CANCEL: "Cancel", RETRY: "Retry what failed of", UNCANCEL: "Put back"}
PILLS = {"running": ("processing", "running"), "done": ("completed", "done"), "stopped": ("cancelled", "stopped")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One operation in words."""

    one: Operation
    connection: str | None
    """None: all of them together."""
    title: str
    search: str
    """What it is about, as it would be typed."""
    given: str
    """Its parameters."""
    pill: tuple[str, str]
    """(state that lends its colour, word)."""
    undoable: bool
    reason: str = ""
    """Why somebody wished it."""
    became: Sequence[tuple[JobState, int]] = ()
    """Of the first jobs it was done to, how many stand where."""
    first: Sequence[Record] = ()
    groups: Sequence[GroupRecord] = ()
    """Of one on batches, chains or workflows, the first it was done to."""
    again: Sequence[Record] = ()
    """The first that failed again."""
    fine: int = 0
    failed: int = 0
    open: int = 0
    """Of those that are watched: how many did not fail, how many did, and how many have not shown it."""

    @property
    def watched(self) -> int:
        """How many are, or were."""
        return self.fine + self.failed + self.open

    @property
    def waits(self) -> int:
        """How many jobs must show how it goes before it goes on."""
        return waits_for(self.one)

    @property
    def canary(self) -> int:
        """How many are tried first; 0 once they are over."""
        return guard_of(self.one.params).canary if in_canary(self.one) else 0

    @property
    def share(self) -> float:
        """Percent that may fail."""
        return guard_of(self.one.params).share

    def examples(self, reason: str) -> tuple[str, ...]:
        """Ids of the first jobs left alone for this reason."""
        return next((ids for kept, ids in self.one.trace.left.items() if general(kept) == reason), ())

    @property
    def looked(self) -> int:
        """How many jobs it has looked at."""
        return self.one.done + self.one.skipped

    @property
    def care(self) -> str:
        """How carefully it goes on, in words; empty: as fast as it goes."""
        return pacing.told_with(self.one.params)

    def left(self, now: Micros) -> Micros | None:
        """How long it will still take at its pace; None where nobody can know."""
        if self.one.expected is not None and self.looked >= self.one.expected:
            return None  # more have come to match: nobody knows how many
        rate = None if isinstance(self.one, GroupAct) else pacing.of(self.one.params)  # its pace is one of jobs, its figures are groups
        if rate is not None and self.one.state == "running" and self.one.expected:
            return round((self.one.expected - self.looked) / rate * SECOND)
        spent = now - self.one.created_at
        if self.one.state != "running" or not self.one.expected or not self.looked or spent <= 0:
            return None
        return round(max(0, self.one.expected - self.looked) * spent / self.looked)

    def reasons(self) -> list[tuple[str, int]]:
        """Why jobs were left as they were, most frequent first; what is told of single jobs is gathered under `...`."""
        return sorted(grouped(self.one.reasons).items(), key=lambda row: -row[1])[:REASONS]


def grouped(reasons: Mapping[str, int]) -> dict[str, int]:
    """Reasons with their counts; those that name a job are one reason."""
    found: dict[str, int] = {}
    for reason, count in reasons.items():
        found[general(reason)] = found.get(general(reason), 0) + count
    return found


def general(reason: str) -> str:
    """A reason without the job that it names."""
    return "another job holds its unique key" if reason.startswith("key held by ") else reason


OPERATIONS: Narrowing[Told] = Narrowing(
    states={state: (state.capitalize(), lambda op, state=state: op.one.state == state) for state in ("running", "done", "stopped")},  # type: ignore[misc]
    words=lambda op: (op.title, op.search, op.one.actor, op.reason),
    keys={"user": lambda op: (op.one.actor,), "action": lambda op: (op.one.verb,)},
)


def told(one: Operation, connection: str | None) -> Told:
    """An operation in words."""
    if isinstance(one, GroupAct):
        return _told_of_groups(one, connection)
    verb = Verb(one.verb)
    many = counted(one)
    return Told(
        one=one, connection=connection, title=f"{NOUNS[verb]} {many}", search=filters.text_of(one.query), given=_given(one),
        pill=PILLS.get(one.state, ("pending", one.state)), undoable=undoable(one), reason=reason_of(one),
    )  # fmt: skip


def _told_of_groups(one: GroupAct, connection: str | None) -> Told:
    return Told(
        one=one, connection=connection, title=f"{OF_GROUPS[one.verb]} {plural(one.expected or 0, one.noun, one.nouns)}", search=one.about, given="",
        pill=PILLS[one.state], undoable=one.verb == CANCEL and (one.done > 0 or one.state == "running"), reason=reason_of(one),
    )  # fmt: skip


def looked_at(op: Told, store: Backend) -> Told:
    """With what became of its jobs: of the first it was done to, of those that it watches."""
    if isinstance(op.one, GroupAct):
        groups = sight.groups(store.groups.many(op.one.trace.acted[:SHOWN_JOBS]))
        return _watching(replace(op, groups=groups), store, _of_ids(store, op.one.trace.watch))
    acted = _of_ids(store, op.one.trace.acted)
    counts = Counter(record.state for record in acted)
    op = replace(op, became=[(state, counts[state]) for state in JobState if counts[state]], first=sight.records(acted[:SHOWN_JOBS]))
    return _watching(op, store, acted if op.one.trace.watch == op.one.trace.acted else _of_ids(store, op.one.trace.watch))


def _watching(op: Told, store: Backend, watched: Sequence[Record]) -> Told:
    """With how it went with the jobs that it watches."""
    seen = guarding.judged(Guard(), op.one.trace, {record.id: record.state for record in watched})
    again = sight.records(_of_ids(store, seen.failed))
    return replace(op, again=again, fine=seen.fine, failed=seen.again, open=len(seen.watch))


def _of_ids(store: Backend, ids: Sequence[str]) -> Sequence[Record]:
    """Those of them that are there, in this order."""
    if not ids:
        return ()
    found = {record.id: record for record in store.find(JobQuery(ids=tuple(ids[:MAX_LIMIT]), limit=MAX_LIMIT)).items}
    return [found[id] for id in ids if id in found]


def _given(one: Operation) -> str:
    """The parameters, but for those that only matter to us, and the mark of the act that it undoes."""
    shown = {
        name: iso(value) if name == "at" and isinstance(value, int) else value
        for name, value in one.params.items()
        if name not in OF_OPERATIONS and name not in ("keep_time", "reason")
    }
    told = [f"{name} {value}" for name, value in shown.items() if value != ""]
    return ", ".join(told + ([f"what was {one.query.reason}"] if one.query.reason else []))


def every() -> list[Told]:
    """The latest, newest first."""
    return [told(one, frame.connection()) for one in OperationControl(frame.stores()).list(SHOWN, frame.connection())]


def show() -> Response:
    """GET /operations"""
    rows = every()
    fit, around = listing.narrowed(OPERATIONS, rows)
    last = max(1, -(-len(fit) // ROWS))
    number = min(page_of(request.args.get("page", "")), last)
    return render.page(
        "operations/page.html", at=frame.store().now(), rows=fit[(number - 1) * ROWS : number * ROWS], known=len(rows), fit=len(fit), number=number,
        last_page=last, **around, **frame.standing(),
    )  # fmt: skip


def take_away() -> Response:
    """GET /export/operations: those that the filters name, as a file; `format` is `csv` or `json`. Raises InvalidFilter."""
    found = OPERATIONS.understand(request.args).of(every())
    return listing.taken("operations", COLUMNS, [{**shapes.operation(op.one), "about": op.search, "reason": op.reason} for op in found])


def show_one(id: str) -> Response:
    """GET /operations/ID"""
    store, one = frame.store(), OperationControl(frame.stores()).get(id, frame.connection())
    op = looked_at(told(one, frame.connection()), store)
    return render.page("operations/one.html", at=store.now(), op=op, **frame.standing())
