"""Dead letters, told: their schemas, an example, and their rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.web.api.doc import examples as ex
from horizon.web.api.doc.care import CARE
from horizon.web.api.doc.words import COUNT, QUEUE, TEXT, Answer, Param, Schema, Told, either, obj, page_of, ref, said, words

COMPONENTS: dict[str, Schema] = {
    "DeadLetters": obj(
        {
            "queue": said(QUEUE, "the queue that set them aside"),
            "connection": TEXT,
            "count": COUNT,
            "jobs": said(TEXT, "the search that finds them: `GET jobs?q=`"),
        }
    ),
    "DeadLettersOfQueues": page_of(ref("DeadLetters")),
    "ActOnDead": obj(
        {
            "action": words("requeue", "purge"),
            "queue": QUEUE,
            **CARE,
            "reason": said(either({"type": "string", "maxLength": 500}), "why; kept with the audit entry"),
            "connection": said(either(TEXT), "left out: every one"),
        },
        optional=(*CARE, "reason", "connection"), closed=True,
    ),
}  # fmt: skip
LETTERS: dict[str, Any] = {"queue": "emails", "connection": "default", "count": 12, "jobs": "queue:dead:emails"}
P_CONNECTION = Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`; left out: all of them.")

TOLD: dict[str, Told] = {
    "api_dead": Told(
        group="queues", summary="Queues that have dead letters", params=(P_CONNECTION,), errors=(404,), tagged=True,
        text="Jobs that failed for good so often that their queue set them aside (`dead_after`). Each is a failed job, found with the rest.",
        answers={200: Answer(text="By name", schema="DeadLettersOfQueues", example={"items": [LETTERS], "next": None, "total": 1, "total_at_least": 1})},
    ),
    "api_control_dead": Told(
        group="queues", summary="Run dead letters again, or remove them", body="ActOnDead", errors=(400, 404, 413, 422),
        text="`requeue` puts those of one queue back on it, in a new round; `purge` forgets them.",
        examples={"run them again, slowly": {"action": "requeue", "queue": "emails", "pace": "50/s"}, "remove them": {"action": "purge", "queue": "emails"}},
        answers={
            200: Answer(text="Done; `skipped` says what was left alone, and why", schema="Acted", example=ex.ACTED),
            202: Answer(text="It goes on in the background", schema="OperationStarted", example=ex.STARTED, location=True),
        },
    ),
}  # fmt: skip
