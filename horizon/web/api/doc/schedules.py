"""Schedules, told: their schemas, an example, and their rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.web.api.doc import rows
from horizon.web.api.doc.words import (
    ANYTHING,
    COUNT,
    MOMENT,
    NUMBER,
    TEXT,
    TRUTH,
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

NAME: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,100}$"}
OPTIONAL = ("timezone", "args", "options", "misfire", "catch_up", "overlap", "jitter")
SCHEDULE: dict[str, Schema] = {
    "name": NAME,
    "job": said(TEXT, "the registered name of the job"),
    "when": said(TEXT, "cron with five fields (six with seconds in front), `@daily` and its like, or `every 30s`"),
    "timezone": TEXT,
    "words": said(TEXT, "when it comes, in words"),
    "state": said(words("active", "paused", "overdue", "gone"), "overdue: nobody dispatches; gone: no longer in the code"),
    "source": words("code", "stored"),
    "paused_reason": either(TEXT),
    "args": said(ANYTHING, "the arguments of the job, as far as you may see them"),
    "options": {"type": "object"},
    "misfire": words("once", "all", "skip"),
    "catch_up": COUNT,
    "overlap": words("allow", "skip", "queue"),
    "jitter": said(NUMBER, "seconds"),
    "next_at": either(MOMENT),
    "next": said(many(MOMENT), "the next five times"),
    "last_at": either(MOMENT),
    "last_job": either(TEXT),
    "last_state": said(either(TEXT), "null: none, or it is no longer kept"),
    "missed": said(COUNT, "times that passed without a job"),
}
RUN = obj(
    {
        "at": MOMENT, "due_at": MOMENT, "kind": words("pushed", "by hand", "skipped", "missed", "refused"), "job_id": either(TEXT),
        "count": COUNT, "detail": either(TEXT), "outcome": said(TEXT, "the state of its job, `no longer kept`, or its kind where it has none"),
        "late_seconds": said(NUMBER, "how long after its time it was dispatched, where that is more than 30 s; else 0"),
        "overlapped": said(either(TEXT), "the job of the run before, where it had not ended yet"),
    }
)  # fmt: skip
SAID: dict[str, Schema] = {
    "job": said(either(TEXT), "the registered name of the job"),
    "when": said(either(TEXT), "`0 2 * * 1`, `@daily`, `every 30s`"),
    "timezone": said(either(TEXT), "null: HORIZON_TIMEZONE"),
    "args": said(either({"type": "object"}), "keyword arguments; types that JSON lacks are tagged, as in `POST jobs`"),
    "options": said(either({"type": "object"}), "queue, connection, priority, delay, timeout, max_tries, backoff, tags"),
    "misfire": said(either(TEXT), "once, all or skip: what becomes of times that nobody was there for"),
    "catch_up": said(either({"type": "integer"}), "with `all`: how many of them at the most"),
    "overlap": said(either(TEXT), "allow, skip or queue: what happens while the job before still stands"),
    "jitter": said(either(NUMBER), "seconds; shorter than the time between two runs"),
}
COMPONENTS: dict[str, Schema] = {
    "Schedule": obj(SCHEDULE),
    "ScheduleInFull": obj({**SCHEDULE, "history": said(many(RUN), "newest first")}),
    "Schedules": page_of(
        ref("Schedule"),
        problems=said({"type": "object"}, "schedules of the code that cannot be used, and why"),
        led=said(TRUTH, "whether some process dispatches"),
    ),
    "NewSchedule": obj({"name": said(either(TEXT), "left out: after the job"), **SAID}, optional=("name", *OPTIONAL), closed=True),
    "SetSchedule": obj(SAID, optional=tuple(SAID), closed=True),
    "ActOnSchedule": obj(
        {"action": words("pause", "resume", "run", "remove"), "reason": said(either(TEXT), "of a pause")}, optional=("reason",), closed=True
    ),
    "ActedOnSchedule": obj({"action": TEXT, "name": TEXT, "job_id": said(either(TEXT), "of `run`: the job")}),
}

EXAMPLE: dict[str, Any] = {
    "name": "nightly-report", "job": "shop.jobs:DailyReport", "when": "0 2 * * 1-5", "timezone": "Europe/Rome",
    "words": "At 02:00 on Monday through Friday", "state": "active", "source": "stored", "paused_reason": None, "args": {"format": "pdf"},
    "options": {"queue": "reports"}, "misfire": "once", "catch_up": 10, "overlap": "skip", "jitter": 0.0,
    "next_at": "2026-11-23T01:00:00.000Z",
    "next": [f"2026-11-{day}T01:00:00.000Z" for day in (23, 24, 25, 26, 27)],
    "last_at": "2026-11-20T01:00:00.012Z", "last_job": "0199f3c2-7b1e-5c44-b1d5-5b0a7c2f9d11", "last_state": "completed", "missed": 0,
}  # fmt: skip
RAN: dict[str, Any] = {
    "at": "2026-11-20T01:00:00.012Z", "due_at": "2026-11-20T01:00:00.000Z", "kind": "pushed", "job_id": EXAMPLE["last_job"], "count": 1,
    "detail": None, "outcome": "completed", "late_seconds": 0.0, "overlapped": None,
}  # fmt: skip
IN_FULL: dict[str, Any] = {**EXAMPLE, "history": [RAN]}
NEW: dict[str, Any] = {
    "name": "nightly-report",
    "job": "shop.jobs:DailyReport",
    "when": "0 2 * * 1-5",
    "timezone": "Europe/Rome",
    "args": {"format": "pdf"},
}
P_CURSOR = Param(name="cursor", schema=TEXT, text="The `next` of the page before.")
P_LIMIT = Param(name="limit", schema={"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, text="How many at the most.")
PAGE: dict[str, Any] = {"items": [EXAMPLE], "next": None, "total": 1, "total_at_least": 1, "problems": {}, "led": True}

TOLD: dict[str, Told] = {
    "api_schedules": Told(
        group="schedules", summary="Every schedule", params=(*rows.OF_SCHEDULES, P_CURSOR, P_LIMIT), errors=(400,), tagged=True,
        text="By name: those of the code and those that people added.",
        answers={200: Answer(text="A page of schedules", schema="Schedules", example=PAGE)},
    ),
    "api_new_schedule": Told(
        group="schedules", summary="Add a schedule", body="NewSchedule", errors=(400, 404, 409, 413, 422),
        text="What can never work is refused: a cron that never comes, an unknown time zone, a job that is not registered or does not take the arguments.",
        examples={"weekdays at two in Rome": NEW, "every half minute": {"job": "send-digest", "when": "every 30s", "overlap": "skip"}},
        answers={201: Answer(text="The schedule", schema="ScheduleInFull", example=IN_FULL, location=True)},
    ),
    "api_schedule": Told(
        group="schedules", summary="One schedule with its history", errors=(404,), tagged=True,
        answers={200: Answer(text="The schedule", schema="ScheduleInFull", example=IN_FULL)},
    ),
    "api_set_schedule": Told(
        group="schedules", summary="Edit a schedule", body="SetSchedule", errors=(400, 404, 409, 413, 422),
        text="What is left out stays, null is the default. 409 for a schedule that the code defines.",
        examples={"an hour later": {"when": "0 3 * * 1-5"}},
        answers={200: Answer(text="The schedule", schema="ScheduleInFull", example={**IN_FULL, "when": "0 3 * * 1-5"})},
    ),
    "api_act_on_schedule": Told(
        group="schedules", summary="Pause, resume, run or remove a schedule", body="ActOnSchedule", errors=(400, 404, 409, 413, 422),
        text="`run` dispatches its job now, beside the plan. What passes during a pause is not made up for. 409: the code defines it (remove), "
        "or no longer does (resume); the job before still stands and `overlap` is `skip` (run).",
        examples={"pause": {"action": "pause", "reason": "the warehouse moves"}, "run now": {"action": "run"}},
        answers={200: Answer(text="Done", schema="ActedOnSchedule", example={"action": "run", "name": "nightly-report", "job_id": EXAMPLE["last_job"]})},
    ),
}  # fmt: skip
