"""One queue: how deep, how fast, who works on it, what is set, and everything that can be done to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.backends.values import QueueSettings, SessionRecord
from horizon.control.acting import backend_of
from horizon.control.queues import DRAINING, DURATIONS, ENDS, MOVABLE, UNLIMITED, WAITING, QueueControl, is_drain, limit
from horizon.core import dead
from horizon.core.clock import MINUTE, SECOND, Micros
from horizon.core.errors import InvalidOption, NotFound
from horizon.core.lanes import is_lane
from horizon.core.states import JobState
from horizon.jobs import options
from horizon.monitor import history
from horizon.monitor.depth import depth
from horizon.monitor.figures import Overview, QueueFigures
from horizon.monitor.limits import of_queue
from horizon.monitor.patience import Unfinished
from horizon.monitor.queues import serves
from horizon.web import render, words
from horizon.web.draw import flow
from horizon.web.filters import TAB_ORDER
from horizon.web.pages import frame, queue_coded, queue_pausers
from horizon.web.pages.metrics import AT_ONCE
from horizon.web.render import viewer
from horizon.web.state import state_of

MOST_WORKERS = 8
MOST_OTHERS = 60
"""Queues that the field of a move offers."""
WHOLE = ("[1-9][0-9,]*", "A whole number, 1 or more")
WHOLE_OR_NONE = ("[1-9][0-9,]*|[Uu]nlimited|no limit", "A whole number, 1 or more, or: unlimited")
SECONDS = (r"[0-9,]*\.?[0-9]+", "A number of seconds")
SECONDS_OR_NONE = (r"[0-9,]*\.?[0-9]+|[Uu]nlimited|no limit", "A number of seconds, or: unlimited")
SHARE = (r"[0-9]{1,2}(\.[0-9]+)?\s*%?", "A percentage from 1 to 99.99")
SETTINGS: Mapping[str, tuple[str, str, tuple[str, str]]] = {
    "max_jobs": ("Most waiting jobs", "One more is refused with QueueFull. A number, or: unlimited.", WHOLE_OR_NONE),
    "priority_weight": ("Weight", "Its share where workers draw among queues.", WHOLE),
    "patience": ("Patience, seconds", "After so long a waiting job goes before any deadline.", SECONDS),
    "dead_after": ("Dead letters after", "A job that has failed for good so often is set aside. A number, or: unlimited.", WHOLE_OR_NONE),
    "start_within": (
        "Start within, seconds",
        "The time target: within so long of when they could, jobs shall start. Or: unlimited.",
        SECONDS_OR_NONE,
    ),
    "start_share": ("Share in time, percent", "So many of the jobs shall; the rest is the budget for errors.", SHARE),
}
"""What can be set at run time: label, what it means, and what its field takes: as a pattern, and in words for who typed something else."""
DELAYED = "The code lets {} wait or run, and more wait for room. A number here refuses what is beyond it with QueueFull."
"""What the limit means where the code delays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One setting as the page shows it."""

    key: str
    label: str
    meaning: str
    value: str
    """As typed into its field; empty where nothing limits."""
    shown: str
    overridden: bool
    coded: str
    """What the code says, as shown."""
    pattern: str
    takes: str
    """What the pattern says, in words."""


def show(name: str) -> Response:
    """GET /queues/NAME"""
    if dead.is_dead(name):  # no queue of its own: the list of its jobs is all there is to it
        return redirect(url_for("horizon.failed", q=f"queue:{name}", connection=frame.connection()))
    standing = frame.standing()
    row = found(standing["figures"], name)
    store = backend_of(frame.stores(), row.connection)
    now = store.now()
    over = history.RANGES.get(request.args.get("range", ""), history.RANGES["1h"])
    steps, said = _steps(store, name, over, now), state_of().runtime.routing.queue(name)
    return render.page(
        "queue/page.html", at=now, row=row, queue=name, named=_named(row), states=[(state, row.count(state)) for state in TAB_ORDER],
        plot=None if steps is None else flow.flow(steps, depth(steps, row), over, viewer().zone), over=over, ranges=history.RANGES.values(), told=flow.told,
        workers=serving(_living(store, standing["figures"]), name)[:MOST_WORKERS], settings=settings_of(row.settings or QueueSettings(name=name), queue_coded.delayed(said)),
        coded=queue_coded.coded(said, state_of().runtime.routing.limit(name)), pauser=queue_pausers.pausers([row]).get((row.connection, name)),
        drained=row.paused and is_drain(row.paused_reason), why=_why(row), cleared=_cleared(row), may_admin=frame.actor().can("admin"),
        waiting=_count(row, WAITING), movable=_count(row, MOVABLE), others=others(standing["figures"], row), soon=_soon(now), twins=twins(standing["figures"], row), limits=of_queue(store, name), lane=is_lane(name), **_at(row, standing),
    )  # fmt: skip


def _steps(store: Backend, name: str, over: history.Range, now: Micros) -> list[history.Step] | None:
    """What happened on a queue, step by step; None while that is still being added up."""
    try:
        return state_of().pasts.of_queue(store, name, over, now, asked=frame.asked(), most=AT_ONCE)
    except Unfinished:
        render.unfinished()
        return None


def clear(name: str) -> Response:
    """GET /queues/NAME/clear: the question before it."""
    standing = frame.standing()
    row = found(standing["figures"], name)
    counts = [(state, row.count(state)) for state in WAITING]
    return render.page(
        "queue/clear.html", row=row, queue=name, named=_named(row), waits=counts, waiting=_count(row, WAITING), **_at(row, standing),
    )  # fmt: skip


def found(figures: Overview, name: str) -> QueueFigures:
    """The figures of a queue, zeros for one that nobody has used yet. Raises NotFound for what cannot be a queue's name."""
    try:
        options.queue(name)
    except InvalidOption as error:
        raise NotFound(str(error)) from None
    connection, default = frame.connection(), state_of().runtime.default
    rows = [row for row in figures.queues if row.name == name and connection in (None, row.connection)]
    known = min(rows, key=lambda row: (row.unknown, row.connection != default), default=None)
    return known or QueueFigures(name=name, connection=connection or default, counts=dict.fromkeys(JobState, 0), unknown=True)


def twins(figures: Overview, row: QueueFigures) -> list[QueueFigures]:
    """Queues of the same name on other connections."""
    return [other for other in figures.queues if other.name == row.name and other.connection != row.connection and not other.unknown]


def _at(row: QueueFigures, standing: Mapping[str, Any]) -> dict[str, Any]:
    """What stands around the page of a queue: it is always about one connection, and so are its links."""
    return {**standing, "connection": row.connection if len(standing["connections"]) > 1 else None}


def settings_of(settings: QueueSettings, delayed: int | None = None) -> list[Setting]:
    """Each setting, with what the code says where a person has changed it. `delayed`: after so many, more wait for room."""
    made = []
    for key, (label, meaning, (pattern, takes)) in SETTINGS.items():
        value, coded = limit(getattr(settings, key)), settings.coded.get(key)
        typed = (
            (UNLIMITED if key in settings.overridden else "")
            if value is None
            else f"{value / SECOND:g}"
            if key in DURATIONS
            else f"{value * 100:g}"
            if key == "start_share"
            else str(value)
        )
        made.append(
            Setting(
                key=key, label=label, meaning=DELAYED.format(words.number(delayed)) if key == "max_jobs" and delayed else meaning,
                value=typed, shown=f"{words.number(delayed)}, then they wait" if key == "max_jobs" and delayed and value is None else _told(key, value), overridden=key in settings.overridden,
                coded=_told(key, coded), pattern=pattern, takes=takes,
            )
        )  # fmt: skip
    return made


def _told(key: str, value: object) -> str:
    if key == "start_share" and isinstance(value, float):
        return f"{value * 100:g} %"
    if limit(value) is None or not isinstance(value, int):
        return {"max_jobs": "no limit", "dead_after": "never", "start_within": "no target"}.get(key, words.DASH)
    return words.duration(value) if key in DURATIONS else words.number(value)


def serving(living: Iterable[SessionRecord], name: str) -> list[SessionRecord]:
    """Those workers that take from this queue; those that list it first."""
    workers = [record for record in living if serves(record, name)]
    return sorted(workers, key=lambda record: (not record.info.queues, record.info.host, record.info.pid))


def _living(store: Backend, figures: Overview) -> Sequence[SessionRecord]:
    """The workers of a store; where there is no other one, the figures know them."""
    if len(state_of().runtime.connections()) == 1:
        return figures.workers
    return [record for record in store.sessions.list(kind="worker") if record.alive]


def others(figures: Overview, row: QueueFigures) -> list[str]:
    """Where jobs could be moved: the other queues of this connection."""
    return [other.name for other in figures.queues if other.connection == row.connection and other.name != row.name][:MOST_OTHERS]


def _cleared(row: QueueFigures) -> Any:
    """The latest clear that can be undone, for whoever may."""
    if not frame.actor().can("admin"):
        return None
    return QueueControl(frame.stores()).cleared(row.name, connection=row.connection)


def _why(row: QueueFigures) -> str:
    """The reason of the pause that somebody gave; empty where nobody did."""
    given = (row.paused_reason or "").removeprefix(DRAINING)
    return "" if given == ENDS else given


def _named(row: QueueFigures) -> str:
    """The queue as a form names it."""
    return row.name if len(state_of().runtime.connections()) == 1 else f"{row.name}/{row.connection}"


def _count(row: QueueFigures, states: tuple[JobState, ...]) -> int:
    return sum(row.count(state) for state in states)


def _soon(now: Micros) -> str:
    """The earliest end of a pause that the field offers, in the viewer's zone."""
    return f"{words.local(now + MINUTE, viewer().zone):%Y-%m-%dT%H:%M}"
