"""Every page and every form of the dashboard, one row each; a new page is a module here, a folder of templates, a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from flask import g, request
from werkzeug.wrappers import Response

from horizon.security.permissions import Ability
from horizon.web import live, render
from horizon.web.auth import current_actor
from horizon.web.pages import acts, failed, frame, job, jobs, look, overview
from horizon.web.state import state_of

View = Callable[..., Response]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One address."""

    rule: str
    endpoint: str
    view: View
    methods: tuple[str, ...] = ("GET",)
    ability: Ability = Ability.VIEW
    title: str = ""
    """Its name in the navigation; empty: not there."""
    icon: str = ""
    key: str = ""
    """The letter that goes there, after `g`."""


def live_page(view: View, every: int) -> View:
    """A page that is asked again and again: it is answered with `nothing new` while the store did not change, and drawn
    anew at least every `every` seconds, for ages grow by themselves."""

    @wraps(view)
    def answer(**args: str) -> Response:
        g.horizon_pages = PAGES
        store, actor, looks = frame.store(), current_actor(), render.viewer()
        about = (state_of().boot, request.full_path, actor.name, actor.role, sorted(actor.rights), looks.zone_name, looks.theme)
        unchanged = render.unchanged(live.tag(store.version(), store.now(), every, *about))
        return unchanged or view(**args)

    return answer


def still(view: View) -> View:
    """A page or form that is drawn whenever it is asked for."""

    @wraps(view)
    def answer(**args: str) -> Response:
        g.horizon_pages = PAGES
        return view(**args)

    return answer


PAGES: tuple[Row, ...] = (
    Row(rule="/", endpoint="overview", view=live_page(overview.show, 10), title="Overview", icon="gauge", key="o"),
    Row(rule="/jobs", endpoint="jobs", view=live_page(jobs.show, 60), title="Jobs", icon="list", key="j"),
    Row(rule="/failed", endpoint="failed", view=live_page(failed.show, 60), title="Failed", icon="alert", key="f"),
    Row(rule="/jobs/<id>", endpoint="job", view=live_page(job.show, 60)),
    Row(rule="/help", endpoint="help", view=still(look.keys)),
    Row(rule="/look", endpoint="look", view=still(look.choose), methods=("POST",)),
    # the least ability that any act here takes; control asks for the one that this very act takes
    Row(rule="/jobs/act", endpoint="act_on_jobs", view=still(acts.on_jobs), methods=("POST",)),
    Row(rule="/queues/act", endpoint="act_on_queue", view=still(acts.on_queue), methods=("POST",), ability=Ability.OPERATE),
    Row(rule="/operations/stop", endpoint="stop_operation", view=still(acts.stop_operation), methods=("POST",), ability=Ability.OPERATE),
)
