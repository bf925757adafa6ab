"""Workers, told: their schemas, examples, and their rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.control.processes import COMMANDS, SCALE
from horizon.web.api.doc import rows
from horizon.web.api.doc.words import (
    COUNT,
    MOMENT,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    Answer,
    Param,
    Schema,
    Told,
    either,
    many,
    obj,
    page_of,
    ref,
    said,
    words,
)  # fmt: skip

RUN = obj({"job": said(TEXT, "its id"), "since": either(MOMENT)})
EXECUTOR = obj(
    {
        "pid": either(WHOLE),
        "phase": said(TEXT, "`booting`, `ready` or `ended`"),
        "jobs_done": COUNT,
        "memory_mb": either(NUMBER),
        "cpu_percent": said(either(WHOLE), "of one processor, lately"),
        "started_at": either(MOMENT),
        "last": said(either(RUN), "the job that it began last, which may have ended"),
        "code_version": said(either(TEXT), "of the code it loaded"),
        "running": many(RUN),
    }
)
WORKER = obj(
    {
        "id": said(TEXT, "of its session"),
        "connection": TEXT,
        "host": TEXT,
        "pid": said(WHOLE, "of the guardian"),
        "state": said(TEXT, "`starting`, `running`, `paused`, `draining`; `ended` or `lost` for one that is gone"),
        "queues": said(many(TEXT), "in strict order; empty: every queue"),
        "fair": said(TRUTH, "listed queues are drawn by weight"),
        "processes": said(COUNT, "as many as it is meant to have now"),
        "started_with": said(COUNT, "processes it was started with"),
        "scaled": said(either(obj({"to": COUNT, "by": TEXT, "until": either(MOMENT)})), "who set their number while it runs; null: nobody"),
        "concurrency": said(COUNT, "jobs that each process runs at a time"),
        "busy": said(COUNT, "jobs that it runs"),
        "jobs_done": said(COUNT, "by its present executors"),
        "memory_mb": either(NUMBER),
        "cpu_percent": said(either(WHOLE), "of one processor, its executors together"),
        "last": said(either(RUN), "the job that it began last, which may have ended"),
        "recent": said(many(RUN), "jobs that it began lately, the latest first, as seen at its heartbeats: of many short ones, some"),
        "silent": said(
            either(words("late", "idle")),
            "`late`: its heartbeat is overdue; `idle`: it has room and takes nothing, though jobs of its queues wait",
        ),
        "limits": said(
            {"type": "object"},
            "what it was started with: `reserve`, `max_jobs`, `max_time`, `timeout`, `tries`, `memory`; only what limits it; `max_processes`: as many as "
            "it can be set to, `scaled`: what it was set to",
        ),
        "code_version": said(either(TEXT), "of the app's code, as it announced it"),
        "old_code": said(TRUTH, "newer code runs elsewhere"),
        "version": said(either(TEXT), "of Horizon"),
        "started_at": MOMENT,
        "seen_at": said(MOMENT, "its last heartbeat"),
        "ended_at": said(either(MOMENT), "null while it lives; of a lost one the last heartbeat"),
        "problems": many(TEXT),
        "executors": many(ref("Executor")),
    }
)
STEER = obj(
    {
        "action": words(*COMMANDS, SCALE),
        "worker": said(either(TEXT), "the id of one, or `all`; or names, or filter"),
        "names": said(either(many(TEXT)), "ids of several"),
        "filter": rows.FILTER,
        "processes": said(either({"type": "integer", "minimum": 1}), "of scale, up to its `max_processes`; null: as it was started"),
        "until": said(either(MOMENT), "of scale; left out: until it is set back, or the worker ends"),
        "connection": said(either(TEXT), "left out: whichever the worker is on, or every one"),
    },
    optional=("worker", "names", "filter", "processes", "until", "connection"),
    closed=True,
)
COMPONENTS: dict[str, Schema] = {
    "Worker": WORKER,
    "Workers": page_of(ref("Worker")),
    "Executor": EXECUTOR,
    "Steer": STEER,
}

EXAMPLE: dict[str, Any] = {
    "id": "0199f3c2-7b1e-7c44-b1d5-5e2a0c9d1f00", "connection": "default", "host": "web-2", "pid": 4471, "state": "running",
    "queues": ["emails", "reports"], "fair": False, "processes": 1, "started_with": 1, "scaled": None, "concurrency": 4, "busy": 1, "jobs_done": 812, "memory_mb": 125.4,
    "cpu_percent": 34, "last": {"job": "0199f3c2-7b1e-7c44-b1d5-3f6e8a2b9c10", "since": "2026-11-22T14:03:08.000Z"}, "recent": [{"job": "0199f3c2-7b1e-7c44-b1d5-3f6e8a2b9c10", "since": "2026-11-22T14:03:08.000Z"}], "silent": None,
    "limits": {"reserve": [20], "memory": 512}, "code_version": "a41f9c2", "old_code": False, "version": "0.1.0", "started_at": "2026-11-22T08:00:00.000Z",
    "seen_at": "2026-11-22T14:03:20.000Z", "ended_at": None, "problems": [],
    "executors": [{
        "pid": 4472, "phase": "ready", "jobs_done": 812, "memory_mb": 61.2, "cpu_percent": 34, "started_at": "2026-11-22T08:00:02.000Z",
        "last": {"job": "0199f3c2-7b1e-7c44-b1d5-3f6e8a2b9c10", "since": "2026-11-22T14:03:08.000Z"}, "code_version": "a41f9c2",
        "running": [{"job": "0199f3c2-7b1e-7c44-b1d5-3f6e8a2b9c10", "since": "2026-11-22T14:03:08.000Z"}],
    }],
}  # fmt: skip
P_CONNECTION = Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`.")
P_CURSOR = Param(name="cursor", schema=TEXT, text="The `next` of the page before.")
P_LIMIT = Param(name="limit", schema={"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, text="How many at the most.")
P_GONE = Param(name="gone", schema=words("0", "1"), text="`1`: also those that ended or were lost in the past day.")
TOLD: dict[str, Told] = {
    "api_workers": Told(
        group="workers", summary="Who runs jobs", params=(*rows.OF_WORKERS, P_GONE, P_CURSOR, P_LIMIT, P_CONNECTION), errors=(400, 404), tagged=True,
        text="By host. A worker is a guardian and its executors, the processes in which jobs run.",
        answers={200: Answer(text="A page of workers", schema="Workers", example={"items": [EXAMPLE], "next": None, "total": 1, "total_at_least": 1})},
    ),
    "api_worker": Told(
        group="workers", summary="One worker", errors=(404,), tagged=True, text="One that ended too, as long as it is remembered.",
        answers={200: Answer(text="The worker", schema="Worker", example=EXAMPLE)},
    ),
    "api_steer_workers": Told(
        group="workers", summary="Pause, resume, restart, stop or scale workers", body="Steer", errors=(400, 404, 413, 422),
        text="\n".join(f"- `{word}`: {meaning}" for word, meaning in COMMANDS.items())
        + "\n- `scale`: have so many `processes`, until a time or until it is set back; each that is too many finishes what it runs\n\nEach worker obeys with its next heartbeat. "
        "Of several (`names`, or a `filter` in the words of the page), those for which there is nothing to do are skipped, with the reason.",
        examples={
            "after a deploy": {"action": "restart", "worker": "all"}, "one of them": {"action": "pause", "worker": EXAMPLE["id"]},
            "those of a machine": {"action": "stop", "filter": "host:web-1"}, "several to four": {"action": "scale", "names": [EXAMPLE["id"]], "processes": 4},
        },
        answers={200: Answer(text="How many were asked", schema="Acted", example={"action": "restart", "done": 3, "skipped": []})},
    ),
}  # fmt: skip
