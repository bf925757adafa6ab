"""Figures over a stretch of time, told: their schemas, an example, and their row of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.monitor.span import STEPS
from horizon.web.api.doc.words import (
    COUNT,
    MOMENT,
    NUMBER,
    TEXT,
    Answer,
    Param,
    Schema,
    Told,
    either,
    many,
    obj,
    ref,
    said,
    words,
)  # fmt: skip

TIMING = obj(
    {
        "count": said(COUNT, "how many were measured; where none was, the others are null"),
        "mean": either(NUMBER),
        "p50": said(either(NUMBER), "half of them took at most so long; within 5 %, like the other percentiles"),
        "p95": either(NUMBER),
        "p99": either(NUMBER),
        "max": either(NUMBER),
    },
    text="seconds",
)
FIGURES: dict[str, Schema] = {
    "pushed": said(COUNT, "jobs that were stored"),
    "completed": COUNT,
    "failed": said(COUNT, "for good"),
    "cancelled": COUNT,
    "retried": said(COUNT, "attempts that failed and were to be made again"),
    "success_rate": said(
        either({"type": "number", "minimum": 0, "maximum": 1}), "completed of those that completed or failed; null where none did"
    ),
    "throughput_per_minute": said(NUMBER, "completed or failed, on average over the stretch"),
    "runtime": ref("Timing"),
    "wait": ref("Timing"),
    "memory_mb": said(either(NUMBER), "the most that a process had used by the end of an attempt"),
}
COMPONENTS: dict[str, Schema] = {
    "Metrics": obj(
        {
            "since": said(MOMENT, "where the stretch begins: with the whole step that the time asked for falls into"),
            "until": MOMENT,
            "step": words(*STEPS),
            "total": ref("Measures"),
            "classes": said(many(ref("NamedMeasures")), "those whose attempts ran longest in all come first; at most `limit`"),
            "classes_total": said(COUNT, "how many there are"),
            "queues": said(many(ref("NamedMeasures")), "in the same order; at most `limit`"),
            "queues_total": said(COUNT, "how many there are"),
            "steps": said(many(ref("StepMeasures")), "every one, oldest first; the last may still go on"),
            "forecast": said(
                many(ref("Forecast")),
                "of all jobs, for steps of an hour or a day and the one that comes next, where at least four such times before are known",
            ),
            "before": said(
                {"type": "object"},
                "with `before=true`: as long before, in the same fields; of classes and queues those that are told above",
            ),
        },
        optional=("before",),
    ),
    "Measures": obj(FIGURES),
    "NamedMeasures": obj({"name": said(TEXT, "of the class, as it is registered, or of the queue"), **FIGURES}),
    "StepMeasures": obj({"at": said(MOMENT, "its beginning"), **FIGURES}),
    "Forecast": obj(
        {
            "at": said(MOMENT, "where the step begins"),
            "low": COUNT,
            "middle": said(
                COUNT,
                "jobs that were to be expected to end: the median of the same hour of the days before, or the same weekday of the weeks before",
            ),
            "high": COUNT,
            "known": said(COUNT, "from so many earlier steps"),
        }
    ),
    "Timing": TIMING,
}

_RUNTIME = {"count": 1871, "mean": 0.412, "p50": 0.301, "p95": 1.18, "p99": 2.53, "max": 8.021}
_WAIT = {"count": 1871, "mean": 0.036, "p50": 0.012, "p95": 0.154, "p99": 0.71, "max": 4.4}
_FIGURES: dict[str, Any] = {
    "pushed": 1859, "completed": 1840, "failed": 12, "cancelled": 1, "retried": 19, "success_rate": 0.99352, "throughput_per_minute": 30.867,
    "runtime": _RUNTIME, "wait": _WAIT, "memory_mb": 61.2,
}  # fmt: skip
EXAMPLE: dict[str, Any] = {
    "since": "2026-11-22T13:03:00.000Z", "until": "2026-11-22T14:03:22.000Z", "step": "minute", "total": _FIGURES,
    "classes": [{"name": "shop.jobs:SendEmail", **_FIGURES}], "classes_total": 1,
    "queues": [{"name": "emails", **_FIGURES}], "queues_total": 1,
    "steps": [{"at": "2026-11-22T13:03:00.000Z", **_FIGURES}],
    "forecast": [],
}  # fmt: skip
STEP: Schema = words(*STEPS)
PARAMS = (
    Param(
        name="since", schema=TEXT, text="Where the stretch begins: `1h`, `14:03`, `yesterday`, `2026-11-22T14:03Z`. Left out: a day ago."
    ),
    Param(name="until", schema=TEXT, text="Where it ends, in the same spellings. Left out: now."),
    Param(
        name="step",
        schema=STEP,
        text="Left out: what suits the length. Minutes are kept for `HORIZON_KEEP_MINUTES` (2 hours), hours for `HORIZON_KEEP_HOURS` (7 days), days for a year.",
    ),
    Param(
        name="before",
        schema={"type": "boolean", "default": False},
        text="`true`: as long before, too, for comparison; in days where finer figures are not kept so long.",
    ),
    Param(name="class", schema=TEXT, text="Only jobs of this class, by its registered name or its bare one."),
    Param(name="queue", schema=TEXT, text="Only jobs of this queue."),
    Param(
        name="limit",
        schema={"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
        text="How many classes, and how many queues, at the most.",
    ),
    Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`; left out: all of them."),
)

TOLD: dict[str, Told] = {
    "api_metrics": Told(
        group="figures", summary="Counts, runtimes and waits over a stretch of time", params=PARAMS, errors=(400, 404), tagged=True,
        text="In all, per class, per queue, and step by step.",
        answers={200: Answer(text="The figures", schema="Metrics", example=EXAMPLE)},
    ),
}  # fmt: skip
