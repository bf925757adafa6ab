"""What comes back and what is sent, as JSON Schema: every component of the OpenAPI document."""

from __future__ import annotations

from horizon.core.states import JobState
from horizon.security.permissions import Ability
from horizon.web.api.doc import (
    alerts,
    audit,
    causes,
    dead,
    finding,
    groups,
    limits,
    metrics,
    operations,
    queues,
    schedules,
    stacks,
    workers,
)
from horizon.web.api.doc.care import CARE
from horizon.web.api.doc.words import (
    ANYTHING,
    COUNT,
    MOMENT,
    NUMBER,
    PRIORITY,
    QUEUE,
    SECONDS,
    TEXT,
    TRUTH,
    WHOLE,
    Schema,
    either,
    many,
    obj,
    page_of,
    ref,
    said,
    words,
)  # fmt: skip

STATE = words(*(state.value for state in JobState))
ID: Schema = {"type": "string", "format": "uuid"}
PERCENT: Schema = {"type": "integer", "minimum": 0, "maximum": 100}

JOB = {
    "id": ID,
    "name": said(TEXT, "the registered name of its class"),
    "queue": TEXT,
    "connection": TEXT,
    "state": STATE,
    "priority": PRIORITY,
    "attempts": said(COUNT, "tries charged in this round"),
    "max_tries": said(either(WHOLE), "how often it may run; what will hold where nothing was said of it"),
    "tags": many(TEXT),
    "created_at": MOMENT,
    "available_at": said(either(MOMENT), "not before"),
    "started_at": either(MOMENT),
    "finished_at": either(MOMENT),
    "wait": said(either(NUMBER), "seconds from available to started, of the last attempt"),
    "runtime": said(either(NUMBER), "seconds, of the last attempt"),
    "progress": said(either(PERCENT), "percent, as the job reports it"),
    "batch_id": either(TEXT),
    "chain_id": either(TEXT),
    "error": either(ref("Failure")),
}
HELD = {
    "deadline": said(either(MOMENT), "by when it should have started"),
    "deadline_missed": said(TRUTH, "it had not started by then"),
    "expires": said(TRUTH, "it fails where its deadline passes before it has started"),
    "fair": said(either(TEXT), "the key by which it takes turns with other jobs of its queue and priority"),
    "limits": said(many(TEXT), "keys of the limits that must have room before it starts"),
    "waits_for_limit": said(either(TEXT), "of those, the one that has none: `GET limits` tells when it opens"),
}
ATTEMPT = {
    "attempt": said(WHOLE, "over all rounds, from 1"),
    "started_at": either(MOMENT),
    "finished_at": either(MOMENT),
    "worker": either(TEXT),
    "outcome": TEXT,
    "error": either(ref("FailureWithTraceback")),
    "memory_mb": either(NUMBER),
    "log": many(ref("LogLine")),
}
QUEUE_FIGURES = {
    "name": TEXT,
    "connection": TEXT,
    "pending": COUNT,
    "processing": COUNT,
    "scheduled": COUNT,
    "retrying": COUNT,
    "failed": COUNT,
    "oldest_seconds": said(either(NUMBER), "how long the oldest job that could run has waited"),
    "jobs_per_minute": NUMBER,
    "paused": TRUTH,
}
DASHBOARD = {
    "status": words("running", "paused", "inactive"),
    "health": obj(
        {"score": {"type": "integer", "minimum": 0, "maximum": 100}, "deductions": many(obj({"points": COUNT, "reason": TEXT}))},
    ),
    "throughput_per_minute": NUMBER,
    "jobs_past_hour": COUNT,
    "failed_past_hour": COUNT,
    "failure_rate": {"type": "number", "minimum": 0, "maximum": 1},
    "longest_wait": obj({"queue": either(TEXT), "seconds": SECONDS}),
    "runtime_p95": said(either(NUMBER), "seconds, of the past hour"),
    "processes": ref("Processes"),
    "counts": obj({state.value: COUNT for state in JobState}),
    "queues": many(ref("QueueFigures")),
}
SESSION = {
    "session": TEXT,
    "host": TEXT,
    "pid": WHOLE,
    "state": TEXT,
    "queues": said(many(TEXT), "in strict order; empty: every queue"),
    "processes": COUNT,
    "concurrency": COUNT,
    "busy": said(COUNT, "slots that run a job"),
    "version": said(either(TEXT), "of Horizon"),
    "code_version": said(either(TEXT), "HORIZON_CODE_VERSION"),
    "started_at": either(MOMENT),
}
CAUSE = {
    "cause": said(TEXT, "the fingerprint; `cause` in the search finds its jobs"),
    "type": TEXT,
    "message": TEXT,
    "name": TEXT,
    "count": COUNT,
    "first_at": MOMENT,
    "last_at": MOMENT,
    "suggestion": said(TEXT, "where to begin; empty where the exception does not tell"),
}
NEW_JOB = {
    "name": said({"type": "string", "minLength": 1, "maxLength": 200}, "the registered name of its class"),
    "args": said(either({"type": "object"}), "keyword arguments of its constructor"),
    "queue": said(either(QUEUE), "left out: as its class says"),
    "delay": said(either({"type": "number", "minimum": 0, "maximum": 316_224_000}), "seconds"),
    "priority": either(PRIORITY),
    "tags": said(either({"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 200}, "maxItems": 50}), "beside those of its class"),
    "connection": either(TEXT),
}  # fmt: skip
FILTER: Schema = {
    "oneOf": [
        said(TEXT, "a search text, such as `state:failed queue:emails`"),
        obj({"q": TEXT, "state": TEXT, "queue": TEXT}, optional=("q", "state", "queue"), closed=True),
        {"type": "null"},
    ]
}


NAMED: dict[str, Schema] = {
    "job_id": said(either(TEXT), "one job"),
    "job_ids": said(either({"type": "array", "items": TEXT, "minItems": 1, "maxItems": 500}), "several"),
    "filter": said(FILTER, "every job that matches"),
}
"""How jobs are named: by exactly one of these."""


def _act(actions: tuple[str, ...]) -> Schema:
    body = {
        "action": words(*actions),
        **NAMED,
        "queue": said(either(QUEUE), "of pause, resume, drain, clear and unclear: which; of move: where to"),
        "priority": either(PRIORITY),
        "at": said(either(MOMENT), "a time to come, with its zone"),
        "reason": said(
            either({"type": "string", "maxLength": 500}), "why; kept with the audit entry, the operation and what is cancelled or forgotten"
        ),
        **CARE,
        "connection": either(TEXT),
    }
    return obj(body, optional=tuple(name for name in body if name != "action"), closed=True)


def components(actions: tuple[str, ...]) -> dict[str, Schema]:
    """Every schema by name. `actions`: the words that `jobs/control` takes."""
    failure = {"type": TEXT, "message": TEXT}
    return {
        "Job": obj(JOB),
        "JobInFull": obj({**JOB, "encrypted": TRUTH, "payload": ANYTHING, "result": ANYTHING, "history": many(ref("Attempt")), "cancellation": either(ref("Cancellation")), **HELD}),
        "Attempt": obj(ATTEMPT),
        **stacks.SCHEMAS,
        "LogLine": obj({"at": MOMENT, "level": TEXT, "message": TEXT}),
        "Failure": obj(failure),
        "FailureWithTraceback": obj({**failure, "traceback": either(TEXT)}),
        "Jobs": _jobs(),
        "Failures": _jobs(causes=said(many(ref("Cause")), "of the past 30 days, most frequent first; on the first page only")),
        "Removed": page_of(ref("RemovedJob")),
        "RemovedJob": obj({**JOB, "removed_at": MOMENT, "restorable_until": MOMENT}),
        "Cause": obj(CAUSE),
        **causes.COMPONENTS,
        "NewJob": obj(NEW_JOB, optional=tuple(name for name in NEW_JOB if name != "name"), closed=True),
        "Dashboard": obj(DASHBOARD),
        "Processes": obj({"running": COUNT, "slots": COUNT, "busy": COUNT}),
        "QueueFigures": obj(QUEUE_FIGURES),
        **queues.COMPONENTS,
        **limits.COMPONENTS,
        **dead.COMPONENTS,
        **finding.COMPONENTS,
        **groups.COMPONENTS,
        **schedules.COMPONENTS,
        **workers.COMPONENTS,
        **audit.COMPONENTS,
        **alerts.COMPONENTS,
        **metrics.COMPONENTS,
        "Status": obj(
            {
                "status": words("running", "paused", "inactive"), "processes": ref("Processes"), "workers": many(ref("WorkerInShort")),
                "problems": said(many(TEXT), "what workers complain about"), "warnings": said(many(TEXT), "what the stores warn of"),
            }
        ),
        "WorkerInShort": obj(SESSION),
        "Actions": obj({"actions": many(ref("Action"))}),
        "Action": obj({"action": TEXT, "takes": many(TEXT), "needs": either(TEXT), "allowed": said(TRUTH, "to whoever asks")}),
        "Act": _act(actions),
        "Acted": obj({"action": TEXT, "done": COUNT, "skipped": many(obj({"id": TEXT, "reason": TEXT}))}),
        **operations.components(NAMED),
        "Me": obj(
            {"name": TEXT, "role": words("viewer", "operator", "admin"), "abilities": many(words(*Ability))}
        ),
        "Alive": obj({"status": words("alive")}),
        "Ready": obj({"status": words("ready", "not ready"), "store": TRUTH, "worker": TRUTH}),
        "Error": obj({"error": _error()}),
    }  # fmt: skip


def _jobs(**more: Schema) -> Schema:
    made = page_of(ref("Job"), **more)
    made["properties"]["searched_back_to"] = said(MOMENT, "where a search had to stop looking; `next` goes on from there")
    return made


def _error() -> Schema:
    return obj(
        {
            "code": TEXT,
            "message": said(TEXT, "made to be read; at most 600 characters"),
            "allowed": said(many(TEXT), "the words there are"),
            "since": said(either(MOMENT), "since when the store does not answer"),
            "run": said(TEXT, "what to run"),
            "set": said(many(TEXT), "lines to paste where nobody is let in yet"),
        },
        optional=("allowed", "since", "run", "set"),
    )
