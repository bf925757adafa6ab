"""Every queue in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from horizon.control.queues import is_drain
from horizon.core.errors import InvalidFilter
from horizon.core.states import JobState
from horizon.monitor.figures import QueueFigures
from horizon.monitor.limits import circuits, limits
from horizon.web import render, typed
from horizon.web.api import queues as api_queues
from horizon.web.lists import QUEUES
from horizon.web.pages import frame, listing, picking, queue_pausers
from horizon.web.pages.picking import PickedAct
from horizon.web.state import state_of

ROWS = 30
"""Queues on one page: a page stays below 40 kB."""
MOST_PAGES = 10_000
LIMITS = 12
"""Limits on it: those for which most jobs wait."""
S = JobState


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column that can be sorted by."""

    key: str
    label: str
    by: Callable[[QueueFigures], float | str]
    text: bool = False
    optional: bool = False
    """Left out where the screen is narrow."""


COLUMNS: tuple[Column, ...] = (
    Column(key="name", label="Queue", by=lambda row: row.name.lower(), text=True),
    Column(key="pending", label="Pending", by=lambda row: row.count(S.PENDING)),
    Column(key="running", label="Running", by=lambda row: row.count(S.PROCESSING)),
    Column(key="scheduled", label="Scheduled", by=lambda row: row.count(S.SCHEDULED), optional=True),
    Column(key="retrying", label="Retrying", by=lambda row: row.count(S.RETRYING), optional=True),
    Column(key="failed", label="Failed", by=lambda row: row.count(S.FAILED), optional=True),
    Column(key="oldest", label="Oldest", by=lambda row: row.oldest or 0.0),
    Column(key="clears", label="Clears in", by=lambda row: float("inf") if row.to_clear is None else row.to_clear, optional=True),
    Column(key="in", label="In/min", by=lambda row: row.in_per_minute, optional=True),
    Column(key="out", label="Out/min", by=lambda row: row.per_minute, optional=True),
)
CSV = (
    "name", "connection", *(state.value for state in JobState), "oldest_seconds", "seconds_to_clear", "in_per_minute", "jobs_per_minute",
    "workers", "slots", "paused", "paused_until", "paused_reason",
)  # fmt: skip
"""What a table outside shows of a queue, by the names of the API."""
BY_KEY: Mapping[str, Column] = {column.key: column for column in COLUMNS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What the table is sorted by. In an address: the key of a column, with `-` before it for the highest first."""

    column: Column
    down: bool = False

    @property
    def spelt(self) -> str:
        """As in an address; empty for the order that nobody asked for."""
        return "" if self == BY_NAME else ("-" if self.down else "") + self.column.key

    def after_click(self, column: Column) -> str:
        """The order that the header of a column leads to: the other way round, or its own, figures highest first."""
        down = not self.down if column == self.column else not column.text
        return Order(column=column, down=down).spelt

    def sorted(self, rows: Sequence[QueueFigures]) -> list[QueueFigures]:
        """The rows in this order; those alike by name."""
        by_name = sorted(rows, key=lambda row: (row.name.lower(), row.connection))
        return sorted(by_name, key=self.column.by, reverse=self.down)


BY_NAME = Order(column=COLUMNS[0])


ACTS = (
    PickedAct(verb="pause", label="Pause", one="Pause 1 queue", many="Pause {n} queues"),
    PickedAct(verb="resume", label="Resume", one="Resume 1 queue", many="Resume {n} queues"),
)


def show() -> Response:
    """GET /queues"""
    standing = frame.standing()
    rows = standing["figures"].queues
    fit, around = listing.narrowed(QUEUES, rows)
    try:
        order, number = order_of(request.args.get("sort", "")), page_of(request.args.get("page", ""))
    except InvalidFilter as error:
        order, number, around = BY_NAME, 1, {**around, "wrong": str(error), "status": 400}
    pages = max(1, -(-len(fit) // ROWS))
    number = min(number, pages)
    shown = order.sorted(fit)[(number - 1) * ROWS : number * ROWS]
    return render.page(
        "queues/page.html", at=standing["figures"].at, rows=shown, all_rows=rows, fit=len(fit), rows_named=picking.joined([key_of(row) for row in shown]),
        acts=acts_for(fit), order=order, columns=COLUMNS, number=number, last_page=pages, is_drain=is_drain, most_limits=LIMITS,
        pausers=queue_pausers.pausers(shown), limits=limits(frame.stores(), frame.connection(), LIMITS)[:LIMITS], circuits=circuits(frame.stores(), frame.connection()),
        **around, **standing,
    )  # fmt: skip


def key_of(row: QueueFigures) -> str:
    """What a form calls it."""
    return f"{row.name}/{row.connection}"


def acts_for(rows: Sequence[QueueFigures]) -> list[PickedAct]:
    """Those of which any of these rows takes."""
    rest = {"pause": any(not (row.paused or row.lane) for row in rows), "resume": any(row.paused and not row.lane for row in rows)}
    return [act for act in ACTS if rest[act.verb]]


def take_away() -> Response:
    """GET /export/queues: those that the filters name in the order of the table, as a file; `format` is `csv` or `json`. Raises InvalidFilter."""
    found = QUEUES.understand(request.args).of(state_of().stats.overview().queues)
    rows = order_of(request.args.get("sort", "")).sorted(found)
    return listing.taken("queues", CSV, [api_queues.queue(row) for row in rows])


def order_of(text: str) -> Order:
    """What `sort` asks for. Raises InvalidFilter for a column that is not there."""
    if not text:
        return BY_NAME
    key = text.removeprefix("-")
    if key not in BY_KEY:
        raise InvalidFilter(f"queues can be sorted by {', '.join(BY_KEY)}, with - before it for the highest first; got {text[:40]!r}")
    return Order(column=BY_KEY[key], down=text.startswith("-"))


def page_of(text: str) -> int:
    """The number of a page in an address. Raises InvalidFilter."""
    if not text:
        return 1
    number = typed.whole(text)
    if number is None or not 1 <= number <= MOST_PAGES:
        raise InvalidFilter(f"page is a whole number from 1, got {text[:40]!r}")
    return number
