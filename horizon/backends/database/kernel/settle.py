"""The end of attempts: whether a token may still speak, what becomes of its job, what is remembered of the run."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from horizon.backends import expiry
from horizon.backends.database.db import GLANCE, Question, Refused, fetch, undone_on_failure
from horizon.backends.database.kernel import effects, gates, holding, logs, parked, record
from horizon.backends.database.kernel.endings import ended_run, ended_unrun
from horizon.backends.database.kernel.followup import push_follow_ups
from horizon.backends.database.kernel.lots import may_hold_limits
from horizon.backends.database.kernel.record import GoingOn
from horizon.backends.database.kernel.rows import FAILED, PROCESSING, Done, Held, Live
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.decide import Next, decide, word
from horizon.core.outcome import Answer, Failure, Kind, Outcome
from horizon.core.states import JobState

log = logging.getLogger("horizon.store")
LAST_SAID = "SELECT n, last_token, last_said FROM horizon_live WHERE n IN ({in})"
SAID = "SELECT n, token, said FROM horizon_done WHERE n IN ({in})"
CRASHES_ALLOWED = "SELECT n, max_crashes FROM horizon_job WHERE n IN ({in})"
REFUSED_WORDS = 200
WAITED_FOR = f"SELECT EXISTS (SELECT 1 FROM horizon_edge WHERE {record.AWAITED} AND parent IN ({{in}}))"


Said = tuple[str | None, int | None]
"""(token, kind) of the last outcome heard of a job: the same again is answered DUP."""


class End(NamedTuple):
    """One attempt that ends here, and where its job goes."""

    job: Live
    outcome: Outcome
    goes: Next
    tries: int
    crashes: int
    said: Said


@dataclass(slots=True)
class Settled:
    """Answers in the order of the outcomes, and why some could not be kept, by index."""

    answers: list[Answer]
    refused: dict[int, str]


def settle(scope: Scope, outcomes: Sequence[Outcome]) -> Settled:
    """Apply outcomes. Raises Refused where the store cannot keep one of them; the act is to be undone then."""
    return Settled(_settle_all(scope, outcomes) if outcomes else [], {})


def _settle_all(scope: Scope, outcomes: Sequence[Outcome], said: Kind | None = None) -> list[Answer]:
    """Apply outcomes that come from another process, and may hold anything. Raises Refused."""
    try:
        return _apply(scope, outcomes, said)
    except (TypeError, ValueError, AttributeError) as error:
        log.exception("an outcome cannot be understood; its job ends as failed")
        raise Refused(f"{type(error).__name__}: {error}") from error


def settle_carefully(scope: Scope, outcomes: Sequence[Outcome]) -> Settled:
    """Apply outcomes. One that the store cannot keep ends its job `failed`; the others settle all the same."""
    part = scope.part()
    try:
        with undone_on_failure(scope.db):
            answers = _settle_all(part, outcomes)
    except Refused as error:
        return _bisect(scope, outcomes, str(error))
    scope.ledger.absorb(part.ledger)
    return Settled(answers, {})


def _bisect(scope: Scope, outcomes: Sequence[Outcome], problem: str) -> Settled:
    """Find the outcomes at fault by halves."""
    if len(outcomes) == 1:
        return _unsettleable(scope, outcomes[0], problem)
    middle = len(outcomes) // 2
    first, second = settle_carefully(scope, outcomes[:middle]), settle_carefully(scope, outcomes[middle:])
    later = {index + middle: reason for index, reason in second.refused.items()}
    return Settled(first.answers + second.answers, {**first.refused, **later})


def _unsettleable(scope: Scope, outcome: Outcome, problem: str) -> Settled:
    reason = f"unsettleable: {problem[:REFUSED_WORDS]}"
    failed = Outcome(
        id=outcome.id,
        ref=outcome.ref,
        token=outcome.token,
        kind=Kind.FAILED,
        reason=reason,
        error=Failure(type="Unsettleable", message=reason, cause="Unsettleable"),
    )
    answers = _settle_all(scope, [failed], said=outcome.kind)
    return Settled(answers, {0: problem} if answers == [Answer.OK] else {})


def _apply(scope: Scope, outcomes: Sequence[Outcome], said: Kind | None) -> list[Answer]:
    refs = [_ref(outcome) for outcome in outcomes]
    if any(type(one.token) is str and may_hold_limits(one.token) for one in outcomes):
        scope.db.foresee(_quiet(refs))
    jobs = {job.n: job for job in gates.fetch_held(scope.db, list(dict.fromkeys(refs)))}
    ending: dict[int, Outcome] = {}
    answers: list[Answer | None] = []
    for n, outcome in zip(refs, outcomes, strict=True):
        job = jobs.get(n)
        if job is not None and job.state == PROCESSING and job.token == outcome.token:
            answers.append(Answer.OK if n not in ending else _again(ending[n], outcome))
            ending.setdefault(n, outcome)
        else:
            answers.append(None)
    plain = {n for n, outcome in ending.items() if is_plain(jobs[n], outcome)}
    complete(scope, [(jobs[n], ending[n]) for n in ending if n in plain], refs if len(plain) == len(refs) else ())
    if len(plain) < len(ending):
        heard = {n: (outcome.token, int(outcome.kind if said is None else said)) for n, outcome in ending.items() if n not in plain}
        end_attempts(scope, [(job, ending[job.n]) for job in gates.fetch_live(scope.db, list(heard))], heard)
    effects.keep(scope.db, list(ending.values()), scope.now)
    if None not in answers:
        return [answer for answer in answers if answer is not None]
    return _answer_the_rest(scope, refs, outcomes, answers)


def is_plain(job: Held, outcome: Outcome) -> bool:
    """Whether this is what nearly every end is: the job completed, and nobody wanted anything else of it."""
    return outcome.kind is Kind.COMPLETED and job.hide_reason is None and not (outcome.charge_crash or outcome.suspect)


def complete(scope: Scope, runs: Sequence[tuple[Held, Outcome]], refs: Sequence[int]) -> None:
    """`end_attempts` for plain ends: what stays as it was never leaves the store. `refs`: of all that is settled."""
    if not runs:
        return
    rows = []
    for job, outcome in runs:
        started_at = (job.reserved_at or scope.now) + outcome.started_after
        wait = max(0, started_at - job.available_at)
        scope.ledger.completed(job.queue, job.name, outcome, wait)
        rows.append((job.n, started_at, wait, outcome.runtime, outcome.memory_kb, outcome.result))
    logs.keep(
        scope.db, [logs.News(job.n, job.runs, o.logs, o.logs_dropped) for job, o in runs if o.logs or o.logs_dropped], scope.log_lines
    )
    lots = {job.lot for job, _ in runs if job.lot is not None}
    if lots and _is_quiet(scope, refs):
        holding.foresee(scope, lots)
    gates.complete(scope, [job for job, _ in runs], rows)


def _quiet(refs: Sequence[int]) -> list[Question]:
    return [Question(WAITED_FOR, values=list(dict.fromkeys(refs))), Question(GLANCE)]


def _is_quiet(scope: Scope, refs: Sequence[int]) -> bool:
    """Whether it is known that no more jobs will be locked in this act than those that it settles: then it may hold their limits."""
    edges, glance = (scope.db.foreseen(one) for one in _quiet(refs))
    if not edges or not glance:
        return False
    (awaited,), (waits, due) = edges[0], glance[0]
    return not awaited and not waits and (due is None or due > scope.now)


def _again(first: Outcome, second: Outcome) -> Answer:
    return Answer.DUP if first.kind == second.kind else Answer.LOST


def _answer_the_rest(scope: Scope, refs: Sequence[int], outcomes: Sequence[Outcome], answers: Sequence[Answer | None]) -> list[Answer]:
    """DUP for a token that said this already, LOST for any other that holds nothing."""
    asked = [n for n, answer in zip(refs, answers, strict=True) if answer is None]
    last: dict[int, Said] = {n: (token, said) for sql in (LAST_SAID, SAID) for n, token, said in fetch(scope.db, sql, asked)}
    return [
        answer or (Answer.DUP if last.get(n) == (outcome.token, int(outcome.kind)) else Answer.LOST)
        for n, outcome, answer in zip(refs, outcomes, answers, strict=True)
    ]


def _ref(outcome: Outcome) -> int:
    return outcome.ref if type(outcome.ref) is int and 0 < outcome.ref < 2**62 else 0


def end_attempts(scope: Scope, attempts: Sequence[tuple[Live, Outcome]], heard: Mapping[int, Said] | None = None) -> None:
    """Everything that the end of these attempts changes; each is known to hold its job.

    `heard` is what their holders themselves said, by number: nothing, where others speak for them.
    """
    if not attempts:
        return
    ends = _decide_all(scope, attempts, heard or {})
    for end in ends:
        wait = max(0, (end.job.reserved_at or scope.now) + end.outcome.started_after - end.job.available_at)
        scope.ledger.attempt(end.job.queue, end.job.name, end.outcome, wait)
        scope.ledger.became(end.job.queue, end.job.name, end.outcome.kind, end.goes.state)
    logs.keep(scope.db, [_news(end) for end in ends if end.outcome.logs or end.outcome.logs_dropped], scope.log_lines)
    over = [end for end in ends if end.goes.state.terminal]
    on = [end for end in ends if not end.goes.state.terminal]
    record.went_on(scope.db, scope.ledger, [_going_on(scope, end) for end in on])
    if over:
        gates.finish(scope, [end.job for end in over], [_done(scope, end) for end in over])
        push_follow_ups(scope, [end.job for end in over if end.outcome.follow_up and end.goes.state is JobState.FAILED])


def expire(scope: Scope, jobs: Sequence[Live]) -> None:
    """End waiting jobs whose deadline has passed."""
    failure, jobs = expiry.FAILURE, parked.as_pending(scope.db, scope.ledger, jobs)
    late = [job._replace(cause=failure.cause, error_type=failure.type, error_message=failure.message) for job in jobs]
    gates.finish(scope, late, [ended_unrun(job, FAILED, scope.now, expiry.REASON) for job in late])
    for job in late:
        scope.ledger.of(job.queue, job.name).failed += 1
    push_follow_ups(scope, late)


def _news(end: End) -> logs.News:
    return logs.News(end.job.n, end.job.runs, end.outcome.logs, end.outcome.logs_dropped)


def _decide_all(scope: Scope, attempts: Sequence[tuple[Live, Outcome]], heard: Mapping[int, Said]) -> list[End]:
    charged = [job.n for job, outcome in attempts if outcome.charge_crash]
    allowed = {n: most or scope.max_crashes for n, most in fetch(scope.db, CRASHES_ALLOWED, charged)}
    ends = []
    for job, outcome in attempts:
        crashes = job.crashes + outcome.charge_crash
        goes = decide(
            outcome, scope.now, crashes=crashes, crashes_allowed=allowed.get(job.n, scope.max_crashes), cancel_reason=job.cancel_reason
        )
        said = heard.get(job.n) or (job.last_token, job.last_said)
        ends.append(End(job, outcome, goes, job.tries - (outcome.kind is Kind.RETURNED), crashes, said))
    return ends


def _leaves_trace(outcome: Outcome) -> bool:
    """Whether the history tells of this run: not where it was handed back before it began."""
    return outcome.started or outcome.kind is not Kind.RETURNED


def _done(scope: Scope, end: End) -> Done:
    if not _leaves_trace(end.outcome):
        job = end.job._replace(runs=end.job.runs - 1, tries=end.tries, last_token=end.said[0], last_said=end.said[1])
        return ended_unrun(job, end.goes.state.code, scope.now, end.goes.reason)
    return ended_run(
        end.job, end.goes.state.code, end.outcome, scope.now, word=word(end.outcome, end.goes.state), reason=end.goes.reason,
        error=end.goes.error, tries=end.tries, crashes=end.crashes, said=end.said,
    )  # fmt: skip


def _going_on(scope: Scope, end: End) -> GoingOn:
    job, outcome, goes = end.job, end.outcome, end.goes
    pending = goes.state is JobState.PENDING
    traced = _leaves_trace(outcome)
    started_at = (job.reserved_at or scope.now) + outcome.started_after
    return GoingOn(
        live=job,
        state=goes.state.code,
        place=_place(scope, job, goes),
        available_at=goes.at if goes.at is not None else job.available_at if goes.keep_place else scope.now,
        tries=end.tries,
        runs=job.runs if traced else job.runs - 1,
        crashes=end.crashes,
        suspect=outcome.suspect or (bool(job.suspect) and outcome.kind is Kind.RETURNED),
        said=end.said,
        started_at=started_at if traced else job.started_at,
        wait=max(0, started_at - job.available_at) if traced else job.wait,
        runtime=outcome.runtime if traced else job.runtime,
        memory_kb=outcome.memory_kb if traced else job.memory_kb,
        error=goes.error if goes.error is not None or not pending else job.error,
        reason=goes.reason,
        worker=job.worker,
        attempt=_attempt(scope, end, started_at) if traced else None,
    )


def _place(scope: Scope, job: Live, goes: Next) -> int:
    """Where it stands from now on; what waits for a time has no turn."""
    if goes.keep_place:
        return job.place
    if goes.state is JobState.PENDING:
        return scope.place(job.queue, job.rank, job)
    return job.place if job.fair is None else 0


def _attempt(scope: Scope, end: End, started_at: int) -> tuple[object, ...]:
    """The row of history of a run that is followed by another one."""
    job, outcome = end.job, end.outcome
    error = outcome.error
    parts = (None, None, None, None) if error is None else (error.cause or None, error.type, error.message, error.traceback)
    return (
        job.n, job.runs, job.round, started_at, scope.now, job.worker, word(outcome, end.goes.state), outcome.memory_kb,
        outcome.delay if outcome.delay > 0 else None, end.goes.reason, *parts,
    )  # fmt: skip
