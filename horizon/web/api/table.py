"""Every route of the API."""

from __future__ import annotations

from horizon.core.group import GroupKind
from horizon.security.permissions import Ability
from horizon.web.api import (
    alerts,
    audit,
    causes,
    control,
    dead,
    failures,
    find,
    groups,
    health,
    jobs,
    limits,
    me,
    metrics,
    monitoring,
    openapi,
    operations,
    queues,
    removed,
    rows,
    schedules,
    stacks,
    views,
    workers,
)
from horizon.web.api.route import Route


def _of_groups(kind: GroupKind, many: str) -> tuple[Route, ...]:
    """What there is for batches, chains and workflows alike."""
    rule = f"/api/{many}/<id>"
    return (
        Route(endpoint=f"api_{many}", rule=f"/api/{many}", view=groups.listed(kind)),
        Route(endpoint=f"api_{kind}", rule=rule, view=groups.shown(kind)),
        Route(
            endpoint=f"api_act_on_{many}",
            rule=f"/api/{many}/control",
            view=lambda: rows.on_groups(kind),
            methods=("POST",),
            ability=Ability.OPERATE,
        ),
        Route(
            endpoint=f"api_act_on_{kind}", rule=f"{rule}/control", view=groups.controlled(kind), methods=("POST",), ability=Ability.OPERATE
        ),
    )


ROUTES: tuple[Route, ...] = (
    Route(endpoint="api_healthz", rule="/healthz", view=health.healthz, open=True),
    Route(endpoint="api_readyz", rule="/readyz", view=health.readyz, open=True),
    Route(endpoint="api_jobs", rule="/api/jobs", view=jobs.list_jobs),
    Route(endpoint="api_new_job", rule="/api/jobs", view=jobs.new_job, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_dashboard", rule="/api/jobs/dashboard", view=jobs.dashboard),
    Route(endpoint="api_metrics", rule="/api/jobs/metrics", view=metrics.show_metrics),
    Route(endpoint="api_status", rule="/api/jobs/status", view=jobs.status),
    Route(endpoint="api_actions", rule="/api/jobs/control", view=control.list_actions),
    Route(endpoint="api_control", rule="/api/jobs/control", view=control.act, methods=("POST",)),
    Route(endpoint="api_preview", rule="/api/jobs/preview", view=control.show_preview, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_job", rule="/api/jobs/<id>", view=jobs.show_job),
    Route(endpoint="api_stack", rule="/api/jobs/<id>/stack", view=stacks.show_stack, ability=Ability.OPERATE),
    Route(endpoint="api_ask_stack", rule="/api/jobs/<id>/stack", view=stacks.ask_stack, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_reveal", rule="/api/jobs/<id>/reveal", view=jobs.reveal_job, methods=("POST",), ability=Ability.PAYLOADS),
    Route(endpoint="api_operations", rule="/api/operations", view=operations.list_operations),
    Route(endpoint="api_operation", rule="/api/operations/<id>", view=operations.show_operation),
    Route(
        endpoint="api_stop_operation",
        rule="/api/operations/<id>/stop",
        view=operations.stop_operation,
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Route(
        endpoint="api_undo_operation",
        rule="/api/operations/<id>/undo",
        view=operations.undo_operation,
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Route(endpoint="api_failures", rule="/api/failures", view=failures.list_failures),
    Route(endpoint="api_causes", rule="/api/causes", view=causes.list_causes),
    Route(endpoint="api_control_cause", rule="/api/causes/control", view=causes.control, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_cause", rule="/api/causes/<path:cause>", view=causes.show_cause),
    Route(endpoint="api_why", rule="/api/jobs/<id>/why", view=causes.show_why),
    Route(endpoint="api_dead", rule="/api/dead", view=dead.list_dead),
    Route(endpoint="api_control_dead", rule="/api/dead/control", view=dead.control, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_removed", rule="/api/removed", view=removed.list_removed),
    Route(endpoint="api_queues", rule="/api/queues", view=queues.list_queues),
    Route(endpoint="api_act_on_queues", rule="/api/queues/control", view=rows.on_queues, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_queue", rule="/api/queues/<name>", view=queues.show_queue),
    Route(endpoint="api_set_queue", rule="/api/queues/<name>/settings", view=queues.set_queue, methods=("POST",), ability=Ability.ADMIN),
    Route(endpoint="api_limits", rule="/api/limits", view=limits.list_limits),
    Route(endpoint="api_circuits", rule="/api/circuits", view=limits.list_circuits),
    Route(endpoint="api_control_circuit", rule="/api/circuits/control", view=limits.control, methods=("POST",), ability=Ability.OPERATE),
    *_of_groups(GroupKind.BATCH, "batches"),
    *_of_groups(GroupKind.CHAIN, "chains"),
    *_of_groups(GroupKind.WORKFLOW, "workflows"),
    Route(endpoint="api_chain_steps", rule="/api/chains/<id>/steps", view=groups.changed, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_schedules", rule="/api/schedules", view=schedules.list_schedules),
    Route(endpoint="api_new_schedule", rule="/api/schedules", view=schedules.new_schedule, methods=("POST",), ability=Ability.OPERATE),
    Route(
        endpoint="api_act_on_schedules", rule="/api/schedules/control", view=rows.on_schedules, methods=("POST",), ability=Ability.OPERATE
    ),
    Route(endpoint="api_schedule", rule="/api/schedules/<name>", view=schedules.show_schedule),
    Route(
        endpoint="api_set_schedule",
        rule="/api/schedules/<name>/settings",
        view=schedules.set_schedule,
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Route(
        endpoint="api_act_on_schedule",
        rule="/api/schedules/<name>/control",
        view=schedules.act,
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Route(endpoint="api_workers", rule="/api/workers", view=workers.list_workers),
    Route(endpoint="api_worker", rule="/api/workers/<id>", view=workers.show_worker),
    Route(endpoint="api_steer_workers", rule="/api/workers/control", view=workers.control, methods=("POST",), ability=Ability.ADMIN),
    Route(endpoint="api_alerts", rule="/api/alerts", view=alerts.list_alerts),
    Route(endpoint="api_control_alert", rule="/api/alerts/control", view=alerts.control, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_audit", rule="/api/audit", view=audit.list_entries),
    Route(endpoint="api_audit_chain", rule="/api/audit/chain", view=audit.show_chain),
    Route(endpoint="api_verify_audit", rule="/api/audit/verify", view=audit.verify, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_find", rule="/api/find", view=find.find),
    Route(endpoint="api_complete", rule="/api/complete", view=find.complete),
    Route(endpoint="api_views", rule="/api/views", view=views.list_views),
    Route(endpoint="api_control_views", rule="/api/views", view=views.control, methods=("POST",)),
    Route(endpoint="api_monitoring", rule="/api/monitoring", view=monitoring.list_watched),
    Route(endpoint="api_control_monitoring", rule="/api/monitoring", view=monitoring.control, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_me", rule="/api/me", view=me.show_me),
    Route(endpoint="api_openapi", rule="/api/openapi.json", view=openapi.shown(lambda: ROUTES)),
)
"""What a change asks for beyond VIEW, the control layer decides by the action."""
