"""Queues, told: their schemas, an example, and their rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.core.states import JobState
from horizon.monitor.targets import State
from horizon.web.api.doc import rows
from horizon.web.api.doc.words import (
    COUNT,
    MOMENT,
    NUMBER,
    QUEUE,
    TEXT,
    TRUTH,
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


def _setting(value: Schema, text: str) -> Schema:
    shown = {"value": said(value, "in force"), "code": said(value, "what the code says"), "overridden": said(TRUTH, "somebody changed it")}
    return obj(shown, text=text)


LIMIT: Schema = {"anyOf": [{"type": ["integer", "null"], "minimum": 1, "maximum": 1_000_000_000}, {"const": "unlimited"}]}
WEIGHT: Schema = {"type": ["integer", "null"], "minimum": 1, "maximum": 1_000_000}
ROUNDS: Schema = {"anyOf": [{"type": ["integer", "null"], "minimum": 1, "maximum": 1_000}, {"const": "unlimited"}]}
WITHIN: Schema = {"anyOf": [{"type": ["number", "null"], "minimum": 0.001, "maximum": 30 * 86_400}, {"const": "unlimited"}]}
SHARE: Schema = {"type": ["number", "null"], "minimum": 0.01, "maximum": 0.9999}
PATIENCE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 3660 * 86_400}
SETTINGS = obj(
    {
        "max_jobs": _setting(either(WHOLE), "most waiting jobs, one more is refused; null: no limit"),
        "priority_weight": _setting(WHOLE, "its share where workers draw among queues"),
        "patience": _setting(NUMBER, "seconds after which a waiting job goes before any deadline"),
        "dead_after": _setting(either(WHOLE), "rounds after which a failed job goes to the dead letters; null: none does"),
        "start_within": _setting(either(NUMBER), "its time target: seconds within which jobs shall start; null: none"),
        "start_share": _setting(NUMBER, "so many of its jobs shall start in time, as a share"),
    }
)
QUEUE_IN_FULL = obj(
    {
        "name": TEXT,
        "connection": TEXT,
        **{state.value: COUNT for state in JobState},
        "dead": said(COUNT, "dead letters: jobs that failed for good too often"),
        "oldest_seconds": said(either(NUMBER), "how long its oldest pending job has waited"),
        "jobs_per_minute": said(NUMBER, "that ended in the past minute"),
        "in_per_minute": said(NUMBER, "that were pushed in the past minute"),
        "seconds_to_clear": said(either(NUMBER), "until nothing is pending, at the pace of the past minutes; null: it does not get less"),
        "clearing": said(TRUTH, "false: jobs wait, and they do not get less"),
        "workers": said(COUNT, "living ones that take from it"),
        "slots": said(COUNT, "jobs that these can run at a time"),
        "unserved": said(TRUTH, "jobs wait and no worker takes from it"),
        "unused": said(TRUTH, "no job, no worker and no code has used it"),
        "paused": TRUTH,
        "paused_until": said(either(MOMENT), "null while it is paused: until it is resumed"),
        "paused_reason": either(TEXT),
        "target": said(either(ref("Target")), "how its time target stands; null: it has none"),
        "settings": ref("QueueSettings"),
    }
)
SET_QUEUE = obj(
    {
        "max_jobs": said(LIMIT, "unlimited: none at all; null: back to what the code says"),
        "priority_weight": said(WEIGHT, "null: back to what the code says"),
        "patience": said(PATIENCE, "seconds; null: back to what the code says"),
        "dead_after": said(ROUNDS, "unlimited: no job goes to the dead letters; null: back to what the code says"),
        "start_within": said(WITHIN, "seconds; unlimited: no time target; null: back to what the code says"),
        "start_share": said(SHARE, "null: back to what the code says"),
        "connection": said(either(TEXT), "left out: the default one"),
    },
    optional=("max_jobs", "priority_weight", "patience", "dead_after", "start_within", "start_share", "connection"),
    closed=True,
)
ATTAINED = obj(
    {
        "started": COUNT,
        "in_time": said(NUMBER, "of them, reckoned from a histogram"),
        "share": said(either(NUMBER), "null where none started"),
        "burn": said(either(NUMBER), "how fast the room for errors is used up: 1 is as fast as the target allows"),
    }
)
COMPONENTS: dict[str, Schema] = {
    "Target": obj(
        {
            "within": said(NUMBER, "seconds within which jobs shall start"),
            "share": said(NUMBER, "so many of them"),
            "state": words(*State),
            "hour": ref("Attained"),
            "day": ref("Attained"),
            "slots_needed": said(either(COUNT), "that would meet it, at the arrivals and the mean runtime of the past hour"),
        }
    ),
    "Attained": ATTAINED,
    "Queue": QUEUE_IN_FULL,
    "Queues": page_of(ref("Queue")),
    "QueueSettings": SETTINGS,
    "SetQueue": SET_QUEUE,
    "QueueSet": obj({"name": QUEUE, "settings": ref("QueueSettings")}),
}

SET: dict[str, Any] = {
    "max_jobs": {"value": 5000, "code": None, "overridden": True}, "priority_weight": {"value": 5, "code": 5, "overridden": False},
    "patience": {"value": 3600.0, "code": 3600.0, "overridden": False}, "dead_after": {"value": 3, "code": 3, "overridden": False},
    "start_within": {"value": 30.0, "code": None, "overridden": True}, "start_share": {"value": 0.95, "code": 0.95, "overridden": False},
}  # fmt: skip
TARGET: dict[str, Any] = {
    "within": 30.0, "share": 0.95, "state": "met", "slots_needed": 4,
    "hour": {"started": 1871, "in_time": 1850.4, "share": 0.98899, "burn": 0.22}, "day": {"started": 40200, "in_time": 39700.0, "share": 0.98756, "burn": 0.249},
}  # fmt: skip
EXAMPLE: dict[str, Any] = {
    "name": "emails", "connection": "default", "scheduled": 9, "blocked": 0, "pending": 31, "processing": 4, "retrying": 2,
    "completed": 1840, "failed": 12, "cancelled": 1, "dead": 2, "oldest_seconds": 7.5, "jobs_per_minute": 62.0, "in_per_minute": 58.0,
    "seconds_to_clear": 30.0, "clearing": True, "workers": 2, "slots": 10, "unserved": False, "unused": False, "paused": False,
    "paused_until": None, "paused_reason": None, "settings": SET, "target": TARGET,
}  # fmt: skip
P_CONNECTION = Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`.")
P_CURSOR = Param(name="cursor", schema=TEXT, text="The `next` of the page before.")
P_LIMIT = Param(name="limit", schema={"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, text="How many at the most.")

TOLD: dict[str, Told] = {
    "api_queues": Told(
        group="queues", summary="Every queue with its figures", params=(*rows.OF_QUEUES, P_CURSOR, P_LIMIT, P_CONNECTION), errors=(400, 404), tagged=True,
        text="By name. A queue is known by its jobs, by code that defines it, by a pause, and by workers that list it.",
        answers={200: Answer(text="A page of queues", schema="Queues", example={"items": [EXAMPLE], "next": None, "total": 1, "total_at_least": 1})},
    ),
    "api_queue": Told(
        group="queues", summary="One queue", params=(P_CONNECTION,), errors=(404,), tagged=True,
        answers={200: Answer(text="The queue", schema="Queue", example=EXAMPLE)},
    ),
    "api_set_queue": Told(
        group="queues", summary="Set a queue at run time", body="SetQueue", errors=(400, 404, 413, 422),
        text="Stays on top of what the code says until it is set to null. Workers follow within a second.",
        examples={"at most 5,000 may wait": {"max_jobs": 5000}, "as many as there are": {"max_jobs": "unlimited"}, "back to what the code says": {"max_jobs": None}},
        answers={200: Answer(text="What is set now", schema="QueueSet", example={"name": "emails", "settings": SET})},
    ),
}  # fmt: skip
