"""Every batch, every chain, every workflow: one list for each kind, to be narrowed, taken away and acted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.core.errors import ComesLater, InvalidCursor, InvalidFilter
from horizon.core.group import MAX_LIMIT, GroupKind, GroupPage, GroupQuery, GroupRecord, GroupState
from horizon.jobs.groups.pushing import GATE
from horizon.jobs.groups.removed import all_without_removed
from horizon.web import export, group_filters, live, render, sight
from horizon.web.api import groups as api
from horizon.web.draw.shares import shares
from horizon.web.group_filters import GroupFilter
from horizon.web.pages import found, frame, jobs, listing
from horizon.web.pages.picking import PickedAct
from horizon.web.render import viewer

ROWS = 20
"""On one page: it stays below 40 kB."""
STATES = (GroupState.RUNNING, GroupState.COMPLETED, GroupState.FAILED, GroupState.CANCELLED)
COLUMNS = (
    "id", "kind", "name", "connection", "state", "progress", "total", "pending", "processing", "completed", "failed", "cancelled",
    "parent_id", "user", "tenant", "created_at", "finished_at", "reason", "failure",
)  # fmt: skip
"""Of a file."""


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


def _acts(kind: Kind) -> tuple[PickedAct, ...]:
    return (
        PickedAct(
            verb="retry", label="Retry failed", one=f"Retry what failed of 1 {kind.one}", many=f"Retry what failed of {{n}} {kind.many}"
        ),
        PickedAct(verb="cancel", label="Cancel", one=f"Cancel 1 {kind.one}", many=f"Cancel {{n}} {kind.many}", danger=True),
    )


ACTS: Mapping[GroupKind, tuple[PickedAct, ...]] = {kind.kind: _acts(kind) for kind in KINDS.values()}


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
    if (to := found.directly()) is not None:
        return redirect(to, 302)
    standing, store, wrong, rows, page, news = frame.standing(), frame.store(), "", list[GroupRecord](), GroupPage(items=()), 0
    try:
        asked = understand(request.args, kind)
        rows, page, news = _rows(store, asked.query)
        rows = sight.groups(all_without_removed(store, rows))
    except (InvalidFilter, InvalidCursor) as error:
        asked, wrong = group_filters.typed(request.args, kind.kind), str(error)
    packed = live.pack([row.id for row in rows])
    around: dict[str, Any] = {**listing.around(), **standing}
    return render.page(
        "groups/page.html", at=store.now(), status=400 if wrong else 200, kind=kind, filter=asked, wrong=wrong, rows=rows, news=news,
        page=page, next=page.next, states=STATES, shares=shares,
        acts=ACTS[kind.kind], whole=page.next is None and asked.query.cursor is None,
        rows_packed=packed, rows_tag=f"{packed}.{quote(page.next or '', safe='')}" if rows else "", **around,
    )  # fmt: skip


def understand(args: Mapping[str, str], kind: Kind) -> GroupFilter:
    """What the parameters of this page mean. Raises InvalidFilter."""
    return group_filters.understand(args, kind.kind, now=frame.store().now(), zone=viewer().zone, limit=ROWS)


def _rows(store: Backend, query: GroupQuery) -> tuple[list[GroupRecord], GroupPage, int]:
    """The groups of this page, those that are on it already where it asks for news; and how many are new."""
    try:
        page = store.groups.find(query)
    except ComesLater:
        return [], GroupPage(items=()), 0
    packed, _, cursor = request.headers.get(live.ROWS_HEADER, "").partition(".")
    known = live.unpack(packed)
    if not known:
        return shown(page.items), page, 0
    kept = unquote(cursor) or None
    news = 0 if query.cursor else jobs.fresh(known, [row.id for row in shown(page.items)], whole=not kept)
    return list(store.groups.many(known)), replace(page, next=kept), news


def shown(items: Sequence[GroupRecord]) -> list[GroupRecord]:
    """Without gates, at which long chains start: they are nobody's batches."""
    return [row for row in items if GATE not in row.options]


def exported(kind: GroupKind) -> Response:
    """GET /export/batches and its like: every one that the filters name, as a file; `format` is `csv` or `json`."""
    store, asked = frame.store(), understand(request.args, KINDS[kind]).query
    seen = sight.of("")

    def read(cursor: str | None) -> tuple[Sequence[GroupRecord], str | None]:
        page = store.groups.find(replace(asked, cursor=cursor, limit=MAX_LIMIT))
        return all_without_removed(store, shown(page.items)), page.next

    rows = (api.group(one, seen) for one in export.paged(read))
    return listing.taken(KINDS[kind].many, COLUMNS, rows)
