"""What lists have in common: their addresses, their saved views, and how they are taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from horizon.core.errors import InvalidFilter
from horizon.web import export
from horizon.web.given import SAFE
from horizon.web.narrowing import Narrowing, RowFilter
from horizon.web.pages import frame, views
from horizon.web.search import Moment

R = TypeVar("R")
FORMATS = ("csv", "json")


def list_at(args: Mapping[str, Any]) -> str:
    """The address of this list with other parameters, on the same connection."""
    given = {**args, **({"connection": frame.connection()} if frame.connection() else {})}
    path = request.script_root + request.path
    return f"{path}?{urlencode(given, safe=SAFE)}" if given else path


def around() -> dict[str, Any]:
    """What every list needs: how its links are made, and the saved views of it."""
    return {"list_at": list_at, "list_path": request.script_root + request.path, **views.menu()}


def narrowed(how: Narrowing[R], rows: Sequence[R], moment: Moment | None = None) -> tuple[list[R], dict[str, Any]]:
    """(the rows that fit the address, what the page needs to show and to change the filter). A list with times needs the `moment`."""
    try:
        asked, wrong = how.understand(request.args, moment), ""
        fit = asked.of(rows)
    except InvalidFilter as error:
        asked, wrong, fit = RowFilter(given=how.typed(request.args), how=how), str(error), []
    tabs = asked.tabs(rows) if not wrong else RowFilter(how=how).tabs(rows)
    return fit, {**around(), "filter": asked, "tabs": tabs, "wrong": wrong, "ranged": how.when is not None, "status": 400 if wrong else 200}


def taken(name: str, columns: Sequence[str], rows: Iterable[export.Row]) -> Response:
    """A list as a file. Raises InvalidFilter."""
    return export.stream_csv(name, columns, rows) if format_of(request.args) == "csv" else export.stream_json(name, rows)


def format_of(args: Mapping[str, str]) -> str:
    """`csv` or `json`, as asked for. Raises InvalidFilter."""
    kind = args.get("format", "csv")
    if kind not in FORMATS:
        raise InvalidFilter(f"format is {' or '.join(FORMATS)}, got {kind[:40]!r}")
    return kind
