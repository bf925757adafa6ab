"""Every route of the API, told: one row each, by the name of its endpoint. A test holds it against the routes."""

from __future__ import annotations

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
    rows,
    schedules,
    stacks,
    workers,
)
from horizon.web.api.doc import examples as ex
from horizon.web.api.doc.words import TEXT, Answer, Param, Schema, Told

LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
P_CONNECTION = Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`; left out: the default one.")
P_Q = Param(name="q", schema=TEXT, text='A search, in the words of the dashboard: `queue:emails tag:user:* took:>5s "two words"`.')
P_QUEUE = Param(name="queue", schema=TEXT, text="Only of this queue.")
P_TAG = Param(name="tag", schema=TEXT, text="Only with this tag; `user:*` means all that begin so.")
P_STATE = Param(name="state", schema=TEXT, text="Only in these states, by commas: `failed,retrying`.")
P_AFTER = Param(name="after", schema=TEXT, text="Only since then: `1h`, `14:03`, `yesterday`, `2026-11-22`.")
P_BEFORE = Param(name="before", schema=TEXT, text="Only before that, in the same spellings.")
P_CURSOR = Param(name="cursor", schema=TEXT, text="The `next` of the page before.")
P_LIMIT = Param(name="limit", schema=LIMIT, text="How many at the most.")
LISTED = (P_Q, P_STATE, P_QUEUE, P_TAG, P_AFTER, P_BEFORE, P_CURSOR, P_LIMIT, P_CONNECTION)

TOLD: dict[str, Told] = {
    "api_jobs": Told(
        group="jobs", summary="List jobs, newest first", params=LISTED, errors=(400, 404), tagged=True,
        text="The same filters as the Jobs page. In exactly one state that is an end, the latest to end come first.",
        answers={200: Answer(text="A page of jobs", schema="Jobs", example=ex.JOBS)},
    ),
    "api_new_job": Told(
        group="jobs", summary="Dispatch a job", body="NewJob", errors=(400, 404, 409, 413, 422, 429),
        text="By the registered name of its class. Only classes that are loaded can be named: nothing is imported on behalf of a name.",
        examples={"a mail in an hour": {"name": "send-email", "args": {"to": "ana@example.com", "subject": "Welcome"}, "delay": 3600}},
        answers={201: Answer(text="The job", schema="Job", example=ex.JOB, location=True)},
    ),
    "api_job": Told(
        group="jobs", summary="One job", errors=(404,), tagged=True,
        text="With arguments, result and every attempt, on whichever connection it lives.",
        answers={200: Answer(text="The job", schema="JobInFull", example=ex.JOB_IN_FULL)},
    ),
    "api_reveal": Told(
        group="jobs", summary="Look into an encrypted job", errors=(404, 422),
        text="The same as `GET jobs/{id}`, decrypted; sensitive fields stay masked. Takes the ability `reveal` (`HORIZON_REVEAL`), and the "
        "audit log keeps who asked. 422 where nothing of the job is encrypted, or the keys of this process do not open it.",
        answers={200: Answer(text="The job", schema="JobInFull", example={**ex.JOB_IN_FULL, "encrypted": True})},
    ),
    **stacks.TOLD,
    "api_failures": Told(
        group="jobs", summary="What failed for good, and why", errors=(400, 404), tagged=True,
        text="Failed jobs, the latest first; the first page also tells the causes.",
        params=tuple(param for param in LISTED if param is not P_STATE),
        answers={200: Answer(text="A page of jobs, and the causes", schema="Failures", example=ex.FAILURES)},
    ),
    **causes.TOLD,
    "api_removed": Told(
        group="jobs", summary="What was forgotten and can be brought back", errors=(400, 404),
        params=(*rows.OF_REMOVED, P_AFTER, P_BEFORE, P_CURSOR, P_LIMIT, P_CONNECTION),
        tagged=True, text="The latest first; `restore` of `jobs/control` brings them back while `HORIZON_UNDO` lasts. What was cancelled is found with `state=cancelled`, and put back by `uncancel`.",
        answers={200: Answer(text="A page of jobs", schema="Removed", example=ex.REMOVED)},
    ),
    "api_actions": Told(
        group="acts", summary="What can be done", tagged=True, text="What each action takes and needs, and whether you may.",
        answers={200: Answer(text="The actions", schema="Actions", example=ex.ACTIONS)},
    ),
    "api_control": Told(
        group="acts", summary="Act on jobs or on a queue", body="Act", errors=(400, 404, 409, 413, 422),
        text="Jobs are named by exactly one of `job_id`, `job_ids` and `filter`; `pause`, `resume`, `drain`, `clear` and `unclear` take `queue` "
        "instead, and `cleanup` neither. What matches more than 500 jobs goes on in the background, and so does a retry or run_now "
        "with a `pace`, a `canary` or `stop_when_failing`.",
        examples={
            "retry one": {"action": "retry", "job_id": ex.ID},
            "retry many": {"action": "retry", "filter": "state:failed queue:emails error:SMTP"},
            "retry many, slowly": {"action": "retry", "filter": "state:failed", "pace": "50/s"},
            "retry many, ten first": {"action": "retry", "filter": "state:failed", "canary": 10, "stop_when_failing": 20, "reason": "the relay is back"},
            "pause a queue": {"action": "pause", "queue": "emails", "reason": "the relay moves", "at": "2031-01-01T00:00:00Z"},
        },
        answers={
            200: Answer(text="Done; `skipped` says what was left alone, and why", schema="Acted", example=ex.ACTED),
            202: Answer(text="It goes on in the background", schema="OperationStarted", example=ex.STARTED, location=True),
        },
    ),
    "api_operations": Told(
        group="acts", summary="Acts in the background", params=(P_CURSOR, P_LIMIT, P_CONNECTION), errors=(400, 404), tagged=True,
        answers={200: Answer(text="The latest, newest first", schema="Operations", example=ex.OPERATIONS)},
    ),
    **operations.TOLD,
    "api_undo_operation": Told(
        group="acts", summary="Undo an act in the background", errors=(404, 422),
        text="Stops it where it still runs, and brings back what it cancelled or forgot; jobs that changed since are left alone.",
        answers={
            200: Answer(text="Undone; `skipped` says what was left alone, and why", schema="Acted", example={**ex.ACTED, "action": "undo"}),
            202: Answer(text="It goes on in the background", schema="OperationStarted", example=ex.STARTED, location=True),
        },
    ),
    **queues.TOLD,
    **limits.TOLD,
    **dead.TOLD,
    **finding.TOLD,
    **groups.TOLD,
    **schedules.TOLD,
    **workers.TOLD,
    **rows.TOLD,
    **audit.TOLD,
    **alerts.TOLD,
    "api_dashboard": Told(
        group="figures", summary="What the overview shows", tagged=True, text="Over all connections.",
        answers={200: Answer(text="The figures", schema="Dashboard", example=ex.DASHBOARD)},
    ),
    **metrics.TOLD,
    "api_status": Told(
        group="figures", summary="Whether anybody works, and who", tagged=True,
        answers={200: Answer(text="The living workers", schema="Status", example=ex.STATUS)},
    ),
    "api_me": Told(
        group="about", summary="Who asks, and what they may do",
        answers={200: Answer(text="Name, role and abilities", schema="Me", example=ex.ME)},
    ),
    "api_openapi": Told(
        group="about", summary="This document", tagged=True, answers={200: Answer(text="OpenAPI 3.1")},
    ),
    "api_healthz": Told(
        group="about", summary="Alive", text="Open to anybody.",
        answers={200: Answer(text="The process answers", schema="Alive", example={"status": "alive"})},
    ),
    "api_readyz": Told(
        group="about", summary="Ready", text="Open to anybody: the default store answers, and a worker is alive.",
        answers={
            200: Answer(text="Ready", schema="Ready", example={"status": "ready", "store": True, "worker": True}),
            503: Answer(text="Not ready", schema="Ready", example={"status": "not ready", "store": True, "worker": False}),
        },
    ),
}  # fmt: skip
GROUPS: dict[str, str] = {
    "jobs": "Look for jobs, look at one, dispatch one.",
    "acts": "Everything that can be done to jobs and queues; each act leaves an entry in the audit log.",
    "queues": "Queues and what is set for them.",
    "groups": "Batches, chains and workflows: several jobs as one.",
    "schedules": "What is dispatched by the clock.",
    "workers": "The processes that run jobs.",
    "figures": "How it goes.",
    "people": "Who did what.",
    "about": "The API itself.",
}
"""In the order in which they are shown."""
