"""How each list that is read whole is narrowed; the same on its page, in its files, in the API and on the command line."""

from __future__ import annotations

from horizon.control import marks
from horizon.core.alert import Alert
from horizon.core.clock import Micros
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.jobs.registry import REGISTRY
from horizon.monitor.figures import QueueFigures
from horizon.monitor.schedules import Row
from horizon.monitor.tags import WatchedTag
from horizon.monitor.workers import Worker
from horizon.web.narrowing import Narrowing
from horizon.web.text import short_name

S = JobState

SCHEDULES: Narrowing[Row] = Narrowing(
    states={
        "active": ("Active", lambda row: row.state == "active"), "paused": ("Paused", lambda row: row.state == "paused"),
        "overdue": ("Overdue", lambda row: row.state == "overdue"), "missed": ("Missed some", lambda row: row.schedule.missed > 0),
        "gone": ("No longer in the code", lambda row: row.state == "gone"),
    },
    words=lambda row: (
        row.schedule.name, row.schedule.target, row.schedule.when, row.words, row.schedule.timezone, row.schedule.paused_reason, queue_of(row),
    ),
    keys={
        "name": lambda row: (row.schedule.name,), "class": lambda row: (row.schedule.target, short_name(row.schedule.target)),
        "queue": lambda row: (queue_of(row),), "timezone": lambda row: (row.schedule.timezone,),
    },
)  # fmt: skip
QUEUES: Narrowing[QueueFigures] = Narrowing(
    states={
        "paused": ("Paused", lambda row: row.paused), "unserved": ("No worker", lambda row: row.unserved),
        "waiting": ("Waiting", lambda row: row.count(S.PENDING) > 0), "failed": ("With failures", lambda row: row.count(S.FAILED) > 0),
        "stuck": ("Not clearing", lambda row: row.stuck and not row.paused),
    },
    words=lambda row: (row.name, row.connection, row.paused_reason),
    keys={"name": lambda row: (row.name,), "connection": lambda row: (row.connection,)},
    kept=("sort",),
)  # fmt: skip
WORKERS: Narrowing[Worker] = Narrowing(
    states={
        "running": ("Running", lambda row: row.state == "running"), "starting": ("Starting", lambda row: row.state == "starting"),
        "paused": ("Paused", lambda row: row.state == "paused"), "draining": ("Draining", lambda row: row.state == "draining"),
        "old": ("Old code", lambda row: row.old),
    },
    words=lambda row: (row.id, row.name, row.connection, *row.versions, *row.session.info.queues),
    keys={
        "host": lambda row: (row.session.info.host,), "queue": lambda row: row.session.info.queues or ("*",), "version": lambda row: row.versions,
        "connection": lambda row: (row.connection,),
    },
)  # fmt: skip
ALERTS: Narrowing[Alert] = Narrowing(
    states={},
    words=lambda row: (
        row.title, row.text, row.todo, row.rule, row.connection, row.note, row.acknowledged_by, row.snoozed_by, row.resolved_by, *(row.subject or ()),
    ),
    keys={
        "about": lambda row: (row.subject or ())[1:], "rule": lambda row: (row.rule,), "connection": lambda row: (row.connection,),
        "user": lambda row: (row.acknowledged_by, row.snoozed_by, row.resolved_by),
    },
    when=lambda row: row.first_at,
    kept=("view", "severity"),
)  # fmt: skip
WATCHED: Narrowing[WatchedTag] = Narrowing(
    states={
        "waiting": ("Waiting", lambda row: any(row.count.states.get(state, 0) for state in (S.PENDING, S.SCHEDULED, S.RETRYING, S.BLOCKED))),
        "running": ("Running", lambda row: row.count.states.get(S.PROCESSING, 0) > 0),
        "failed": ("With failures", lambda row: row.count.states.get(S.FAILED, 0) > 0),
    },
    words=lambda row: (row.watched.tag, row.watched.by),
    keys={"tag": lambda row: (row.watched.tag,), "user": lambda row: (row.watched.by,)},
)  # fmt: skip
REMOVED: Narrowing[tuple[Micros, Record]] = Narrowing(
    states={},
    words=lambda row: (row[1].name, row[1].id, row[1].queue, row[1].user, row[1].reason, *row[1].tags),
    keys={
        "class": lambda row: (row[1].name, short_name(row[1].name)), "queue": lambda row: (row[1].queue,), "tag": lambda row: row[1].tags,
        "user": lambda row: (row[1].user,), "by": lambda row: (marks.asked(row[1].reason or "") or ("",))[:1],
    },
    when=lambda row: row[0],
)  # fmt: skip


def queue_of(row: Row) -> str:
    """Where the jobs of a schedule go: as it says itself, or as their class says."""
    said = row.schedule.options.get("queue")
    found = REGISTRY.find(row.schedule.target) if said is None else None
    return str(said or getattr(found, "queue", None) or "default")
