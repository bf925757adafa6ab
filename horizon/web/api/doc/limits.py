"""Limits and circuits, told: their schemas, an example, and their rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.web.api.doc.words import (
    COUNT,
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    Answer,
    Param,
    Schema,
    Told,
    either,
    obj,
    page_of,
    ref,
    said,
    words,
)  # fmt: skip

COMPONENTS: dict[str, Schema] = {
    "Limit": obj(
        {
            "key": said(TEXT, "whom it counts: a queue, a class, those of a class with a key"),
            "connection": TEXT,
            "strategy": words("sliding", "fixed", "bucket", "concurrent"),
            "most": said(WHOLE, "starts in that time, or jobs that run at a time"),
            "per_seconds": said(either(NUMBER), "null: it is about how many run at a time"),
            "allows": said(TEXT, "the same in words"),
            "used": said(COUNT, "starts that count now"),
            "running": said(COUNT, "jobs that run and count in it"),
            "waiting": said(COUNT, "jobs that wait for it"),
            "opens_at": said(either(MOMENT), "when it has room again; null: it has, or when a job ends"),
        }
    ),
    "Limits": page_of(ref("Limit")),
    "Circuit": obj(
        {
            "service": TEXT,
            "connection": TEXT,
            "state": words("closed", "open", "half-open"),
            "open_since": said(either(MOMENT), "null: it is closed"),
            "probe_at": said(either(MOMENT), "when the next job may try the service; null: now, or one does"),
            "probe_job": said(either(TEXT), "the job that tries it"),
            "fail_max": said(WHOLE, "failures after which it opens"),
            "within_seconds": said(NUMBER, "the time in which they count"),
            "reset_seconds": said(NUMBER, "how long it stays open before a job tries"),
        }
    ),
    "Circuits": page_of(ref("Circuit")),
    "ActOnCircuit": obj(
        {"action": words("close"), "service": TEXT, "connection": said(either(TEXT), "left out: the default one")},
        optional=("connection",), closed=True,
    ),
}  # fmt: skip
LIMIT: dict[str, Any] = {
    "key": "send-email user:ana", "connection": "default", "strategy": "sliding", "most": 10, "per_seconds": 60.0,
    "allows": "10 times in 60 s", "used": 10, "running": 1, "waiting": 412, "opens_at": "2026-11-22T14:05:32.000Z",
}  # fmt: skip
CIRCUIT: dict[str, Any] = {
    "service": "smtp", "connection": "default", "state": "open", "open_since": "2026-11-22T14:03:02.000Z",
    "probe_at": "2026-11-22T14:03:32.000Z", "probe_job": None, "fail_max": 5, "within_seconds": 60.0, "reset_seconds": 30.0,
}  # fmt: skip
CLOSED: dict[str, Any] = {**CIRCUIT, "state": "closed", "open_since": None, "probe_at": None}
P_CONNECTION = Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`; left out: all of them.")
P_LIMIT = Param(name="limit", schema={"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, text="How many at the most.")


def _one(item: dict[str, Any]) -> dict[str, Any]:
    return {"items": [item], "next": None, "total": 1, "total_at_least": 1}


TOLD: dict[str, Told] = {
    "api_limits": Told(
        group="queues", summary="Limits, and who waits for them", params=(P_LIMIT, P_CONNECTION), errors=(400, 404), tagged=True,
        text="Those for which most jobs wait first. A limit is known from the first job that carries it, until nothing counts in it any more.",
        answers={200: Answer(text="The limits", schema="Limits", example=_one(LIMIT))},
    ),
    "api_circuits": Told(
        group="queues", summary="Circuits, and how they stand", params=(P_CONNECTION,), errors=(404,), tagged=True,
        text="What is not closed first. A circuit is known from the first job that runs through its breaker, until none has for a month.",
        answers={200: Answer(text="The circuits", schema="Circuits", example=_one(CIRCUIT))},
    ),
    "api_control_circuit": Told(
        group="queues", summary="Close a circuit by hand", body="ActOnCircuit", errors=(400, 404, 409, 413, 422),
        text="Jobs use the service again at once, and failures before this count no longer. 409 where it is closed.",
        examples={"the relay is back": {"action": "close", "service": "smtp"}},
        answers={200: Answer(text="How it stands now", schema="Circuit", example=CLOSED)},
    ),
}  # fmt: skip
