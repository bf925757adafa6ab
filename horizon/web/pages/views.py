"""Saved views: the page of all of them, the form that keeps one, and where each leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode

from flask import request, url_for
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.routing import BuildError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from horizon.control.views import (
    LONGEST_NAME,
    LONGEST_QUERY,
    PAGES,
    InvalidName,
    NameTaken,
    SavedView,
    ViewControl,
    check_query,
    may_change,
)
from horizon.core.errors import HorizonError, InvalidInput
from horizon.web import render
from horizon.web.pages import found, frame, noted
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of


def show() -> Response:
    """GET /views"""
    actor = frame.actor()
    kept = noted.views(frame.stores(), actor)
    rows = [(view, address(view), may_change(actor, view)) for view in kept or ()]
    return render.page("views/page.html", at=frame.stores().everywhere().now(), rows=rows, unknown=kept is None, **frame.standing())


def go(id: str) -> Response:
    """GET /views/ID: to what it shows. The address to send to a colleague."""
    return redirect(address(ViewControl(frame.stores()).get(frame.actor(), id)) or url_for("horizon.views"), 302)


def address(view: SavedView) -> str:
    """Where a view leads; empty where its page is not there."""
    try:
        return found.view_address(view)
    except BuildError:
        return ""


def ask() -> Response:
    """GET /new/view: under which name to keep what the address behind `page` shows."""
    page = request.args.get("page", "")
    if page not in PAGES:
        raise NoPage(f"a view is about one of the lists {', '.join(PAGES)}")
    query = check_query(urlencode([(key, value) for key, value in request.args.items() if key != "page"]))
    return _form(page, query, {"name": "", "shared": False, "pinned": True})


def edit(id: str) -> Response:
    """GET /views/ID/edit: another name, shared or not, pinned or not."""
    view = ViewControl(frame.stores()).get(frame.actor(), id)
    return _form(view.page, view.query, {"name": view.name, "shared": view.shared, "pinned": view.pinned}, view=view)


def _form(
    page: str, query: str, given: Mapping[str, object], *, view: SavedView | None = None, wrong: HorizonError | None = None
) -> Response:
    """The form of a view; with `wrong`, what was typed once more and what is wrong with it at its name."""
    taken = wrong.taken if isinstance(wrong, NameTaken) and view is None else None
    refused = wrong is not None and request.headers.get("HX-Request") != "true"  # htmx shows nothing that was refused
    return render.asked(
        "views/new.html", at=None, status=(409 if isinstance(wrong, NameTaken) else 422) if refused else 200, view=view, page=page, query=query,
        sought=" ".join(value for _, value in parse_qsl(query)), given=given, longest=LONGEST_NAME, wrong=str(wrong or ""),
        taken=taken if taken and taken.owner == frame.actor().name else None,
        **frame.standing(),
    )  # fmt: skip


def act() -> Response:
    """POST /views/act: `do` = save, replace:ID, change:ID, pin:ID, unpin:ID or remove:ID."""
    return answered(_act)


def _act() -> Response:
    verb, _, id = request.form.get("do", "").partition(":")
    if verb not in VERBS:
        raise InvalidInput(f"a view takes {', '.join(VERBS)}; got {verb[:40]!r}")
    control = ViewControl(frame.stores())
    try:
        toast, back = VERBS[verb](control, id)
    except (NameTaken, InvalidName) as wrong:
        return _again(control.get(frame.actor(), id) if verb == "change" else None, wrong)
    state_of().glances.afresh()  # what was kept is found at once, whoever types
    return render.acted(Toast(text=toast), render.safe_back(request.form.get("back"), back or url_for("horizon.views")))


def _again(view: SavedView | None, wrong: HorizonError) -> Response:
    """The form as it was filled in, of a new view or of this one, and what is wrong with the name."""
    page, query = (view.page, view.query) if view else (request.form.get("page", ""), check_query(request.form.get("query", "")))
    return _form(page, query, _said(), view=view, wrong=wrong)


def _said() -> dict[str, object]:
    form = request.form
    return {"name": form.get("name", ""), "shared": form.get("shared") == "1", "pinned": form.get("pinned") == "1"}


def _save(control: ViewControl, id: str) -> tuple[str, str]:
    form = request.form
    made = control.save(
        frame.actor(),
        form.get("name", ""),
        form.get("page", ""),
        form.get("query", ""),
        shared=form.get("shared") == "1",
        pinned=form.get("pinned") == "1",
    )
    return f"Saved the view {made.name}", address(made)


def _replace(control: ViewControl, id: str) -> tuple[str, str]:
    said = _said()
    made = control.replace(frame.actor(), id, request.form.get("query", ""), shared=bool(said["shared"]), pinned=bool(said["pinned"]))
    return f"Replaced the view {made.name}", address(made)


def _change(control: ViewControl, id: str) -> tuple[str, str]:
    return f"Changed the view {control.change(frame.actor(), id, _said()).name}", ""


def _pin(control: ViewControl, id: str) -> tuple[str, str]:
    return f"{control.change(frame.actor(), id, {'pinned': True}).name} stands above its list now", ""


def _unpin(control: ViewControl, id: str) -> tuple[str, str]:
    return f"{control.change(frame.actor(), id, {'pinned': False}).name} stands in the menu only", ""


def _remove(control: ViewControl, id: str) -> tuple[str, str]:
    return f"Removed the view {control.remove(frame.actor(), id).name}", ""


VERBS: Mapping[str, Callable[[ViewControl, str], tuple[str, str]]] = {
    "save": _save, "replace": _replace, "change": _change, "pin": _pin, "unpin": _unpin, "remove": _remove,
}  # fmt: skip


def menu() -> dict[str, object]:
    """What a list shows of the views about it; nothing where no view can be about it."""
    page = (request.endpoint or "").rpartition(".")[2]
    if page not in PAGES:
        return {}
    mine = noted.views(frame.stores(), frame.actor(), page)
    if mine is None:
        return {}
    here = check_query(request.query_string.decode("utf-8", "replace"), most=None)
    shown = [(view, address(view), view.query == here) for view in mine]
    return {"views": shown, "views_page": page, "views_here": here if len(here) <= LONGEST_QUERY else None}
