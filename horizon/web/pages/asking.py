"""What a form wishes to be done to jobs.

A form sends `do` = `verb`, `verb:ID[,ID…]` or `verb:?SEARCH`; any number of `id` (in a list that names its jobs once, in
`rows`, an id may be the number of its row); or `match` (a search text: all that
match), or `mark` (what one act left behind, within `match`); and the parameters `priority`, `queue`, `reason`, `pace` (`50/s`), `canary` (`10`), `stop` (`20%`), `saw`
(what the question counted), and `at` (microseconds, or a local time as a browser sends it) or `in` (`15m`: so long from now). What destroys, acts on many, or
lacks a parameter is done only with `sure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from horizon.backends.values import ACT_LIMIT, ActParams, Verb
from horizon.control import marks, pacing
from horizon.control.jobs import PACED
from horizon.control.pacing import Care
from horizon.control.verbs import RULES, verb_of
from horizon.core.clock import Micros
from horizon.core.errors import InvalidFilter, InvalidInput
from horizon.core.query import JobQuery, Selection
from horizon.core.record import Record
from horizon.web import filters, live, search, typed
from horizon.web.pages import buttons

MARKED = 50
"""Selected jobs beyond which the way back is a mark instead of a list of ids: a cookie has 4 kB."""
UNDOES = {undo: verb for verb, undo in marks.UNDONE_BY.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A form, understood."""

    verb: Verb
    ids: tuple[str, ...] = ()
    match: str = ""
    mark: str = ""
    priority: int | None = None
    at: Micros | None = None
    queue: str | None = None
    reason: str | None = None
    pace: str | None = None
    """As chosen: `50/s`; of a retry or a start alone."""
    canary: str | None = None
    stop: str | None = None
    saw: str = ""
    """What the question before has counted: `1204`, or `1000+`."""
    keep_time: bool = False
    one_click: bool = False
    """It came from the button of one job, which says all there is to say."""
    sure: bool = False
    connection: str | None = None

    def selection(self, now: Micros) -> Selection:
        """What it is about. Raises InvalidFilter."""
        return Selection(ids=self.ids) if self.ids else Selection(query=self.query(now))

    def query(self, now: Micros) -> JobQuery:
        """What `match` and `mark` mean."""
        found = filters.query_of({"q": self.match}, now=now)
        return marks.marked(UNDOES[self.verb], found, self.mark) if self.mark else found

    @property
    def takes_pace(self) -> bool:
        """Whether it may go on slowly: it puts many jobs to work."""
        return self.verb in PACED and bool(self.match) and not self.mark

    @property
    def care(self) -> Care | None:
        """How carefully it goes on, as chosen; None: as fast as it goes. Raises InvalidOption."""
        chosen = self.verb in PACED and not (self.mark or self.one_click)
        return pacing.care(self.pace, self.canary, self.stop) if chosen else None

    @property
    def note(self) -> str | None:
        """The reason of a verb that keeps none with its jobs."""
        return None if "reason" in RULES[self.verb].takes else self.reason

    @property
    def lacks(self) -> str:
        """The parameter that it needs and that nobody has given; empty: none."""
        needs = RULES[self.verb].needs or ""
        given = self.one_click and self.verb is Verb.PRIORITIZE
        return needs if needs and getattr(self, needs) is None and not given else ""

    def params(self, before: Sequence[Record]) -> ActParams:
        """What the verb needs; one click on Prioritize raises a job by a step."""
        priority = self.priority
        if self.verb is Verb.PRIORITIZE and priority is None and self.one_click:
            priority = buttons.raised(max((record.priority for record in before), default=0))
        takes = RULES[self.verb].takes  # one form may hold the fields of several buttons
        given = {"at": self.at, "priority": priority, "queue": self.queue, "reason": self.reason}
        keep_time = True if self.keep_time and self.verb is Verb.RETRY else None
        return ActParams(**{name: value for name, value in given.items() if name in takes}, keep_time=keep_time)  # type: ignore[arg-type]

    def fields(self) -> list[tuple[str, str]]:
        """The hidden fields of the form that asks whether to do it."""
        given = [("do", self.verb.value), ("sure", "1"), *(("id", id) for id in self.ids)]
        more = (
            ("match", self.match), ("connection", self.connection), ("priority", self.priority), ("at", self.at),
            ("queue", self.queue)
        )  # fmt: skip
        return [*given, *((name, str(value)) for name, value in more if value not in (None, ""))]


def read(form: MultiDict[str, str], moment: search.Moment) -> Wish:
    """The wish of a form. Raises UnknownAction, and InvalidInput for one that names no job."""
    word, _, named = form.get("do", "").partition(":")
    listed = _listed(form) if not named else [] if named.startswith("?") else named.split(",")
    if form.get("page") and not named:  # the box on top, which needs no script to mean every row
        listed = live.unpack(form.get("rows", ""))
    ids = tuple(dict.fromkeys(_named(listed, form.get("rows", ""))))
    match = form.get("match", "").strip() if not named else named.removeprefix("?").strip() if named.startswith("?") else ""
    mark = form.get("mark", "").strip()
    if not ids and not match and not mark:
        raise InvalidInput("no job is selected: tick the rows to act on first")
    if len(ids) > ACT_LIMIT:
        raise InvalidInput(f"one act takes at most {ACT_LIMIT} selected jobs, got {len(ids):,}; act on all that match a search instead")
    verb = verb_of(word)
    if mark and verb not in UNDOES:
        raise InvalidInput(f"a mark is for {' and '.join(UNDOES)}, which undo; got it with {verb}")
    return Wish(
        verb=verb, ids=() if match or mark else ids, match=match, mark=mark,
        priority=_whole(form, "priority"), at=_when(form, moment), queue=form.get("queue", "").strip() or None,
        pace=form.get("pace", "").strip() or None, canary=form.get("canary", "").strip() or None, stop=form.get("stop", "").strip() or None,
        saw=form.get("saw", "").strip(), reason=form.get("reason", "").strip() or None, keep_time=form.get("keep_time") == "1", one_click=bool(ids and named),
        sure=form.get("sure") == "1", connection=form.get("connection") or None,
    )  # fmt: skip


def _when(form: MultiDict[str, str], moment: search.Moment) -> Micros | None:
    """The moment named by `at`, or so long from now as `in` says."""
    at, later = form.get("at", "").strip(), form.get("in", "").strip()
    try:
        if at and not at.isdigit():
            return search.when(at, "at", moment)
        if not at and later:
            return moment.now + search.duration(later, "in", "in=15m")
    except InvalidFilter:
        given = at or later
        raise InvalidInput(f"a time is written as 2026-11-22T14:03, or in=15m; got {given[:40]!r}") from None
    return _whole(form, "at")


def _named(listed: list[str], rows: str) -> list[str]:
    """The ids meant: of numbers, those of the rows."""
    packed = live.unpack(rows) if rows else []
    return [one if (at := typed.place(one, len(packed))) is None else packed[at] for one in listed if one]


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
