"""What a form wishes to be done to jobs, and whether somebody should be asked first.

A form sends `do` = `verb`, `verb:ID[,ID…]` or `verb:?SEARCH`; any number of `id`, or `match` (a search text: all that
match); and the parameters `priority`, `at` and `reason`. What destroys, or acts on many, is done only with `sure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from horizon.backends.base import Backend
from horizon.backends.values import ACT_LIMIT, ActParams, Verb
from horizon.control.verbs import RULES, verb_of
from horizon.core.clock import Micros
from horizon.core.errors import InvalidInput
from horizon.core.query import JobQuery, Selection
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.web import filters, text
from horizon.web.pages import buttons
from horizon.web.words import plural


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A form, understood."""

    verb: Verb
    ids: tuple[str, ...] = ()
    match: str = ""
    priority: int | None = None
    at: Micros | None = None
    reason: str | None = None
    sure: bool = False
    connection: str | None = None

    def selection(self, now: Micros) -> Selection:
        """What it is about. Raises InvalidFilter."""
        return Selection(ids=self.ids) if self.ids else Selection(query=self.query(now))

    def query(self, now: Micros) -> JobQuery:
        """What `match` means."""
        return filters.query_of({"q": self.match}, now=now)

    def params(self, before: Sequence[Record]) -> ActParams:
        """What the verb needs; one click on Prioritize raises a job by a step."""
        priority = self.priority
        if self.verb is Verb.PRIORITIZE and priority is None:
            priority = buttons.raised(max((record.priority for record in before), default=0))
        takes = RULES[self.verb].takes  # one form may hold the fields of several buttons
        given = {"at": self.at, "priority": priority, "reason": self.reason}
        return ActParams(**{name: value for name, value in given.items() if name in takes})  # type: ignore[arg-type]

    def fields(self) -> list[tuple[str, str]]:
        """The hidden fields of the form that asks whether to do it."""
        given = [("do", self.verb.value), ("sure", "1"), *(("id", id) for id in self.ids)]
        more = (("match", self.match), ("connection", self.connection), ("priority", self.priority), ("at", self.at))
        return [*given, *((name, str(value)) for name, value in more if value not in (None, ""))]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What to ask before."""

    title: str
    text: str
    yes: str
    danger: bool
    takes_reason: bool = False


def read(form: MultiDict[str, str]) -> Wish:
    """The wish of a form. Raises UnknownAction, and InvalidInput for one that names no job."""
    word, _, named = form.get("do", "").partition(":")
    listed = _listed(form) if not named else [] if named.startswith("?") else named.split(",")
    ids = tuple(dict.fromkeys(id for id in listed if id))
    match = form.get("match", "").strip() if not named else named.removeprefix("?").strip() if named.startswith("?") else ""
    if not ids and not match:
        raise InvalidInput("no job is selected: tick the rows to act on first")
    if len(ids) > ACT_LIMIT:
        raise InvalidInput(f"one act takes at most {ACT_LIMIT} selected jobs, got {len(ids):,}; act on all that match a search instead")
    return Wish(
        verb=verb_of(word), ids=() if match else ids, match=match, priority=_whole(form, "priority"), at=_whole(form, "at"),
        reason=form.get("reason", "").strip() or None, sure=form.get("sure") == "1", connection=form.get("connection") or None,
    )  # fmt: skip


def _listed(form: MultiDict[str, str]) -> list[str]:
    return [id for value in form.getlist("id") for id in value.split(",")]


def _whole(form: MultiDict[str, str], name: str) -> int | None:
    given = form.get(name, "").strip()
    if not given:
        return None
    try:
        return int(given)
    except ValueError:
        raise InvalidInput(f"{name} is a whole number, got {given[:40]!r}") from None


def question(wish: Wish, before: Sequence[Record], store: Backend) -> Question | None:
    """What to ask before this is done, None where it may be done at once."""
    if wish.match:
        return _about_many(wish, *_size(wish, store))
    running = [record for record in before if record.state is JobState.PROCESSING]
    if wish.verb is Verb.CANCEL and len(wish.ids) > 1:
        text_ = (
            f"{plural(len(running), 'of them is', 'of them are')} running and will be asked to stop."
            if running
            else "None of them has started."
        )
        return Question(title=f"Cancel {plural(len(wish.ids), 'job')}?", text=text_, yes="Cancel them", danger=True, takes_reason=True)
    if wish.verb in (Verb.CANCEL, Verb.FORGET) and running:
        return _about_running(wish, running)
    return None


def _about_running(wish: Wish, running: Sequence[Record]) -> Question:
    name = text.plain(text.short_name(running[0].name), 60) if len(wish.ids) == 1 else plural(len(running), "running job")
    told = "It is running. It is asked to stop, and stopped from outside if it does not; what it has done so far stays done."
    if wish.verb is Verb.FORGET:
        return Question(title=f"Cancel and forget {name}?", text=told, yes="Cancel and forget", danger=True)
    return Question(title=f"Cancel {name}?", text=told, yes="Cancel the job", danger=True, takes_reason=True)


def _size(wish: Wish, store: Backend) -> tuple[str, int | None]:
    """(how many in words, the count where it is known)."""
    page = store.find(replace(wish.query(store.now()), limit=200))
    if page.total is not None:
        return plural(page.total, "job"), page.total
    if page.next is None:
        return plural(len(page.items), "job"), len(page.items)
    return f"at least {max(page.total_at_least, len(page.items)):,} jobs", None


LABELS = {Verb.RETRY: "Retry", Verb.CANCEL: "Cancel", Verb.FORGET: "Forget", Verb.RUN_NOW: "Run now:", Verb.PRIORITIZE: "Prioritize"}
EFFECTS = {
    Verb.RETRY: "They go back to their queues and run again.",
    Verb.CANCEL: "Those that wait will not run; those that run are asked to stop.",
    Verb.FORGET: "Their records disappear from lists and figures; those that have not ended are cancelled first. It can be undone for a while.",
    Verb.RUN_NOW: "They start as soon as a worker is free.",
    Verb.PRIORITIZE: "They start before others of their queues.",
}


def _about_many(wish: Wish, counted: str, count: int | None) -> Question:
    label = LABELS.get(wish.verb, wish.verb.value.capitalize())
    which = "all " if count is None or count > 1 else ""
    which = "" if count is None else which
    slow = " This runs in the background; a bar shows how far it is." if count is None or count > ACT_LIMIT else ""
    danger = wish.verb in (Verb.CANCEL, Verb.FORGET)
    return Question(
        title=f"{label} {which}{counted}?",
        text=f"Every job that matches “{wish.match}”. {EFFECTS.get(wish.verb, '')}{slow}",
        yes=f"{label.rstrip(':')} {counted}", danger=danger, takes_reason=wish.verb is Verb.CANCEL,
    )  # fmt: skip
