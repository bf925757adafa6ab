"""Every route of the API."""

from __future__ import annotations

from horizon.core.group import GroupKind
from horizon.security.permissions import Ability
from horizon.web.api.route import Route
from horizon.web.later import Later

api = Later("horizon.web.api")


def _of_groups(kind: GroupKind, many: str) -> tuple[Route, ...]:
    """What there is for batches, chains and workflows alike."""
    rule = f"/api/{many}/<id>"
    return (
        Route(endpoint=f"api_{many}", rule=f"/api/{many}", view=lambda: api.groups.listed(kind)),
        Route(endpoint=f"api_{kind}", rule=rule, view=lambda id: api.groups.shown(kind, id)),
        Route(
            endpoint=f"api_act_on_{many}",
            rule=f"/api/{many}/control",
            view=lambda: api.rows.on_groups(kind),
            methods=("POST",),
            ability=Ability.OPERATE,
        ),
        Route(
            endpoint=f"api_act_on_{kind}",
            rule=f"{rule}/control",
            view=lambda id: api.groups.controlled(kind, id),
            methods=("POST",),
            ability=Ability.OPERATE,
        ),
    )


ROUTES: tuple[Route, ...] = (
    Route(endpoint="api_healthz", rule="/healthz", view=api.health.healthz, open=True),
    Route(endpoint="api_readyz", rule="/readyz", view=api.health.readyz, open=True),
    Route(endpoint="api_jobs", rule="/api/jobs", view=api.jobs.list_jobs),
    Route(endpoint="api_new_job", rule="/api/jobs", view=api.jobs.new_job, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_dashboard", rule="/api/jobs/dashboard", view=api.jobs.dashboard),
    Route(endpoint="api_metrics", rule="/api/jobs/metrics", view=api.metrics.show_metrics),
    Route(endpoint="api_status", rule="/api/jobs/status", view=api.jobs.status),
    Route(endpoint="api_actions", rule="/api/jobs/control", view=api.control.list_actions),
    Route(endpoint="api_control", rule="/api/jobs/control", view=api.control.act, methods=("POST",)),
    Route(endpoint="api_preview", rule="/api/jobs/preview", view=api.control.show_preview, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_job", rule="/api/jobs/<id>", view=api.jobs.show_job),
    Route(endpoint="api_stack", rule="/api/jobs/<id>/stack", view=api.stacks.show_stack, ability=Ability.OPERATE),
    Route(endpoint="api_ask_stack", rule="/api/jobs/<id>/stack", view=api.stacks.ask_stack, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_reveal", rule="/api/jobs/<id>/reveal", view=api.jobs.reveal_job, methods=("POST",), ability=Ability.PAYLOADS),
    Route(endpoint="api_operations", rule="/api/operations", view=api.operations.list_operations),
    Route(endpoint="api_operation", rule="/api/operations/<id>", view=api.operations.show_operation),
    Route(
        endpoint="api_stop_operation",
        rule="/api/operations/<id>/stop",
        view=api.operations.stop_operation,
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Route(
        endpoint="api_undo_operation",
        rule="/api/operations/<id>/undo",
        view=api.operations.undo_operation,
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Route(endpoint="api_failures", rule="/api/failures", view=api.failures.list_failures),
    Route(endpoint="api_causes", rule="/api/causes", view=api.causes.list_causes),
    Route(endpoint="api_control_cause", rule="/api/causes/control", view=api.causes.control, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_cause", rule="/api/causes/<path:cause>", view=api.causes.show_cause),
    Route(endpoint="api_why", rule="/api/jobs/<id>/why", view=api.causes.show_why),
    Route(endpoint="api_dead", rule="/api/dead", view=api.dead.list_dead),
    Route(endpoint="api_control_dead", rule="/api/dead/control", view=api.dead.control, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_removed", rule="/api/removed", view=api.removed.list_removed),
    Route(endpoint="api_queues", rule="/api/queues", view=api.queues.list_queues),
    Route(endpoint="api_act_on_queues", rule="/api/queues/control", view=api.rows.on_queues, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_queue", rule="/api/queues/<name>", view=api.queues.show_queue),
    Route(
        endpoint="api_set_queue", rule="/api/queues/<name>/settings", view=api.queues.set_queue, methods=("POST",), ability=Ability.ADMIN
    ),
    Route(endpoint="api_limits", rule="/api/limits", view=api.limits.list_limits),
    Route(endpoint="api_circuits", rule="/api/circuits", view=api.limits.list_circuits),
    Route(
        endpoint="api_control_circuit", rule="/api/circuits/control", view=api.limits.control, methods=("POST",), ability=Ability.OPERATE
    ),
    *_of_groups(GroupKind.BATCH, "batches"),
    *_of_groups(GroupKind.CHAIN, "chains"),
    *_of_groups(GroupKind.WORKFLOW, "workflows"),
    Route(endpoint="api_chain_steps", rule="/api/chains/<id>/steps", view=api.groups.changed, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_schedules", rule="/api/schedules", view=api.schedules.list_schedules),
    Route(endpoint="api_new_schedule", rule="/api/schedules", view=api.schedules.new_schedule, methods=("POST",), ability=Ability.OPERATE),
    Route(
        endpoint="api_act_on_schedules",
        rule="/api/schedules/control",
        view=api.rows.on_schedules,
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Route(endpoint="api_schedule", rule="/api/schedules/<name>", view=api.schedules.show_schedule),
    Route(
        endpoint="api_set_schedule",
        rule="/api/schedules/<name>/settings",
        view=api.schedules.set_schedule,
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Route(
        endpoint="api_act_on_schedule",
        rule="/api/schedules/<name>/control",
        view=api.schedules.act,
        methods=("POST",),
        ability=Ability.OPERATE,
    ),
    Route(endpoint="api_workers", rule="/api/workers", view=api.workers.list_workers),
    Route(endpoint="api_worker", rule="/api/workers/<id>", view=api.workers.show_worker),
    Route(endpoint="api_steer_workers", rule="/api/workers/control", view=api.workers.control, methods=("POST",), ability=Ability.ADMIN),
    Route(endpoint="api_alerts", rule="/api/alerts", view=api.alerts.list_alerts),
    Route(endpoint="api_control_alert", rule="/api/alerts/control", view=api.alerts.control, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_audit", rule="/api/audit", view=api.audit.list_entries),
    Route(endpoint="api_audit_chain", rule="/api/audit/chain", view=api.audit.show_chain),
    Route(endpoint="api_verify_audit", rule="/api/audit/verify", view=api.audit.verify, methods=("POST",), ability=Ability.OPERATE),
    Route(endpoint="api_find", rule="/api/find", view=api.find.find),
    Route(endpoint="api_complete", rule="/api/complete", view=api.find.complete),
    Route(endpoint="api_views", rule="/api/views", view=api.views.list_views),
    Route(endpoint="api_control_views", rule="/api/views", view=api.views.control, methods=("POST",)),
    Route(endpoint="api_monitoring", rule="/api/monitoring", view=api.monitoring.list_watched),
    Route(
        endpoint="api_control_monitoring", rule="/api/monitoring", view=api.monitoring.control, methods=("POST",), ability=Ability.OPERATE
    ),
    Route(endpoint="api_me", rule="/api/me", view=api.me.show_me),
    Route(endpoint="api_openapi", rule="/api/openapi.json", view=lambda: api.openapi.shown(ROUTES)),
)
"""What a change asks for beyond VIEW, the control layer decides by the action."""
