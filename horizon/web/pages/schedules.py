"""Schedules: all of them in one table, and one with its next times and its history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.schedules import ScheduleRun
from horizon.core.errors import NotFound
from horizon.core.states import JobState
from horizon.jobs import stored
from horizon.jobs.codec import readable
from horizon.monitor import schedules as seen
from horizon.monitor.runs import Told
from horizon.monitor.schedules import Board, Row
from horizon.web import render, sight
from horizon.web.api import schedules as api
from horizon.web.draw import runs
from horizon.web.lists import SCHEDULES
from horizon.web.pages import frame, listing, picking, schedule_calendar
from horizon.web.pages.picking import PickedAct
from horizon.web.pages.queues import page_of
from horizon.web.state import state_of

ROWS = 17
"""Schedules on one page: it stays below 40 kB."""
LOOKS: Mapping[str, tuple[str, str]] = {
    "paused": ("s-retrying", "paused"), "overdue": ("s-failed", "overdue"), "gone": ("s-cancelled", "no longer in the code"),
}  # fmt: skip
"""Per state its colour and word; an active one needs none."""
KINDS: Mapping[str, tuple[str, str]] = {
    "pushed": ("s-completed", "dispatched"), "by hand": ("s-processing", "run by hand"), "skipped": ("s-cancelled", "skipped"),
    "missed": ("s-retrying", "missed"), "refused": ("s-failed", "refused"),
}  # fmt: skip
STATES = frozenset(state.value for state in JobState)
MEANINGS: Mapping[str, str] = {
    "once": "the latest of them runs", "all": "the last {most} of them run", "skip": "none that is over for more than a minute runs",
    "allow": "another one comes", "no": "none comes", "queue": "it waits until that one has ended",
}  # fmt: skip


ACTS = (
    PickedAct(verb="run", label="Run now", one="Run 1 schedule now", many="Run {n} schedules now"),
    PickedAct(verb="pause", label="Pause", one="Pause 1 schedule", many="Pause {n} schedules"),
    PickedAct(verb="resume", label="Resume", one="Resume 1 schedule", many="Resume {n} schedules"),
)
COLUMNS = (
    "name", "job", "when", "timezone", "words", "state", "source", "paused_reason", "misfire", "catch_up", "overlap", "jitter", "next_at", "last_at",
    "last_job", "last_state", "missed",
)  # fmt: skip
"""Of a file."""


def show() -> Response:
    """GET /schedules"""
    board = every()
    if board.rows and request.args.get("view") == "calendar":
        return schedule_calendar.show(board)
    fit, around = listing.narrowed(SCHEDULES, board.rows)
    last = max(1, -(-len(fit) // ROWS))
    number = min(page_of(request.args.get("page", "")), last)
    rows = fit[(number - 1) * ROWS : number * ROWS]
    recent = seen.recent(frame.stores(), rows)
    strips = {name: runs.strip([told.outcome for told in lines[::-1]]) for name, lines in recent.items()}
    return render.page(
        "schedules/page.html", at=frame.stores().backend().now(), rows=rows, strips=strips, troubles={name: troubles(lines) for name, lines in recent.items()}, view="list", total=len(board.rows),
        fit=len(fit), rows_named=picking.joined([row.schedule.name for row in rows]), acts=acts_for(fit),
        number=number, last_page=last, following=number < last, problems=board.problems, led=board.led, looks=LOOKS, **around, **frame.standing(),
    )  # fmt: skip


def acts_for(rows: Sequence[Row]) -> list[PickedAct]:
    """Those of which any of these rows takes."""
    rest = {"pause": any(not row.schedule.rests for row in rows), "resume": any(row.schedule.paused for row in rows)}
    return [act for act in ACTS if rest.get(act.verb, True)]


def every() -> Board:
    """All schedules."""
    state_of().imports.ensure()
    return seen.board(state_of().runtime, frame.stores())


def take_away() -> Response:
    """GET /export/schedules: every one that the filters name, as a file; `format` is `csv` or `json`. Raises InvalidFilter."""
    found = SCHEDULES.understand(request.args).of(every().rows)
    shown = [api.schedule(row, sight.of(row.schedule.target)) for row in found]
    return listing.taken("schedules", COLUMNS, shown)


def show_one(name: str) -> Response:
    """GET /schedules/NAME"""
    row = found(name)
    history = seen.history(frame.stores(), row.schedule)
    return render.page(
        "schedules/one.html", at=frame.stores().backend().now(), row=row, one=row.schedule, ahead=row.ahead(), history=[(told, _detail(row, told.run)) for told in history],
        troubles=troubles(history), arguments=_arguments(row), looks=LOOKS, kinds=KINDS, states=STATES, misfire=_misfire(row), overlap=_overlap(row), **frame.standing(),
    )  # fmt: skip


def ask_removal(name: str) -> Response:
    """GET /schedules/NAME/remove"""
    return render.asked("schedules/remove.html", row=found(name), one=found(name).schedule, **frame.standing())


def found(name: str) -> Row:
    """A schedule by its name. Raises NotFound."""
    state_of().imports.ensure()
    row = seen.one(state_of().runtime, name, frame.stores())
    if row is None:
        raise NotFound(f"there is no schedule {name[:80]!r}; it may have been removed")
    return row


def troubles(lines: Sequence[Told]) -> dict[str, int]:
    """How many of these runs came late, and how many while the one before stood."""
    return {"late": sum(1 for told in lines if told.late), "over": sum(1 for told in lines if told.over), "of": len(lines)}


def _detail(row: Row, run: ScheduleRun) -> str:
    """Its detail as far as it is to be seen: what an exception says may hold data."""
    return sight.of(row.schedule.target).text(run.detail) if run.detail else ""


def _arguments(row: Row) -> str:
    """The arguments as people read them; empty where there are none."""
    shown = sight.of(row.schedule.target).data(readable(stored.payload(json.loads(row.schedule.args))))
    return "" if row.schedule.args == "{}" else json.dumps(shown, indent=2, ensure_ascii=False)


def _misfire(row: Row) -> str:
    return MEANINGS[row.schedule.misfire].format(most=row.schedule.most)


def _overlap(row: Row) -> str:
    return MEANINGS["no" if row.schedule.overlap == "skip" else row.schedule.overlap]
