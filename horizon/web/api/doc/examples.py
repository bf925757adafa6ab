"""Examples of what comes back; a test holds each against its schema."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ID = "0199f3c2-7b1e-7c44-b1d5-3a5d2e8f9a10"
JOB: Json = {
    "id": ID, "name": "send-email", "queue": "emails", "connection": "default", "state": "failed", "priority": 0, "attempts": 3,
    "max_tries": 3, "tags": ["mail", "customer:7"], "created_at": "2026-11-22T14:03:20.114Z", "available_at": "2026-11-22T14:05:26.002Z",
    "started_at": "2026-11-22T14:05:26.009Z", "finished_at": "2026-11-22T14:05:26.251Z", "wait": 0.007, "runtime": 0.242,
    "progress": None, "batch_id": None, "chain_id": None, "error": {"type": "SMTPServerDisconnected", "message": "Connection closed"},
}  # fmt: skip
ATTEMPT: Json = {
    "attempt": 3, "started_at": "2026-11-22T14:05:26.009Z", "finished_at": "2026-11-22T14:05:26.251Z", "worker": "web-1:4127#0",
    "outcome": "failed", "memory_mb": 41.2,
    "error": {"type": "SMTPServerDisconnected", "message": "Connection closed", "traceback": "Traceback (most recent call last):\n  ..."},
    "log": [{"at": "2026-11-22T14:05:26.010Z", "level": "INFO", "message": "connecting to the relay"}],
}  # fmt: skip
JOB_IN_FULL: Json = {
    **JOB,
    "encrypted": False,
    "payload": {"to": "ana@example.com", "subject": "Welcome"},
    "result": None,
    "history": [ATTEMPT],
    "cancellation": None,
    "deadline": "2026-11-22T14:10:00.000Z",
    "deadline_missed": False,
    "expires": False,
    "fair": None,
    "limits": ["send-email", "send-email user:ana"],
    "waits_for_limit": None,
}
JOBS: Json = {"items": [JOB], "next": None, "total": 1, "total_at_least": 1}
REMOVED_JOB: Json = {**JOB, "removed_at": "2026-11-22T14:20:00.000Z", "restorable_until": "2026-11-22T15:20:00.000Z"}
REMOVED: Json = {"items": [REMOVED_JOB], "next": None, "total": 1, "total_at_least": 1}
CAUSE: Json = {
    "cause": "3f1c9a0b", "type": "SMTPServerDisconnected", "message": "Connection closed", "name": "send-email", "count": 14,
    "first_at": "2026-11-22T13:58:02.000Z", "last_at": "2026-11-22T14:05:26.251Z",
    "suggestion": "The mail server did not answer: is it up, and can the workers reach it? Retry when it is back.",
}  # fmt: skip
FAILURES: Json = {**JOBS, "causes": [CAUSE]}
PROCESSES: Json = {"running": 2, "slots": 8, "busy": 3}
DASHBOARD: Json = {
    "status": "running", "health": {"score": 85, "deductions": [{"points": 15, "reason": "14 of 210 jobs failed in the past hour (6.7%)"}]},
    "throughput_per_minute": 3.5, "jobs_past_hour": 210, "failed_past_hour": 14, "failure_rate": 0.0667,
    "longest_wait": {"queue": "reports", "seconds": 12.4}, "runtime_p95": 1.2, "processes": PROCESSES,
    "counts": {
        "scheduled": 4, "blocked": 0, "pending": 6, "processing": 3, "retrying": 2, "completed": 1840, "failed": 14, "cancelled": 1,
    },
    "queues": [
        {
            "name": "reports", "connection": "default", "pending": 6, "processing": 3, "scheduled": 4, "retrying": 2, "failed": 14,
            "oldest_seconds": 12.4, "jobs_per_minute": 3.5, "paused": False,
        }
    ],
}  # fmt: skip
WORKER: Json = {
    "session": "web-1:4127:b2c4", "host": "web-1", "pid": 4127, "state": "running", "queues": [], "processes": 2, "concurrency": 4,
    "busy": 3, "version": "0.1.0", "code_version": "9f2c1e7", "started_at": "2026-11-22T09:00:00.000Z",
}  # fmt: skip
STATUS: Json = {"status": "running", "processes": PROCESSES, "workers": [WORKER], "problems": [], "warnings": []}
ME: Json = {"name": "token:deploy", "role": "operator", "abilities": ["view", "operate", "payloads"]}
ACTIONS: Json = {"actions": [{"action": "prioritize", "takes": ["priority"], "needs": "priority", "allowed": True}]}
ACTED: Json = {"action": "retry", "done": 2, "skipped": [{"id": ID, "reason": "it is pending already"}]}
STARTED: Json = {"operation": "0199f3c4-02aa-7d10-9c11-5e0b8a77c301"}
OPERATION: Json = {
    "id": STARTED["operation"], "action": "retry", "actor": "ana", "state": "running", "created_at": "2026-11-22T14:10:00.000Z",
    "finished_at": None, "expected": 12_408, "per_second": 50.0, "canary": 10, "stop_when_failing": 20.0, "done": 4_500, "skipped": 3, "reasons": {"it is pending already": 3},
}  # fmt: skip
OPERATIONS: Json = {"items": [OPERATION], "next": None, "total": None, "total_at_least": 1}
ERRORS: dict[int, tuple[str, Json]] = {
    400: ("Not understood", {"code": "invalid_filter", "message": "limit is a whole number from 1 to 200, got '500'"}),
    401: ("The credentials are not accepted", {"code": "unauthorized", "message": "these credentials are not accepted here"}),
    403: ("Not for you", {"code": "forbidden", "message": "vera is viewer; this needs the ability operate, which the role operator has"}),
    404: ("Not there", {"code": "not_found", "message": "there is no job '0199f3c2'; it may have been removed, or it never existed"}),
    409: ("Not in this state", {"code": "invalid_transition", "message": "it is completed, and only what waits can be cancelled"}),
    413: ("Too large", {"code": "payload_too_large", "message": "the arguments have 1,204,211 bytes; at most 1,000,000 are taken"}),
    422: ("Understood, and not acceptable", {"code": "invalid_option", "message": "prioritize needs priority: a whole number from -100 to 100"}),
    429: (
        "Too much at once: the token has asked too often (`Retry-After` says when to come again), or the queue is full",
        {"code": "too_many_requests", "message": "this token has made its requests of this minute; come again in 12 s"},
    ),
    503: (
        "The store does not answer",
        {"code": "backend_unavailable", "message": "cannot open the database file", "since": "2026-11-22T14:03:20.114Z", "run": "horizon status"},
    ),
}  # fmt: skip
