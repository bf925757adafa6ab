"""One batch, chain or workflow: how far it is, what it consists of, what follows it, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.control.acting import backend_of
from horizon.control.groups import GroupControl
from horizon.core.clock import Micros
from horizon.core.envelope import On
from horizon.core.group import GroupKind, GroupRecord, Link
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.jobs import stored, unsealing
from horizon.jobs.groups.callbacks import TAG
from horizon.jobs.groups.removed import without_removed
from horizon.monitor.groups_graph import MOST_INNER, Graph, Step, graph, nested
from horizon.security.permissions import Ability
from horizon.web import render, sight
from horizon.web.draw import graph as drawing
from horizon.web.draw.shares import shares
from horizon.web.draw.tree import Node, tree
from horizon.web.pages import frame
from horizon.web.pages.groups import BATCH, CHAIN, KINDS, WORKFLOW, Kind
from horizon.web.state import state_of

MEMBERS = 10
"""Jobs of a batch on its page; the list of jobs has them all."""
SHORT = 8
"""Steps up to which a chain is drawn as well."""
LARGE = 200_000
"""Bytes of a result from which on it is not read for this page."""
ZOOMS = {"fit": "Whole", "half": "50 %", "": "100 %"}
EVENTS: Mapping[On, str] = {On.COMPLETED: "then", On.FAILED: "catch", On.ANY: "finally", On.PROGRESS: "progress"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Follower:
    """A job that waits or waited for the group."""

    event: str
    """`then`, `catch`, `finally`, `progress`; `next` for a step after it."""
    job: Record
    call: str
    """The function that it calls; empty where it is a job of its own."""


def batch(id: str) -> Response:
    """GET /batches/ID"""
    return _show(BATCH, id)


def chain(id: str) -> Response:
    """GET /chains/ID"""
    return _show(CHAIN, id)


def workflow(id: str) -> Response:
    """GET /workflows/ID"""
    return _show(WORKFLOW, id)


def _show(kind: Kind, id: str) -> Response:
    group = GroupControl(frame.stores()).get(id, kind.kind, frame.connection())
    store = backend_of(frame.stores(), group.connection)
    now, (group,) = store.now(), sight.groups([group])
    inside = _batch(store, group) if kind is BATCH else _steps(store, group)
    group = without_removed(store, group)
    return render.page(
        "group/page.html", at=now, kind=kind, kinds=KINDS, group=group, shares=shares(group), shares_of=shares, left=left(group, now),
        around=around(store, group), followers=followers(store, group), allows=allows(group), **inside, **frame.standing(),
    )  # fmt: skip


def _batch(store: Backend, group: GroupRecord) -> dict[str, Any]:
    own = store.find(JobQuery(group=group.id, limit=MEMBERS)).items
    inner = nested(store, group.id, MOST_INNER) if group.total > len(own) or not own else []
    return {"members": sight.records(own), "inner": inner}


def _steps(store: Backend, group: GroupRecord) -> dict[str, Any]:
    found = _as_seen(graph(store, group))
    drawn = group.kind is GroupKind.WORKFLOW or 1 < len(found.steps) <= SHORT
    zoom = request.args.get("zoom", "")
    handed = _handed(found) if group.kind is GroupKind.CHAIN else None
    return {
        "graph": found,
        "drawing": drawing.draw(found) if drawn and found.steps else None,
        "tree": drawing.tree(found) if group.kind is GroupKind.WORKFLOW else (),
        "icons": drawing.ICONS,
        "conditions": drawing.CONDITIONS,
        "zoom": zoom if zoom in ZOOMS else "",
        "zooms": ZOOMS,
        "broken": next((step for step in found.steps if step.state == "failed"), None),
        "behind": behind(found) if group.kind is GroupKind.CHAIN else (),
        "names": state_of().runtime.registry.names() if _grows(group) else (),
        "grows": _grows(group),
        "handed": handed,
        "result": _result(store, handed) if handed else None,
    }


def _grows(group: GroupRecord) -> bool:
    """Whether steps may be added by whoever looks."""
    return group.kind is GroupKind.CHAIN and not group.ended and not group.reason and frame.actor().can(Ability.OPERATE)


def behind(found: Graph) -> list[Step]:
    """The steps after which one can be put: those that did not break, and whose next one, where there is one, has not begun. Pure."""
    waits = {wait.parent for step in found.steps for wait in step.waits if step.state == "blocked"}
    return [step for step in found.steps if step.id in waits and step.state not in ("failed", "cancelled")]


def _as_seen(found: Graph) -> Graph:
    sees = sight.looker()
    return replace(found, steps=tuple(replace(step, job=step.job and sees(step.job.name).record(step.job)) for step in found.steps))


def _handed(found: Graph) -> Step | None:
    """The last step whose result the next one was given."""
    done = [step for step in found.steps if step.job is not None and step.state == "completed"]
    return done[-1] if done else None


def _result(store: Backend, step: Step) -> Node | None:
    record = store.get(step.id)
    if record is None or record.result is None:
        return None
    if unsealing.key_of(record) is not None:
        return Node(key=None, kind="hidden", text="encrypted; the page of the job says who may see it")
    if len(record.result) > LARGE:
        return Node(key=None, kind="hidden", text="too large to be shown here; see the page of the job")
    seen = sight.of(record.name)
    shown = seen.record(record).result
    return None if shown is None else tree(stored.result(shown), seen=seen)


def left(group: GroupRecord, now: Micros) -> Micros | None:
    """How long it will still take at its pace so far; None where nobody can know."""
    over, spent = group.total - group.unfinished, now - group.created_at
    if group.ended or not over or not group.unfinished or spent <= 0 or group.kind is not GroupKind.BATCH:
        return None
    return round(group.unfinished * spent / over)


def allows(group: GroupRecord) -> str:
    """How many failures it bears, in words."""
    if group.allow_all:
        return "any number"
    if isinstance(group.allow, float):
        return f"{group.allow * 100:g} % of its jobs"
    return f"{group.allow:,}" if group.allow else "none"


def around(store: Backend, group: GroupRecord, most: int = 8) -> list[GroupRecord]:
    """The groups that it is nested in, the outermost first."""
    found: list[GroupRecord] = []
    parent = group.parent
    while parent is not None and len(found) < most:
        outer = store.groups.get(parent)
        if outer is None:
            break
        found.insert(0, outer)
        parent = outer.parent
    return found


def followers(store: Backend, group: GroupRecord) -> list[Follower]:
    """What it calls, in the order in which it was pushed."""
    records = sight.records(store.groups.callbacks(group.id))[:MOST_INNER]
    links = store.groups.links(tuple(record.id for record in records)) if records else ()
    return [
        Follower(event=event_of(record, group.id, links), job=record, call=call_of(record)) for record in records if not announces(record)
    ]


def event_of(record: Record, group: str, links: Sequence[Link]) -> str:
    """When it is called."""
    if record.group is not None:
        return "next"
    on = next((link.on for link in links if link.job == record.id and link.parent == group), On.COMPLETED)
    return EVENTS[on]


def call_of(record: Record) -> str:
    """The function that a callback calls."""
    return next((tag.removeprefix(f"{TAG}:") for tag in record.tags if tag.startswith(f"{TAG}:")), "")


def announces(record: Record) -> bool:
    """Whether it only sends the signal that a group has ended."""
    return record.name.endswith(":Announce") and record.name.startswith("horizon.")
