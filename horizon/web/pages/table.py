"""Every page and every form of the dashboard, one row each; a new page is a module here, a folder of templates, a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from flask import g, request
from werkzeug.wrappers import Response

from horizon.core.group import GroupKind
from horizon.security.permissions import Ability
from horizon.web import live, render
from horizon.web.auth import current_actor
from horizon.web.later import Later
from horizon.web.pages import frame
from horizon.web.state import state_of

View = Callable[..., Response]
pages = Later("horizon.web.pages")


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
    group: str = ""
    """The heading of the navigation below which it stands; rows of one group follow each other."""
    beneath: tuple[str, ...] = ()
    """Endpoints of pages that belong to it: the navigation marks it on them as well."""


def live_page(view: View, every: int) -> View:
    """A page that is asked again and again: it is answered with `nothing new` while the store did not change, and drawn
    anew at least every `every` seconds, for ages grow by themselves."""

    @wraps(view)
    def answer(**args: str) -> Response:
        g.horizon_pages = PAGES
        glance, state, actor, looks = frame.look(), state_of(), current_actor(), render.viewer()
        store = frame.store()
        version = store.version()
        about = (
            state.boot,
            request.full_path,
            actor.name,
            actor.role,
            sorted(actor.rights),
            looks.zone_name,
            looks.theme,
            looks.columns,
            looks.language.code,
        )
        if (nothing := render.unchanged(live.tag(version, store.now(), every, live.versions(glance), *about))) is not None:
            return nothing
        _, as_of = glance.figures()  # they may be a moment older than the page, which is then drawn once more
        render.tagged(live.tag(version, store.now(), every, as_of, *about), version)
        return view(**args)

    return answer


def still(view: View) -> View:
    """A page or form that is drawn whenever it is asked for."""

    @wraps(view)
    def answer(**args: str) -> Response:
        g.horizon_pages = PAGES
        g.pop("_horizon_glance", None)
        return view(**args)

    return answer


FLOWS, INSIGHT, SYSTEM = "Flows", "Insight", "System"
OF_JOBS = (
    "job",
    "job_edit",
    "job_duplicate",
    "job_reschedule",
    "job_move",
    "job_python",
    "job_curl",
    "job_reveal",
    "act_on_jobs",
    "compare",
    "new_job",
)
OF_FAILED = ("cause", "act_on_cause")
OF_SCHEDULES = ("schedule", "new_schedule", "schedule_edit", "schedule_remove", "act_on_schedule")
OF_QUEUES = ("queue", "queue_clear", "act_on_queue", "act_on_circuit")

PAGES: tuple[Row, ...] = (
    Row(rule="/", endpoint="overview", view=live_page(pages.overview.show, 10), title="Overview", icon="gauge", key="o"),
    Row(rule="/jobs", endpoint="jobs", view=live_page(pages.jobs.show, 60), title="Jobs", icon="list", key="j", beneath=OF_JOBS),
    Row(rule="/failed", endpoint="failed", view=live_page(pages.failed.show, 60), title="Failed", icon="alert", key="f", beneath=OF_FAILED),
    Row(
        rule="/queues", endpoint="queues", view=live_page(pages.queues.show, 10), title="Queues", icon="layers", key="q", beneath=OF_QUEUES
    ),
    Row(rule="/schedules/<name>", endpoint="schedule", view=live_page(pages.schedules.show_one, 10)),
    # not below /schedules, where one may have any name
    Row(
        rule="/new/schedule", endpoint="new_schedule", view=still(pages.schedule_form.new), methods=("GET", "POST"), ability=Ability.OPERATE
    ),
    Row(
        rule="/schedules/<name>/edit",
        endpoint="schedule_edit",
        view=still(pages.schedule_form.edit),
        methods=("GET", "POST"),
        ability=Ability.OPERATE,
    ),
    Row(rule="/schedules/<name>/remove", endpoint="schedule_remove", view=still(pages.schedules.ask_removal), ability=Ability.OPERATE),
    Row(
        rule="/schedules/act",
        endpoint="act_on_schedule",
        view=still(pages.schedule_acts.on_schedule),
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    # not below /queues, where a queue may have any name
    Row(rule="/failed/causes/<path:cause>", endpoint="cause", view=live_page(pages.causes.show_one, 60)),
    Row(rule="/causes/act", endpoint="act_on_cause", view=still(pages.cause_acts.on_cause), methods=("POST",), ability=Ability.OPERATE),
    Row(rule="/export/queues", endpoint="export_queues", view=still(pages.queues.take_away)),
    Row(rule="/queues/<name>", endpoint="queue", view=live_page(pages.queue.show, 10)),
    Row(rule="/queues/<name>/clear", endpoint="queue_clear", view=still(pages.queue.clear), ability=Ability.ADMIN),
    Row(
        rule="/batches",
        endpoint="batches",
        view=live_page(pages.groups.batches, 10),
        title="Batches",
        icon="package",
        key="h",
        group=FLOWS,
        beneath=("batch", "act_on_group"),
    ),
    Row(
        rule="/chains",
        endpoint="chains",
        view=live_page(pages.groups.chains, 10),
        title="Chains",
        icon="link",
        key="c",
        group=FLOWS,
        beneath=("chain",),
    ),
    Row(
        rule="/workflows",
        endpoint="workflows",
        view=live_page(pages.groups.workflows, 10),
        title="Workflows",
        icon="workflow",
        key="l",
        group=FLOWS,
        beneath=("workflow",),
    ),
    Row(
        rule="/schedules",
        endpoint="schedules",
        view=live_page(pages.schedules.show, 10),
        title="Schedules",
        icon="calendar",
        key="t",
        group=FLOWS,
        beneath=OF_SCHEDULES,
    ),
    Row(rule="/batches/<id>", endpoint="batch", view=live_page(pages.group.batch, 10)),
    Row(rule="/chains/<id>", endpoint="chain", view=live_page(pages.group.chain, 10)),
    Row(rule="/workflows/<id>", endpoint="workflow", view=live_page(pages.group.workflow, 10)),
    Row(rule="/chains/steps", endpoint="act_on_steps", view=still(pages.chain_steps.on_steps), methods=("POST",), ability=Ability.OPERATE),
    Row(rule="/groups/act", endpoint="act_on_group", view=still(pages.group_acts.on_group), methods=("POST",), ability=Ability.OPERATE),
    Row(
        rule="/metrics",
        endpoint="metrics",
        view=live_page(pages.metrics.show, 10),
        title="Metrics",
        icon="chart",
        key="e",
        group=INSIGHT,
        beneath=("metrics_job", "metrics_queue"),
    ),
    Row(rule="/metrics/jobs/<path:name>", endpoint="metrics_job", view=live_page(pages.metrics.of_class, 10)),
    Row(rule="/metrics/queues/<path:name>", endpoint="metrics_queue", view=live_page(pages.metrics.of_queue, 10)),
    Row(rule="/export/operations", endpoint="export_operations", view=still(pages.operations.take_away)),
    Row(rule="/export/removed", endpoint="export_removed", view=still(pages.export_more.removed)),
    Row(rule="/export/monitoring", endpoint="export_monitoring", view=still(pages.export_more.watched)),
    Row(rule="/export/workers", endpoint="export_workers", view=still(pages.worker_export.take_away)),
    Row(rule="/export/schedules", endpoint="export_schedules", view=still(pages.schedules.take_away)),
    Row(rule="/export/batches", endpoint="export_batches", view=still(lambda: pages.groups.exported(GroupKind.BATCH))),
    Row(rule="/export/chains", endpoint="export_chains", view=still(lambda: pages.groups.exported(GroupKind.CHAIN))),
    Row(rule="/export/workflows", endpoint="export_workflows", view=still(lambda: pages.groups.exported(GroupKind.WORKFLOW))),
    Row(rule="/export/metrics", endpoint="export_metrics", view=still(pages.metrics_export.take_away)),
    Row(rule="/export/chart", endpoint="export_chart", view=still(pages.metrics_export.chart)),
    Row(
        rule="/alerts",
        endpoint="alerts",
        view=live_page(pages.alerts.show, 10),
        title="Alerts",
        icon="bell",
        key="n",
        group=INSIGHT,
        beneath=("alert", "act_on_alert"),
    ),
    Row(rule="/export/alerts", endpoint="export_alerts", view=still(pages.export_more.alerts)),
    Row(rule="/alerts/<id>", endpoint="alert", view=still(pages.alerts.show_one)),
    Row(rule="/alerts/act", endpoint="act_on_alert", view=still(pages.alerts.act), methods=("POST",), ability=Ability.OPERATE),
    Row(
        rule="/monitoring",
        endpoint="monitoring",
        view=live_page(pages.monitoring.show, 10),
        title="Monitoring",
        icon="tag",
        key="m",
        group=INSIGHT,
        beneath=("tag_jobs",),
    ),
    Row(rule="/monitoring/jobs", endpoint="tag_jobs", view=live_page(pages.monitoring.of_tag, 60)),
    Row(rule="/monitoring/act", endpoint="act_on_tag", view=still(pages.monitoring.act), methods=("POST",), ability=Ability.OPERATE),
    Row(rule="/find", endpoint="find", view=still(pages.find.show)),
    Row(rule="/views", endpoint="views", view=live_page(pages.views.show, 60)),
    Row(rule="/new/view", endpoint="new_view", view=still(pages.views.ask)),
    Row(rule="/views/<id>", endpoint="view", view=still(pages.views.go)),
    Row(rule="/views/<id>/edit", endpoint="view_edit", view=still(pages.views.edit)),
    # own views are anybody's to keep; control asks for more where one is shared, or somebody else's
    Row(rule="/views/act", endpoint="act_on_view", view=still(pages.views.act), methods=("POST",)),
    Row(
        rule="/workers",
        endpoint="workers",
        view=live_page(pages.worker_list.show, 5),
        title="Workers",
        icon="cpu",
        key="w",
        group=SYSTEM,
        beneath=("worker", "act_on_worker", "scale_worker"),
    ),
    Row(rule="/workers/<id>", endpoint="worker", view=live_page(pages.worker_list.show_one, 5)),
    Row(rule="/workers/scale", endpoint="scale_worker", view=still(pages.worker_scale.on_size), methods=("POST",), ability=Ability.ADMIN),
    Row(rule="/workers/act", endpoint="act_on_worker", view=still(pages.worker_acts.on_worker), methods=("POST",), ability=Ability.ADMIN),
    Row(
        rule="/operations",
        endpoint="operations",
        view=live_page(pages.operations.show, 10),
        title="Bulk actions",
        icon="copies",
        key="b",
        group=SYSTEM,
        beneath=("operation",),
    ),
    Row(rule="/removed", endpoint="removed", view=live_page(pages.removed.show, 60), title="Removed", icon="undo", key="u", group=SYSTEM),
    Row(
        rule="/audit",
        endpoint="audit",
        view=live_page(pages.audit.show, 60),
        title="Audit",
        icon="audit",
        key="a",
        group=SYSTEM,
        beneath=("audit_entry",),
    ),
    Row(rule="/audit/export", endpoint="audit_export", view=still(pages.audit.take_away)),
    Row(rule="/audit/<int:number>", endpoint="audit_entry", view=still(pages.audit_acts.show_one)),
    Row(rule="/audit/check", endpoint="audit_check", view=still(pages.audit_acts.check), methods=("POST",), ability=Ability.OPERATE),
    Row(rule="/jobs/export", endpoint="export_jobs", view=still(pages.export_jobs.of_all)),
    Row(rule="/failed/export", endpoint="export_failed", view=still(pages.export_jobs.of_failed)),
    Row(rule="/new/job", endpoint="new_job", view=still(pages.job_new.new), methods=("GET", "POST"), ability=Ability.OPERATE),
    Row(rule="/jobs/compare", endpoint="compare", view=still(pages.job_compare.show)),
    Row(rule="/jobs/<id>", endpoint="job", view=live_page(pages.job.show, 60)),
    Row(rule="/jobs/<id>/stack", endpoint="job_stack", view=still(pages.job_running.ask_stack), methods=("POST",), ability=Ability.OPERATE),
    Row(rule="/jobs/<id>/log", endpoint="job_log", view=still(pages.job_log.as_text)),
    Row(rule="/jobs/<id>/traceback", endpoint="job_traceback", view=still(pages.job_log.traceback)),
    Row(
        rule="/jobs/<id>/reveal",
        endpoint="job_reveal",
        view=still(pages.job_reveal.reveal),
        methods=("POST",),
        ability=Ability.PAYLOADS,
    ),
    Row(rule="/jobs/<id>/python", endpoint="job_python", view=still(pages.job_copy.as_python)),
    Row(rule="/jobs/<id>/curl", endpoint="job_curl", view=still(pages.job_copy.as_curl)),
    Row(rule="/jobs/<id>/edit", endpoint="job_edit", view=still(pages.job_form.edit), methods=("GET", "POST"), ability=Ability.OPERATE),
    Row(
        rule="/jobs/<id>/duplicate",
        endpoint="job_duplicate",
        view=still(pages.job_form.duplicate),
        methods=("GET", "POST"),
        ability=Ability.OPERATE,
    ),
    Row(
        rule="/jobs/<id>/reschedule",
        endpoint="job_reschedule",
        view=still(pages.job_acts.reschedule),
        methods=("GET", "POST"),
        ability=Ability.OPERATE,
    ),
    Row(rule="/jobs/<id>/move", endpoint="job_move", view=still(pages.job_acts.move), methods=("GET", "POST"), ability=Ability.OPERATE),
    Row(rule="/api", endpoint="reference", view=still(pages.reference.show)),
    Row(rule="/help", endpoint="help", view=still(pages.look.keys)),
    Row(rule="/look", endpoint="look", view=still(pages.look.choose), methods=("POST",)),
    # the least ability that any act here takes; control asks for the one that this very act takes
    Row(rule="/jobs/act", endpoint="act_on_jobs", view=still(pages.acts.on_jobs), methods=("POST",)),
    Row(rule="/queues/act", endpoint="act_on_queue", view=still(pages.queue_acts.on_queue), methods=("POST",), ability=Ability.OPERATE),
    Row(
        rule="/circuits/act",
        endpoint="act_on_circuit",
        view=still(pages.circuit_acts.on_circuit),
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Row(rule="/operations/<id>", endpoint="operation", view=live_page(pages.operations.show_one, 10)),
    Row(
        rule="/operations/undo",
        endpoint="undo_operation",
        view=still(pages.acts.undo_operation),
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Row(
        rule="/operations/stop",
        endpoint="stop_operation",
        view=still(pages.acts.stop_operation),
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
)
