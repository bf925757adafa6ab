"""Every batch, every chain, every workflow: one list for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote, urlencode

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.core.errors import ComesLater, InvalidCursor, InvalidFilter
from horizon.core.group import GroupKind, GroupPage, GroupQuery, GroupRecord, GroupState
from horizon.jobs.groups.pushing import GATE
from horizon.web import live, render, sight
from horizon.web.draw.shares import shares
from horizon.web.pages import frame, jobs

ROWS = 25
"""On one page: it stays below 40 kB."""
MOST_NAME = 200
STATES = (GroupState.RUNNING, GroupState.COMPLETED, GroupState.FAILED, GroupState.CANCELLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """How the pages call one kind of group."""

    kind: GroupKind
    one: str
    """Its name, and the endpoint of its page."""
    many: str
    """The endpoint of its list."""
    icon: str
    members: str
    """What it consists of, one of them."""


BATCH = Kind(kind=GroupKind.BATCH, one="batch", many="batches", icon="package", members="job")
CHAIN = Kind(kind=GroupKind.CHAIN, one="chain", many="chains", icon="link", members="step")
WORKFLOW = Kind(kind=GroupKind.WORKFLOW, one="workflow", many="workflows", icon="workflow", members="step")
KINDS: Mapping[GroupKind, Kind] = {kind.kind: kind for kind in (BATCH, CHAIN, WORKFLOW)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """A query string, understood."""

    query: GroupQuery
    state: str = ""
    name: str = ""
    nested: bool = False

    def args(self, **changes: str | None) -> dict[str, str]:
        """Its parameters again, without the cursor, with some changed (None or empty: left out)."""
        given = {"state": self.state, "name": self.name, "nested": "1" if self.nested else "", **changes}
        return {key: value for key, value in given.items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.state or self.name)


def batches() -> Response:
    """GET /batches"""
    return _list(BATCH)


def chains() -> Response:
    """GET /chains"""
    return _list(CHAIN)


def workflows() -> Response:
    """GET /workflows"""
    return _list(WORKFLOW)


def _list(kind: Kind) -> Response:
    standing, store, wrong, rows, page, news = frame.standing(), frame.store(), "", list[GroupRecord](), GroupPage(items=()), 0
    try:
        asked = understand(request.args, kind)
        rows, page, news = _rows(store, asked.query)
        rows = sight.groups(rows)
    except (InvalidFilter, InvalidCursor) as error:
        asked = Filter(query=GroupQuery(kind=kind.kind), name=request.args.get("name", "")[:MOST_NAME], nested=True)
        wrong = str(error)
    packed = live.pack([row.id for row in rows])
    return render.page(
        "groups/page.html", at=store.now(), status=400 if wrong else 200, kind=kind, filter=asked, wrong=wrong, rows=rows, news=news,
        next=page.next, states=STATES, shares=shares, list_at=list_at,
        rows_tag=f"{packed}.{quote(page.next or '', safe='')}" if rows else "", **standing,
    )  # fmt: skip


def understand(args: Mapping[str, str], kind: Kind) -> Filter:
    """What `state`, `name`, `nested` and `cursor` mean. Raises InvalidFilter."""
    state, name, nested = args.get("state", ""), args.get("name", "").strip(), args.get("nested", "") == "1"
    if state and state not in {one.value for one in GroupState}:
        raise InvalidFilter(f"state is one of {', '.join(one.value for one in GroupState)}; got {state[:40]!r}")
    if len(name) > MOST_NAME:
        raise InvalidFilter(f"name has at most {MOST_NAME} characters, got {len(name):,}")
    query = GroupQuery(
        kind=kind.kind, state=GroupState(state) if state else None, name=name or None, top=not nested, cursor=args.get("cursor") or None,
        limit=ROWS,
    )  # fmt: skip
    return Filter(query=query, state=state, name=name, nested=nested)


def _rows(store: Backend, query: GroupQuery) -> tuple[list[GroupRecord], GroupPage, int]:
    """The groups of this page, those that are on it already where it asks for news; and how many are new."""
    try:
        page = store.groups.find(query)
    except ComesLater:
        return [], GroupPage(items=()), 0
    packed, _, cursor = request.headers.get(live.ROWS_HEADER, "").partition(".")
    known = live.unpack(packed)
    if not known:
        return [row for row in page.items if GATE not in row.options], page, 0
    kept = unquote(cursor) or None
    first = [row.id for row in page.items if GATE not in row.options]
    news = 0 if query.cursor else jobs.fresh(known, first, whole=not kept)
    return list(store.groups.many(known)), replace(page, next=kept), news


def list_at(args: Mapping[str, Any]) -> str:
    """The address of this list with other parameters, on the same connection."""
    given = {**args, **({"connection": frame.connection()} if frame.connection() else {})}
    path = request.script_root + request.path
    return f"{path}?{urlencode(given, safe=jobs.SAFE)}" if given else path
