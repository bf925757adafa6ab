"""Alerts, told: their schemas, examples, and their rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.core.alert import STATES, Severity
from horizon.web.api.doc import rows
from horizon.web.api.doc.words import MOMENT, TEXT, WHOLE, Answer, Param, Schema, Told, either, obj, page_of, ref, said, words

ALERT = obj(
    {
        "id": said(TEXT, "short, and the same as long as it is about the same"),
        "key": said(TEXT, "what it is about, for programs"),
        "severity": words(*Severity),
        "state": words(*STATES),
        "title": TEXT,
        "text": said(TEXT, "what is wrong"),
        "todo": said(TEXT, "what to do about it"),
        "command": said(either(TEXT), "what to type for that"),
        "rule": said(either(TEXT), "what found it"),
        "subject": said(either(obj({"kind": TEXT, "name": TEXT})), "a queue, worker, store ...; null: everything"),
        "connection": either(TEXT),
        "figures": said({"type": "object", "additionalProperties": {"type": "string"}}, "what was measured"),
        "count": said(WHOLE, "how often it came up while it was active"),
        "first_at": MOMENT,
        "last_at": said(MOMENT, "when it was seen last; at most a minute old while it stands"),
        "acknowledged_at": either(MOMENT),
        "acknowledged_by": either(TEXT),
        "snoozed_until": either(MOMENT),
        "snoozed_by": either(TEXT),
        "note": said(either(TEXT), "what the last one who acted on it said"),
        "resolved_at": either(MOMENT),
        "resolved_by": said(either(TEXT), "null: its condition was gone"),
    }
)
COMPONENTS: dict[str, Schema] = {
    "Alert": ALERT,
    "Alerts": page_of(ref("Alert")),
    "ActOnAlert": obj(
        {
            "action": words("acknowledge", "snooze", "resolve"), "id": TEXT, "until": said(either(MOMENT), "of snooze: within 30 days"),
            "note": either(TEXT),
        },
        optional=("until", "note"), closed=True,
    ),
}  # fmt: skip
EXAMPLE: dict[str, Any] = {
    "id": "5b1f0c9a77e2", "key": "unserved default emails", "severity": "high", "state": "active", "title": "Nobody works on emails",
    "text": "Jobs wait there, and no worker that lives takes from it.", "todo": "Start a worker for it, or add it to the queues of one.",
    "command": "horizon work --queue emails", "rule": "unserved", "subject": {"kind": "queue", "name": "emails"}, "connection": "default",
    "figures": {"jobs waiting": "412"}, "count": 1, "first_at": "2026-11-22T14:03:02.000Z", "last_at": "2026-11-22T14:05:02.000Z",
    "acknowledged_at": None, "acknowledged_by": None, "snoozed_until": None, "snoozed_by": None, "note": None, "resolved_at": None,
    "resolved_by": None,
}  # fmt: skip
TAKEN: dict[str, Any] = {
    **EXAMPLE, "state": "acknowledged", "acknowledged_at": "2026-11-22T14:06:00.000Z", "acknowledged_by": "ana@example.com", "note": "I look",
}  # fmt: skip
PARAMS = (
    Param(name="state", schema=words("active", "past"), text="`past`: those that are over, for 30 days; left out: `active`."),
    Param(name="severity", schema=words(*Severity), text="Only of this one."),
    *rows.OF_ALERTS,
    Param(name="after", schema=TEXT, text="Only those that came up since then: `1h`, `14:03`, `yesterday`, `2026-11-22`."),
    Param(name="before", schema=TEXT, text="Only those that came up before."),
    Param(name="limit", schema={"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, text="How many at the most."),
)

TOLD: dict[str, Told] = {
    "api_alerts": Told(
        group="figures", summary="Alerts", params=PARAMS, errors=(400,), tagged=True,
        text="What is active, the gravest first: acknowledged and snoozed ones, too. What is wrong for `HORIZON_ALERT_AFTER` seconds becomes one.",
        answers={200: Answer(text="The alerts", schema="Alerts", example={"items": [EXAMPLE], "next": None, "total": 1, "total_at_least": 1})},
    ),
    "api_control_alert": Told(
        group="figures", summary="Acknowledge, snooze or resolve an alert", body="ActOnAlert", errors=(400, 404, 409, 413, 422),
        text="An alert that is resolved while its condition still holds comes up again.",
        examples={
            "somebody sees to it": {"action": "acknowledge", "id": EXAMPLE["id"], "note": "I look"},
            "not now": {"action": "snooze", "id": EXAMPLE["id"], "until": "2031-01-01T08:00:00Z"},
        },
        answers={200: Answer(text="How it stands now", schema="Alert", example=TAKEN)},
    ),
}  # fmt: skip
