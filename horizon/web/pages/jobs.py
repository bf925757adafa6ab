"""The list of jobs, for every state, with its search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.core.errors import InvalidCursor, InvalidFilter
from horizon.core.query import JobQuery, Page
from horizon.core.states import JobState
from horizon.web import filters, live, render, search, sight
from horizon.web.pages import buttons, columns, found, frame, listing, peek, running_rows
from horizon.web.render import viewer


def show() -> Response:
    """GET /jobs"""
    if (to := found.directly()) is not None:
        return redirect(to, 302)
    standing = frame.standing()
    listing = read_list(frame.store(), ())
    tabs = filters.tabs(standing["counts"])
    return render.page("jobs/page.html", tabs=tabs, **listing, **standing)


def read_list(store: Backend, fixed: tuple[JobState, ...]) -> dict[str, Any]:
    """The rows that the address asks for, anchored to those already on the page; or what is wrong with the question.

    `fixed` states hold whatever the address says.
    """
    now, looks = store.now(), viewer()
    shown_columns = columns.chosen(looks)
    rows_usual = columns.rows(shown_columns)
    shown = {
        **listing.around(),
        "at": now,
        "columns": shown_columns,
        "rows_usual": rows_usual,
        "every_column": columns.COLUMNS,
        "buttons": buttons,
        "wrong": "",
        "status": 200,
    }
    try:
        asked = filters.understand(request.args, now=now, zone=looks.zone, limit=rows_usual)
        query = replace(asked.query, states=fixed or asked.query.states)
        page = store.find(query)
    except (InvalidFilter, InvalidCursor) as error:
        return {**shown, **_not_understood(str(error), fixed)}
    known, kept_next = _on_page()
    rows = sight.records(store.many(known) if known else running_rows.longest_first(page.items, query.states))
    next_cursor = kept_next if known else page.next
    packed = live.pack([record.id for record in rows])
    return {
        **shown,
        "rows": rows,
        "paces": running_rows.paces(rows, now),
        "peeks": peek.opened(store),
        "news": 0 if query.cursor or not known else fresh(known, [record.id for record in page.items], whole=not kept_next),
        "next": next_cursor,
        "page": page,
        "filter": asked,
        "bulk": buttons.of_many(query.states, frame.actor(), forgotten=any(record.forgotten for record in rows)),
        "match": match_of(query),
        "rows_packed": packed,
        "rows_tag": f".{quote(next_cursor or '', safe='')}" if rows else "",  # the ids stand in the form, once
    }


def _not_understood(why: str, fixed: tuple[JobState, ...]) -> dict[str, Any]:
    """The list of a question that means nothing, with what was typed, so that it can be mended; what is too long is cut."""
    typed = request.args.get("q", "")
    asked = filters.Filter(query=JobQuery(states=fixed), text=typed[: search.MAX_TEXT], state=request.args.get("state", "")[:40])
    too_long = (
        {"here": request.script_root + request.path} if len(request.full_path) > 2 * search.MAX_TEXT or len(typed) > search.MAX_TEXT else {}
    )
    empty: dict[str, Any] = {
        "rows": [],
        "rows_packed": "",
        "peeks": {},
        "news": 0,
        "next": None,
        "page": Page(items=[]),
        "bulk": [],
        "rows_tag": "",
    }
    return {**empty, **too_long, "wrong": why, "status": 400, "filter": asked, "match": ""}


def _on_page() -> tuple[list[str], str | None]:
    """(ids, cursor of the next page) of the list that asks for news; nothing for a list that is drawn for the first time."""
    packed, _, cursor = request.headers.get(live.ROWS_HEADER, "").partition(".")
    return live.unpack(packed), unquote(cursor) or None


def fresh(known: list[str], first: list[str], *, whole: bool) -> int:
    """How many rows would come in if the list were drawn anew: above those on the page or between them, and below them
    where the page held the `whole` list. What only moves up from the next page is not new."""
    on_page = set(known)
    end = len(first) if whole else max((index + 1 for index, id in enumerate(first) if id in on_page), default=len(first))
    return sum(id not in on_page for id in first[:end])


def match_of(query: JobQuery) -> str:
    """The search text that means every job of this list; empty where that would be every job there is."""
    return filters.text_of(replace(query, cursor=None))
