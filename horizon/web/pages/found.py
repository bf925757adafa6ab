"""What finding asks of this request: the words of its stores, and where each thing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for

from horizon.backends.base import Backend
from horizon.control.views import SavedView
from horizon.security.payloads import may_see_payloads
from horizon.web import completing, finding, lexicon
from horizon.web.auth import current_actor
from horizon.web.completing import Suggestion
from horizon.web.finding import Thing
from horizon.web.glance import Glance
from horizon.web.pages import frame, noted
from horizon.web.search import Term
from horizon.web.state import state_of

RECENT = 12
"""Addresses that a browser says it went to lately."""
ICONS = {
    "job": "list", "queue": "layers", "class": "code", "tag": "tag", "view": "bookmark", "batch": "package", "chain": "link",
    "workflow": "workflow", "schedule": "calendar", "search": "search",
}  # fmt: skip
OTHER_PAGES = (("views", "Saved views"), ("help", "Keys and search"), ("reference", "API"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A thing, and how to go there."""

    thing: Thing
    href: str
    icon: str


def glance() -> Glance:
    """A look at the stores that everybody shares who types at about the same moment."""
    connection = frame.connection()
    frame.store()  # for the NotFound of a connection that does not exist
    return state_of().glances.shared(connection, 0)


def complete(text: str, caret: int) -> list[Suggestion]:
    """What a half-typed search could become."""
    known = lexicon.read(glance(), frame.connection())
    return completing.complete(text, caret, known, sees_data=may_see_payloads(current_actor()))


def find(typed: str, recent: Sequence[str] = ()) -> list[Found]:
    """What fits, where it is; with a text, the search for it comes last."""
    shared = glance()
    store = shared.backend(frame.connection()) if frame.connection() else shared.everywhere()
    ids = finding.ids_in(typed[: finding.LONGEST])
    exact = finding.by_id(ids, store)
    fit = [] if exact else _fit(typed, shared, store, recent)
    rest = [Thing(kind="search", key=typed.strip(), label=typed.strip(), hint="search all jobs for it")] if typed.strip() else []
    return [placed(one) for one in [*exact, *fit, *rest]]


def views_of_lately(recent: Sequence[str]) -> list[Found]:
    """Saved views at these addresses that can still be opened, in their order."""
    views = noted.views(glance(), current_actor()) or () if recent else ()
    at = {one.href: one for one in map(placed, finding.places((), views))}
    return [at[href] for href in dict.fromkeys(recent) if href in at]


def _fit(typed: str, shared: Glance, store: Backend, recent: Sequence[str]) -> list[Thing]:
    views = noted.views(shared, current_actor()) or ()
    if not (typed.strip() or recent):
        return finding.find(typed, finding.places(pages(), views))
    known = lexicon.read(shared, frame.connection())
    every = finding.things(typed, finding.places(pages(), views), known, finding.latest_flows(store), _schedules(shared))
    if not typed.strip():
        every = [*every, *finding.by_id(finding.ids_in(" ".join(recent)), store)]
    at = {placed(one).href: (one.kind, one.key) for one in every} if recent else {}
    return finding.find(typed, every, [at[href] for href in recent[:RECENT] if href in at])


def _schedules(shared: Glance) -> list[str]:
    return sorted({*noted.schedules(shared), *state_of().runtime.schedules.all()})


def pages() -> list[Thing]:
    """The pages of the navigation, and those that are reached from others."""
    named = [Thing(kind="page", key=row.endpoint, label=row.title, hint="page") for row in _table() if row.title]
    return [*named, *(Thing(kind="page", key=key, label=label, hint="page") for key, label in OTHER_PAGES)]


def _table() -> Sequence[Any]:
    """The rows of the table of pages."""
    rows: Sequence[Any] = g.horizon_pages
    return rows


def placed(one: Thing) -> Found:
    """Where it is."""
    on = frame.connection()
    icon = ICONS.get(one.kind) or next((row.icon for row in _table() if row.endpoint == one.key and row.icon), "right")
    if one.kind == "page":
        return Found(thing=one, href=url_for(f"horizon.{one.key}"), icon=icon)
    if one.kind in ("class", "tag"):
        return Found(thing=one, href=url_for("horizon.jobs", q=Term(key=one.kind, value=one.key).spelt(), connection=on), icon=icon)
    if one.kind == "search":
        return Found(thing=one, href=url_for("horizon.jobs", q=one.key, connection=on), icon=icon)
    if one.kind == "view":
        return Found(thing=one, href=url_for("horizon.view", id=one.key), icon=icon)
    named: dict[str, Any] = {"name" if one.kind in ("queue", "schedule") else "id": one.key}
    return Found(thing=one, href=url_for(f"horizon.{one.kind}", connection=on, **named), icon=icon)


def direct(typed: str, store: Backend) -> str | None:
    """Where a search leads that is nothing but one id: to what has it. None for every other search."""
    ids = finding.ids_in(typed)
    bare = typed.strip().strip('"').removeprefix("id:").strip('"').lower()
    if len(ids) != 1 or bare != ids[0]:
        return None
    exact = finding.by_id(ids, store)
    return placed(exact[0]).href if exact else None


def directly() -> str | None:
    """Where the search of this address leads that is nothing but one id, typed or pasted into the box; None where it is more."""
    alone = {key for key, value in request.args.items() if value} <= {"q", "connection"}
    if not alone or request.headers.get("HX-Request") == "true":
        return None
    return direct(request.args.get("q", ""), frame.store())


def view_address(view: SavedView) -> str:
    """Where a saved view leads."""
    args: dict[str, Any] = view.args()
    return url_for(f"horizon.{view.page}", **args)


def asked() -> tuple[str, list[str]]:
    """(what was typed, where the browser was lately) of this request."""
    return request.args.get("q", "")[: finding.LONGEST], request.args.getlist("recent")[:RECENT]
