"""Values as the API shows them: the only place that knows these names. Also printed by the command line's `--json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from horizon.backends.guarding import guard_of
from horizon.backends.values import Acted, Cause, Operation, SessionRecord, Verb
from horizon.control import pacing, stopping
from horizon.control.operations import reason_of
from horizon.control.preview import Preview
from horizon.control.stopping import Stopping
from horizon.core import deadlines
from horizon.core.clock import SECOND, Micros, iso, now
from horizon.core.outcome import Failure
from horizon.core.query import Page
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState
from horizon.jobs.codec import readable
from horizon.monitor.figures import Overview, QueueFigures
from horizon.monitor.groups import NOWHERE, Home
from horizon.security.payloads import Sight
from horizon.security.sealed import is_sealed

Json = dict[str, Any]


def seconds(micros: Micros | None) -> float | None:
    """A duration as the API shows it."""
    return None if micros is None else micros / SECOND


def job(record: Record, tries: int | None = None, home: Home = NOWHERE) -> Json:
    """One job of a list. `tries`: what holds where neither its class nor its dispatch says how often it may run; `home`: the
    batch and the chain it belongs to."""
    return {
        "id": record.id,
        "name": record.name,
        "queue": record.queue,
        "connection": record.connection,
        "state": record.state.value,
        "priority": record.priority,
        "attempts": record.attempts,
        "max_tries": tries if record.max_tries is None else record.max_tries,
        "tags": list(record.tags),
        "created_at": iso(record.created_at),
        "available_at": iso(record.available_at),
        "started_at": iso(record.started_at),
        "finished_at": iso(record.finished_at),
        "wait": seconds(record.wait),
        "runtime": seconds(record.runtime),
        "progress": record.progress,
        "batch_id": home.batch,
        "chain_id": home.chain,
        "error": error(record.error),
    }


def job_in_full(record: Record, seen: Sight, tries: int | None = None, home: Home = NOWHERE, *, encrypted: bool | None = None) -> Json:
    """One job with its arguments, its result and what happened to it, as far as they are to be seen. `encrypted`: whether it
    is in the store; None: as the record says."""
    record = seen.record(record)
    return {
        **job(record, tries, home),
        "encrypted": is_sealed(record.payload) if encrypted is None else encrypted,
        "payload": seen.data(readable(record.payload)),
        "result": seen.data(readable(record.result)),
        "history": [attempt(one, seen) for one in record.history],
        "cancellation": stopped(stopping.of(record)),
        "deadline": iso(record.deadline),
        "deadline_missed": deadlines.missed(record, now()),
        "expires": record.expires,
        "fair": record.fair,
        "limits": list(record.limits),
        "waits_for_limit": record.waits_for_limit,
    }


def stopped(found: Stopping | None) -> Json | None:
    """How the cancellation of a job that had started went."""
    if found is None:
        return None
    return {
        "requested_by": found.by or None,
        "requested_at": iso(found.asked_at),
        "reason": found.said or None,
        "noticed_at": iso(found.noticed_at),
        "stopped_at": iso(found.stopped_at),
        "by": None if found.how is None else found.how.value,
    }


def attempt(one: Attempt, seen: Sight) -> Json:
    """One run of a job."""
    failure = one.error
    return {
        "attempt": one.number,
        "started_at": iso(one.started_at),
        "finished_at": iso(one.finished_at),
        "worker": one.worker,
        "outcome": one.outcome,
        "error": None if failure is None else {**(error(failure) or {}), "traceback": failure.traceback},
        "memory_mb": None if one.memory_kb is None else round(one.memory_kb / 1024, 1),
        "log": [{"at": iso(line.at), "level": line.level, "message": seen.text(line.message)} for line in one.logs],
    }


def error(failure: Failure | None) -> Json | None:
    """An exception without its traceback."""
    return None if failure is None else {"type": failure.type, "message": failure.message}


def page(found: Page, tries: Callable[[str], int] | None = None, where: Mapping[str, Home] | None = None) -> Json:
    """A page of jobs, with the way to the next one; `tries` as for `job`, by connection, and `where` by the id of their group."""
    known = where or {}
    shown: Json = {
        "items": [
            job(record, None if tries is None else tries(record.connection), known.get(record.group or "", NOWHERE))
            for record in found.items
        ],
        "next": found.next,
        "total": found.total,
        "total_at_least": found.total_at_least,
    }
    if found.searched_back_to is not None:
        shown["searched_back_to"] = iso(found.searched_back_to)
    return shown


def dashboard(overview: Overview) -> Json:
    """The figures of the first page."""
    return {
        "status": overview.status,
        "health": {
            "score": overview.health.score,
            "deductions": [{"points": one.points, "reason": one.reason} for one in overview.health.deductions],
        },
        "throughput_per_minute": overview.throughput_per_minute,
        "jobs_past_hour": overview.jobs_past_hour,
        "failed_past_hour": overview.failed_past_hour,
        "failure_rate": overview.failure_rate,
        "longest_wait": {"queue": overview.longest_queue, "seconds": overview.longest_wait},
        "runtime_p95": overview.runtime_p95,
        "processes": {"running": overview.processes.running, "slots": overview.processes.slots, "busy": overview.processes.busy},
        "counts": {state.value: overview.counts.get(state, 0) for state in JobState},
        "queues": [queue(row) for row in overview.queues],
    }


def queue(row: QueueFigures) -> Json:
    """One queue of the dashboard."""
    shown = (JobState.PENDING, JobState.PROCESSING, JobState.SCHEDULED, JobState.RETRYING, JobState.FAILED)
    return {
        "name": row.name,
        "connection": row.connection,
        **{state.value: row.count(state) for state in shown},
        "oldest_seconds": row.oldest,
        "jobs_per_minute": row.per_minute,
        "paused": row.paused,
    }


def status(overview: Overview) -> Json:
    """Whether anybody works, and who."""
    processes = overview.processes
    return {
        "status": overview.status,
        "processes": {"running": processes.running, "slots": processes.slots, "busy": processes.busy},
        "workers": [session(record) for record in overview.workers],
        "problems": list(overview.problems),
        "warnings": list(overview.warnings),
    }


def session(record: SessionRecord) -> Json:
    """A living worker in short."""
    info, slots = record.info, [slot for executor in record.report.executors for slot in _slots(executor.get("slots"))]
    return {
        "session": info.id,
        "host": info.host,
        "pid": info.pid,
        "state": record.report.state,
        "queues": list(info.queues),
        "processes": info.processes,
        "concurrency": info.concurrency,
        "busy": sum(1 for slot in slots if slot.get("job")),
        "version": info.version,
        "code_version": info.code_version,
        "started_at": iso(record.started_at),
    }


def _slots(value: object) -> list[Any]:
    """What an executor reported, in a form that forgives one of another version."""
    return [slot for slot in value if isinstance(slot, dict)] if isinstance(value, (list, tuple)) else []


def cause(one: Cause, suggestion: str) -> Json:
    """Failures with the same origin."""
    return {
        "cause": one.cause,
        "type": one.type,
        "message": one.message,
        "name": one.name,
        "count": one.count,
        "first_at": iso(one.first_at),
        "last_at": iso(one.last_at),
        "suggestion": suggestion,
    }


def acted(action: str, done: Acted) -> Json:
    """What an act did."""
    return {"action": action, "done": len(done.done), "skipped": [{"id": id, "reason": reason} for id, reason in done.skipped]}


def operation(one: Operation) -> Json:
    """A bulk act under way."""
    guard = guard_of(one.params)
    return {
        "id": one.id,
        "action": one.verb,
        "actor": one.actor,
        "state": one.state,
        "created_at": iso(one.created_at),
        "finished_at": iso(one.finished_at),
        "expected": one.expected,
        "per_second": pacing.of(one.params),
        "canary": guard.canary or None,
        "stop_when_failing": guard.stop_at,
        "done": one.done,
        "skipped": one.skipped,
        "reasons": dict(one.reasons),
    }


def operation_in_full(one: Operation) -> Json:
    """One by itself, with what is known of its jobs."""
    trace = one.trace
    return {
        **operation(one),
        "reason": reason_of(one) or None,
        "stopped_because": trace.stopped or None,
        "watched": {"fine": trace.fine, "failed_again": trace.again, "waiting": len(trace.watch), "canary_passed": trace.passed},
        "acted_on": list(trace.acted),
        "failed_again": list(trace.failed),
        "left_alone": {reason: list(ids) for reason, ids in trace.left.items()},
    }


def preview(action: str, seen: Preview, verb: Verb) -> Json:
    """What an act would touch."""
    return {
        "action": action,
        "count": seen.count,
        "exact": seen.exact,
        "looked_at": seen.looked or None,
        "states": {state.value: n for state, n in seen.states.items()},
        "queues": dict(seen.queues),
        "names": dict(seen.names),
        "causes": [{"cause": one.cause, "type": one.type, "count": one.count} for one in seen.origins],
        "ages": dict(seen.ages),
        "sampled": seen.sampled or None,
        "left_alone": {state.value: n for state, n in seen.left(verb).items()},
    }


def operations(found: Sequence[Operation], following: str | None = None, total: int | None = None) -> Json:
    """Bulk acts, newest first."""
    return {
        "items": [operation(one) for one in found],
        "next": following,
        "total": total,
        "total_at_least": len(found) if total is None else total,
    }
