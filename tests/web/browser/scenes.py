"""A stage with something on every page, and the addresses of all pages that renew themselves."""

from __future__ import annotations

from horizon.backends.values import ActParams, Verb
from horizon.core.audit import AuditEntry
from horizon.core.query import JobQuery, Selection
from tests.web.browser.conftest import quick
from tests.web.pages import flows
from tests.web.pages.kept import keep
from tests.web.pages.stage import NASTY, Stage
from tests.web.pages.warned import warn
from tests.web.sights import scheduled


def everything(scene: str = "plenty") -> Stage:
    """Jobs in every state, a worker that is gone, entries in the audit log, what can be restored, an act on many."""
    stage = quick(scene)
    stage.worker("gone", pid=9)
    stage.store.sessions.close("gone")
    stage.job = getattr(stage, "tried", "") or getattr(stage, "hurt", "") or stage.push()
    for text in NASTY.values() if scene == "nasty" else ("a reason", "another"):
        stage.store.audit.append(AuditEntry(actor="ana", verb="pause", target="queue:emails", detail=text, origin="cli"))
    stage.store.act(Selection(ids=(stage.done(), stage.done())), Verb.FORGET, ActParams(reason="a duplicate"))
    asked = [stage.store.operations.start(verb, JobQuery(queue="none"), {}, actor="ana") for verb in (Verb.RETRY, Verb.CANCEL)]
    stage.operation = asked[0].id
    stage.cause = next((cause.cause for cause in stage.store.causes(0)), "none")
    stage.flows = flows.all_sorts(
        stage, [text[:100].replace("\x00", "") for text in NASTY.values()][:3] if scene == "nasty" else flows.NAMES
    )
    scheduled(
        stage,
        tuple(text.replace("\x00", "") for text in NASTY.values()) if scene == "nasty" else ("the supplier asked for it", "a duplicate"),
    )
    keep(
        stage,
        tuple(NASTY.values()) if scene == "nasty" else ("order_confirmation", "catalogue"),
        tuple(NASTY.values()) if scene == "nasty" else ("Failed mails", "Slow ones"),
    )
    warn(
        stage,
        [text.replace("\x00", "") for text in NASTY.values()] if scene == "nasty" else ("Nobody works on reports", "A worker is silent"),
    )
    return stage


def live(stage: Stage) -> dict[str, str]:
    """Every page that asks for news."""
    return {
        "overview": "/", "jobs": "/jobs", "failed": "/failed", "causes": "/failed?view=causes", "cause": f"/failed/causes/{stage.cause}", "dead": "/failed?view=dead", "queues": "/queues",
        "queue": "/queues/emails", "workers": "/workers", "worker": "/workers/w1", "job": f"/jobs/{stage.job}", "audit": "/audit", "alerts": "/alerts",
        "metrics": "/metrics", "charts": "/metrics?view=charts", "class": "/metrics/jobs/shop.jobs:SendEmail", "removed": "/removed", "monitoring": "/monitoring", "tag": "/monitoring/jobs?tag=order_confirmation", "views": "/views", "operations": "/operations", "operation": f"/operations/{stage.operation}",
        "schedules": "/schedules", "calendar": "/schedules?view=calendar", "schedule": "/schedules/emails", "batches": "/batches", "chains": "/chains", "workflows": "/workflows",
        **{kind: f"/{kind}{'es' if kind == 'batch' else 's'}/{stage.flows[f'{kind}.id']}" for kind in ("batch", "chain", "workflow")},
    }  # fmt: skip
