"""GET /schedules?view=calendar: what comes in the next 24 hours, soonest first. Only what is on the page is worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from horizon.core.clock import HOUR, SECOND, Micros
from horizon.monitor import calendar
from horizon.monitor.schedules import Board, Row
from horizon.web import render, words
from horizon.web.draw import calendar as drawn
from horizon.web.pages import frame
from horizon.web.pages.queues import page_of
from horizon.web.render import viewer

ROWS = 30
"""Schedules on one page: it stays below 40 kB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """The next 24 hours of the schedules of one page."""

    rows: Sequence[drawn.Row]
    hours: Sequence[str]
    """What stands above each hour."""
    now: float
    """Where now is, from 0 to the width of the drawing."""
    until: Micros
    number: int
    last_page: int
    resting: int
    """Schedules that do not come at all: paused, or no longer in the code."""


def show(board: Board) -> Response:
    """The page."""
    now, standing = frame.stores().backend().now(), frame.standing()
    return render.page(
        "schedules/calendar.html", at=now, day=day(board.rows, now, page_of(request.args.get("page", ""))), total=len(board.rows), view="calendar",
        problems=board.problems, led=board.led, width=drawn.WIDTH, height=drawn.HEIGHT, **standing,
    )  # fmt: skip


def day(rows: Sequence[Row], now: Micros, number: int) -> Day:
    """What the page shows."""
    zone = viewer().zone
    offset = words.local(now, zone).utcoffset()
    start = calendar.start_of(now, round(offset.total_seconds()) * SECOND if offset else 0)
    coming = sorted((row for row in rows if not row.schedule.rests), key=lambda row: (row.schedule.next_at, row.schedule.name))
    last = max(1, -(-len(coming) // ROWS))
    number = min(number, last)
    shown = coming[(number - 1) * ROWS : number * ROWS]
    return Day(
        rows=[drawn.row(calendar.day(row.schedule, row.words, start, now), start, zone) for row in shown],
        hours=drawn.hours(start, zone),
        now=round((now - start) / HOUR * drawn.WIDTH / calendar.HOURS, 1),
        until=start + calendar.HOURS * HOUR,
        number=number,
        last_page=last,
        resting=len(rows) - len(coming),
    )
