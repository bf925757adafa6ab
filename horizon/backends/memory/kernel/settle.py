"""The end of one attempt: whether it may still speak, what becomes of the job, what is remembered of it."""

from __future__ import annotations

import json

from horizon.backends import expiry
from horizon.backends.decide import Next, decide, word
from horizon.backends.memory.kernel import gates, lots, record
from horizon.backends.memory.kernel.birth import create
from horizon.backends.memory.kernel.samples import count_attempt, count_ended
from horizon.backends.memory.kernel.store import Job, Store
from horizon.core import dead
from horizon.core.clock import Micros
from horizon.core.effect import Effect
from horizon.core.envelope import FOLLOW_UP, Envelope
from horizon.core.ids import derived
from horizon.core.outcome import Answer, Failure, Kind, LogLine, Outcome
from horizon.core.record import Attempt
from horizon.core.states import JobState


def settle(store: Store, outcome: Outcome, now: Micros) -> tuple[Answer, str | None]:
    """Apply one outcome; also why the store could not keep it, where it could not."""
    job = store.jobs.get(outcome.id)
    if job is None or not holds(job, outcome.token):
        return (Answer.DUP if job is not None and job.said == (outcome.token, outcome.kind) else Answer.LOST), None
    said = (outcome.token, outcome.kind)
    if problem := unstorable(outcome):
        reason = f"unsettleable: {problem}"
        error = Failure(type="Unsettleable", message=reason, cause="Unsettleable")
        outcome = Outcome(id=outcome.id, ref=outcome.ref, token=outcome.token, kind=Kind.FAILED, reason=reason, error=error)
    end_attempt(store, job, outcome, now)
    for name, value in outcome.effects:  # of several with one name the first stands
        store.effects.setdefault(name, Effect(name=name, value=value, job_id=job.id, at=now))
    job.said = said
    return Answer.OK, problem


def holds(job: Job, token: str) -> bool:
    """Whether this token is that of the attempt under way."""
    return job.state is JobState.PROCESSING and job.token == token


def unstorable(outcome: Outcome) -> str | None:
    """Why an outcome cannot be kept: text that no store could write."""
    texts = [outcome.reason, *(line.message for line in outcome.logs)]
    if outcome.error is not None:
        texts += [outcome.error.type, outcome.error.message, outcome.error.traceback, outcome.error.cause]
    try:
        for text in texts:
            (text or "").encode()
    except UnicodeEncodeError as error:
        return f"text that is not valid Unicode ({error.reason})"
    return None


def end_attempt(store: Store, job: Job, outcome: Outcome, now: Micros) -> None:
    """Everything that one attempt's end changes, for an attempt known to hold its job."""
    if outcome.kind is Kind.RETURNED:
        job.tries -= 1
    if outcome.charge_crash:
        job.crashes += 1
    crashes_allowed = job.envelope.max_crashes or store.options.max_crashes
    goes = decide(outcome, now, crashes=job.crashes, crashes_allowed=crashes_allowed, cancel_reason=job.cancel_reason)
    _remember(store, job, outcome, goes, now)
    count_attempt(store, job, outcome, goes.state, now)
    _note(job, outcome, goes)
    if goes.state.terminal:
        gates.finish(store, job, goes.state, now, reason=goes.reason)
    else:
        job.reason = goes.reason
        record.move(store, job, goes.state, now, at=goes.at, keep_place=goes.keep_place)
    if goes.state is JobState.FAILED and outcome.follow_up and job.envelope.hook:
        _push_follow_up(store, job, now)


def expire(store: Store, job: Job, now: Micros) -> None:
    """End a waiting job whose deadline has passed."""
    if job.parked:
        record.let_stand(store, job)
    job.error = expiry.FAILURE
    gates.finish(store, job, JobState.FAILED, now, reason=expiry.REASON)
    count_ended(store, job, JobState.FAILED, now)
    if job.envelope.hook:
        _push_follow_up(store, job, now)


def _remember(store: Store, job: Job, outcome: Outcome, goes: Next, now: Micros) -> None:
    """Write the attempt into the history; one that was handed back before it began leaves no trace."""
    started_at = (job.reserved_at or now) + outcome.started_after
    if outcome.kind is Kind.RETURNED and not outcome.started:
        job.runs -= 1
        lots.give_back(store, job, now)
        return
    lines, dropped = capped([*job.logs, *outcome.logs], store.log_lines)
    job.history.append(
        Attempt(
            number=job.runs,
            round=job.round,
            started_at=started_at,
            finished_at=now,
            worker=worker_of(store, job),
            outcome=word(outcome, goes.state),
            reason=goes.reason,
            error=outcome.error,
            memory_kb=outcome.memory_kb,
            delay=outcome.delay if outcome.delay > 0 and not goes.state.terminal else None,
            logs=tuple(lines),
            logs_dropped=job.logs_dropped + dropped + outcome.logs_dropped,
        )
    )
    job.worker, job.started_at = worker_of(store, job), started_at
    job.wait = max(0, started_at - job.available_at)
    job.runtime, job.memory_kb = outcome.runtime, outcome.memory_kb


def worker_of(store: Store, job: Job) -> str | None:
    """Host and process that runs or ran it, as people know them."""
    session = store.sessions.get(job.session or "")
    return job.session if session is None else f"{session.info.host}:{session.info.pid}"


def capped(lines: list[LogLine], most: int) -> tuple[list[LogLine], int]:
    """The newest `most` lines, and how many older ones were dropped."""
    dropped = max(0, len(lines) - most)
    return lines[dropped:], dropped


def _note(job: Job, outcome: Outcome, goes: Next) -> None:
    """What the record itself says about its last attempt. Only an attempt that ended by itself clears a suspicion."""
    job.suspect = outcome.suspect or (job.suspect and outcome.kind is Kind.RETURNED)
    job.result = outcome.result if goes.state is JobState.COMPLETED else None
    job.error = None if goes.state is JobState.COMPLETED else goes.error or job.error
    job.logs, job.logs_dropped = [], 0


def _push_follow_up(store: Store, job: Job, now: Micros) -> None:
    """`failed()` could not be called, since its process was killed: a job of its own calls it."""
    id = derived(job.id, f"failed:{job.round}")
    if id in store.jobs:
        return
    of = job.envelope
    payload = json.dumps({"args": {"job_id": job.id, "round": job.round}}).encode()
    envelope = Envelope(
        id=id, name=FOLLOW_UP, queue=dead.own(job.queue), payload=payload, user=of.user, tenant=of.tenant, code_version=of.code_version,
        fair=of.fair, share=of.share,
    )  # fmt: skip
    create(store, envelope, now)
