"""Acts on many jobs: those under way, those that are over, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.wrappers import Response

from horizon.backends.driven import PER_SECOND
from horizon.backends.values import Operation, Verb
from horizon.control import marks, pacing
from horizon.control.operations import OperationControl, undoable
from horizon.core.clock import SECOND, Micros, iso
from horizon.web import filters, render
from horizon.web.pages import frame
from horizon.web.words import plural

SHOWN = 100
"""Operations on the page, the latest."""
REASONS = 30
NOUNS = {
    Verb.RETRY: "Retry", Verb.CANCEL: "Cancel", Verb.FORGET: "Forget", Verb.RESTORE: "Restore", Verb.RUN_NOW: "Run now",
    Verb.PRIORITIZE: "Prioritize", Verb.RESCHEDULE: "Reschedule", Verb.MOVE: "Move",
}  # fmt: skip
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

    @property
    def looked(self) -> int:
        """How many jobs it has looked at."""
        return self.one.done + self.one.skipped

    @property
    def pace(self) -> str:
        """That it was given, in words; empty: as fast as it goes."""
        rate = pacing.of(self.one.params)
        return "" if rate is None else pacing.told(rate)

    def left(self, now: Micros) -> Micros | None:
        """How long it will still take at its pace; None where nobody can know."""
        if self.one.expected is not None and self.looked >= self.one.expected:
            return None  # more have come to match: nobody knows how many
        rate = pacing.of(self.one.params)
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
        general = "another job holds its unique key" if reason.startswith("key held by ") else reason
        found[general] = found.get(general, 0) + count
    return found


def told(one: Operation, connection: str | None) -> Told:
    """An operation in words."""
    verb = Verb(one.verb)
    many = "every job that matches" if one.expected is None else plural(one.expected, "job")
    return Told(
        one=one, connection=connection, title=f"{NOUNS[verb]} {many}", search=filters.text_of(one.query), given=_given(one),
        pill=PILLS.get(one.state, ("pending", one.state)), undoable=undoable(one),
    )  # fmt: skip


def _given(one: Operation) -> str:
    """The parameters, but for those that only matter to us, and the mark of the act that it undoes."""
    shown = {
        name: iso(value) if name == "at" and isinstance(value, int) else value
        for name, value in one.params.items()
        if name not in ("keep_time", PER_SECOND)
    }
    if isinstance(shown.get("reason"), str):  # what a person said: who it was and when stands on the page already
        shown["reason"] = marks.said(str(shown["reason"]))
    told = [f"{name} {value}" for name, value in shown.items() if value != ""]
    return ", ".join(told + ([f"what was {one.query.reason}"] if one.query.reason else []))


def show() -> Response:
    """GET /operations"""
    store = frame.store()
    rows = [told(one, frame.connection()) for one in OperationControl(frame.stores()).list(SHOWN, frame.connection())]
    return render.page("operations/page.html", at=store.now(), rows=rows, **frame.standing())


def show_one(id: str) -> Response:
    """GET /operations/ID"""
    one = OperationControl(frame.stores()).get(id, frame.connection())
    return render.page("operations/one.html", at=frame.store().now(), op=told(one, frame.connection()), **frame.standing())
