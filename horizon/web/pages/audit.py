"""Who did what to what, when, and from where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from horizon.backends.audit import Audit
from horizon.control import audit as control
from horizon.core.audit import AuditEntry, AuditPage, AuditQuery
from horizon.core.errors import InvalidCursor, InvalidFilter
from horizon.web import audit, export, live, render
from horizon.web.audit import AuditFilter
from horizon.web.pages import frame, views
from horizon.web.render import viewer
from horizon.web.state import state_of

ROWS = 30
"""On one page: it stays below 40 kB."""
LABELS = {"actor": "by", "verb": "did", "q": "about", "after": "after", "before": "before"}


def show() -> Response:
    """GET /audit"""
    standing, log = frame.standing(), frame.store().audit
    actors, verbs = log.words()
    checks = control.states(frame.stores(), frame.connection())
    around: dict[str, Any] = {
        "checks": checks,
        "actors": actors,
        "verbs": verbs,
        "labels": LABELS,
        "link": link,
        "kept": state_of().settings.KEEP_AUDIT,
        **views.menu(),
        **standing,
    }
    try:
        asked = _asked()
    except (InvalidFilter, InvalidCursor) as error:
        typed = AuditFilter(query=AuditQuery(), given=audit.typed(request.args))
        return render.page("audit/page.html", at=standing["figures"].at, status=400, wrong=str(error), filter=typed, rows=(), **around)
    return render.page("audit/page.html", at=standing["figures"].at, wrong="", filter=asked, **_rows(log, asked.query), **around)


def take_away() -> Response:
    """GET /audit/export: every entry that the filters name, as a file; `format` is `csv` or `json`."""
    entries = audit.every(frame.store().audit, _asked().query)
    wanted = request.args.get("format", "csv")
    if wanted == "json":
        return export.stream_json("audit", entries)
    if wanted == "csv":
        return export.stream_csv("audit", audit.COLUMNS, entries)
    raise InvalidFilter(f"format is csv or json, got {wanted[:40]!r}")


def _asked() -> AuditFilter:
    return audit.understand(request.args, now=frame.store().now(), zone=viewer().zone, limit=ROWS)


def _rows(log: Audit, query: AuditQuery) -> dict[str, Any]:
    """The entries of this page, anchored to the newest that is on it already: what is newer is announced, not put in."""
    page, news = log.find(query), 0
    anchor = _anchor()
    if anchor is not None and query.cursor is None:
        news = sum((entry.seq or 0) > anchor for entry in page.items)
        page = log.find(replace(query, cursor=anchor + 1)) if news else page
    first = page.items[0].seq if page.items else None
    return {"rows": page.items, "page": page, "news": news, "many_news": news >= query.limit, "rows_tag": _tag(page, first)}


def _anchor() -> int | None:
    """The number of the newest entry on the page that asks for news."""
    given = request.headers.get(live.ROWS_HEADER, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _tag(page: AuditPage, first: int | None) -> str:
    return "" if first is None else str(first)


def link(entry: AuditEntry, connection: str | None) -> str:
    """The address of what an entry is about, empty where there is none."""
    kind, name = audit.about(entry)
    if kind == "queue" and "horizon.queue" not in current_app.view_functions:
        return url_for("horizon.jobs", queue=name, connection=connection)
    if not kind or f"horizon.{kind}" not in current_app.view_functions:
        return ""
    values: dict[str, Any] = {"name" if kind in ("queue", "schedule") else "id": name, "connection": connection}
    return url_for(f"horizon.{kind}", **values)
