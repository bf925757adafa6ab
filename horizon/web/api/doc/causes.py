"""Causes of failure and the reasons of a job, told: their schemas, examples, and their rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.web.api.doc import examples as ex
from horizon.web.api.doc.words import COUNT, MOMENT, TEXT, TRUTH, Answer, Param, Schema, Told, either, many, obj, page_of, ref, said, words

COUNTS: Schema = {"type": "object", "additionalProperties": {"type": "integer"}}
STATES = ("new", "ongoing", "regressed", "resolved", "snoozed", "muted")
ACTIONS = ("resolve", "snooze", "mute", "reopen")
TRIAGED: dict[str, Schema] = {
    "cause": said(TEXT, "the fingerprint: exception, place, kind of message; `cause` in the search finds its jobs"),
    "type": TEXT,
    "message": said(TEXT, "of the latest"),
    "name": said(TEXT, "the class of the latest"),
    "count": said(COUNT, "failed jobs of the time looked at, among the latest 5,000 of all"),
    "total": said(COUNT, "jobs that stand failed with it, however old"),
    "total_is_more": said(TRUTH, "counting stopped there"),
    "first_at": MOMENT,
    "last_at": MOMENT,
    "suggestion": said(TEXT, "where to begin; empty where the exception does not tell"),
    "state": words(*STATES),
    "trend": said(many(COUNT), "failures in equal spans of the time looked at, oldest first"),
    "classes": said(COUNTS, "by name, how many failures"),
    "queues": COUNTS,
    "hosts": COUNTS,
    "versions": COUNTS,
    "said": said(many(ref("SaidOfCause")), "what people said of it, the latest first"),
}
COMPONENTS: dict[str, Schema] = {
    "TriagedCause": obj(TRIAGED),
    "Causes": page_of(ref("TriagedCause")),
    "CauseInFull": obj(
        {
            **TRIAGED,
            "began_in": said(either(TEXT), "the code version of the first job that stands failed with it"),
            "seen_again_in": said(either(TEXT), "of what has regressed, the code version of the latest failure"),
            "alike": said(many(obj({"what": TEXT, "value": TEXT})), "what its latest 100 failures have in common"),
            "jobs": said(many(TEXT), "ids of the latest"),
        }
    ),
    "SaidOfCause": obj(
        {
            "action": words(*ACTIONS), "at": MOMENT, "by": TEXT, "note": TEXT, "until": either(MOMENT),
            "more": said(either(COUNT), "of a snooze: it is over when it has happened so many times more"),
        }
    ),
    "ActOnCause": obj(
        {
            "action": words(*ACTIONS),
            "cause": said({"type": "string", "minLength": 1, "maxLength": 200}, "the fingerprint"),
            "note": said(either({"type": "string"}), "what was found or done; kept with it, its first 500 characters"),
            "until": said(either(MOMENT), "snooze takes this or `more`, or both: then what comes first ends it"),
            "more": either({"type": "integer", "minimum": 1, "maximum": 40_000}),
        },
        optional=("note", "until", "more"), closed=True,
    ),
    "CauseSaid": obj({"cause": TEXT, "said": many(ref("SaidOfCause"))}),
    "Why": obj({"id": TEXT, "state": TEXT, "points": many(ref("Reason"))}),
    "Reason": obj(
        {
            "key": TEXT,
            "mark": words("ok", "waits", "wrong", "unknown"),
            "text": TEXT,
            "at": said(either(MOMENT), "the moment that the text speaks of"),
            "about": either(obj({"kind": TEXT, "name": TEXT})),
            "command": said(either(TEXT), "what to type"),
        }
    ),
}  # fmt: skip
SAID: dict[str, Any] = {
    "action": "resolve",
    "at": "2026-11-22T14:10:00.000Z",
    "by": "ana",
    "note": "mended in b7e0d11",
    "until": None,
    "more": None,
}
CAUSE: dict[str, Any] = {
    **ex.CAUSE, "cause": "smtplib.SMTPServerDisconnected shop/mail.py:send 3f1c9a0b", "total": 14, "total_is_more": False, "state": "resolved", "trend": [0, 2, 12],
    "classes": {"send-email": 14}, "queues": {"emails": 14}, "hosts": {"web-2": 14}, "versions": {"a41f9c2": 14}, "said": [SAID],
}  # fmt: skip
WHY: dict[str, Any] = {
    "id": ex.ID, "state": "pending",
    "points": [
        {"key": "paused", "mark": "waits", "text": "Its queue emails was paused by ana until somebody resumes it.", "at": None, "about": {"kind": "queue", "name": "emails"}, "command": None},
    ],
}  # fmt: skip
P_CONNECTION = Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`; left out: all of them.")

TOLD: dict[str, Told] = {
    "api_causes": Told(
        group="jobs", summary="Why jobs fail, and what people made of it", errors=(400, 404), tagged=True,
        text="Failures of one origin as one row: among the latest 5,000 of that time.",
        params=(
            Param(name="state", schema=words(*STATES), text="Only causes that stand so; left out: all."),
            Param(name="sort", schema=words("count", "last", "first"), text="The most frequent first, the latest first, or those that began last."),
            Param(name="after", schema=words("1h", "24h", "7d", "30d"), text="How far back; left out: 30 days."),
            P_CONNECTION,
        ),
        answers={200: Answer(text="The causes", schema="Causes", example={"items": [CAUSE], "next": None, "total": 1, "total_at_least": 1})},
    ),
    "api_cause": Told(
        group="jobs", summary="One cause", errors=(404,), tagged=True, params=(P_CONNECTION,),
        text="With the version in which it began, what its failures have in common, and its latest jobs.",
        answers={200: Answer(text="The cause", schema="CauseInFull", example={**CAUSE, "began_in": "a41f9c2", "seen_again_in": None, "alike": [{"what": "host", "value": "web-2"}], "jobs": [ex.ID]})},
    ),
    "api_control_cause": Told(
        group="acts", summary="Say what you make of a cause", body="ActOnCause", errors=(400, 404, 409, 413, 422),
        text="`resolve`: it is put right, and has regressed should it come again. `snooze`: it may wait. `mute`: it is of no interest. `reopen`: "
        "none of that. What is resolved, snoozed or muted turns nothing red.",
        examples={
            "it is mended": {"action": "resolve", "cause": CAUSE["cause"], "note": "mended in b7e0d11"},
            "until it happens again and again": {"action": "snooze", "cause": CAUSE["cause"], "more": 100},
        },
        answers={200: Answer(text="What is said of it now", schema="CauseSaid", example={"cause": CAUSE["cause"], "said": [SAID]})},
    ),
    "api_why": Told(
        group="jobs", summary="Why a job stands as it does", errors=(404,), tagged=True,
        text="Of one that waits, every reason why it does not run yet; of one that has ended, why it ended so, why it ran twice, where the time went.",
        answers={200: Answer(text="Questions and answers", schema="Why", example=WHY)},
    ),
}  # fmt: skip
