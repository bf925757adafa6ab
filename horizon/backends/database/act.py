"""act: what a person does to jobs. Each verb takes the jobs it may touch and says why it leaves the others alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from horizon.backends.database.audit import keep
from horizon.backends.database.db import change, fetch
from horizon.backends.database.find import sweep
from horizon.backends.database.kernel import gates, keys, record
from horizon.backends.database.kernel.endings import ended_unrun
from horizon.backends.database.kernel.gauges import barring
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.rows import (
    CANCELLED,
    COMPLETED,
    HIDDEN,
    PENDING,
    PROCESSING,
    RETRYING,
    SCHEDULED,
    Done,
    Live,
    state_of,
)
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.putback import put_back
from horizon.backends.database.store import Store
from horizon.backends.driven import check
from horizon.backends.parking import not_now
from horizon.backends.placing import Noted, Placed, noted
from horizon.backends.values import ACT_LIMIT, Acted, ActParams, Verb
from horizon.core.errors import InvalidInput
from horizon.core.lanes import is_lane
from horizon.core.query import Selection

FORGOTTEN = "it was forgotten; restore it first"
MISSING = "there is no such job"
NUMBERS = "SELECT id, n FROM horizon_job WHERE id IN ({in})"
IDS = "SELECT n, id FROM horizon_job WHERE n IN ({in})"
ASK_CANCEL = "UPDATE horizon_live SET cancel_reason = ? WHERE n IN ({in})"
MARK_FORGOTTEN = "UPDATE horizon_live SET hide_reason = ? WHERE n IN ({in})"
WHY_HIDDEN = "UPDATE horizon_done SET hide_reason = ? WHERE n IN ({in})"
Job = Live | Done


@dataclass(slots=True)
class Deed:
    """One verb at work: what it was asked, and which jobs it left alone and why."""

    scope: Scope
    params: ActParams
    skipped: dict[int, str] = field(default_factory=dict)

    def choose(self, jobs: Sequence[Job], why_not: Callable[[Job], str | None]) -> list[Job]:
        """Those that may be touched; the others are noted with the reason."""
        chosen = []
        for job in jobs:
            reason = why_not(job)
            if reason is None:
                chosen.append(job)
            else:
                self.skipped[job.n] = reason
        return chosen


def act(store: Store, selection: Selection, verb: Verb, params: ActParams, audit: Noted = None) -> Acted:
    """See `Backend.act`. Raises InvalidInput, InvalidOption, InvalidFilter before anything is touched."""
    check(verb, params)
    if len(set(selection.ids)) > ACT_LIMIT:
        raise InvalidInput(f"one act takes at most {ACT_LIMIT} jobs, got {len(set(selection.ids))}; store an operation for more")
    return store.act(lambda scope: _act(scope, selection, verb, params, audit))


def _act(scope: Scope, selection: Selection, verb: Verb, params: ActParams, audit: Noted) -> Acted:
    missing: list[str] = []
    more = False
    if selection.query is not None:
        found = sweep(scope.db, selection.query, ACT_LIMIT + 1)
        ns, more = found.ns[:ACT_LIMIT], found.reached is not None
    else:
        ids = list(dict.fromkeys(selection.ids))
        numbers = dict(fetch(scope.db, NUMBERS, ids))
        missing = [id for id in ids if id not in numbers]
        ns = [numbers[id] for id in ids if id in numbers]
    entry = noted(audit, _placed(scope, ns)) if callable(audit) else audit
    done, skipped = apply(scope, ns, verb, params)
    names = dict(fetch(scope.db, IDS, ns))
    keep(scope, entry, len(done))
    left_alone = [(id, MISSING) for id in missing] + [(names[n], skipped[n]) for n in ns if n in skipped]
    return Acted(done=tuple(names[n] for n in done), skipped=tuple(left_alone), more=more)


def _placed(scope: Scope, ns: Sequence[int]) -> Placed | None:
    """Where the only job stands, which nobody else changes before this act is over."""
    held = list(gates.hold(scope.db, ns).values())
    return Placed(queue=held[0].queue, priority=-held[0].rank, at=held[0].available_at) if len(held) == 1 else None


def apply(scope: Scope, ns: Sequence[int], verb: Verb, params: ActParams) -> tuple[list[int], dict[int, str]]:
    """One verb on jobs by number: (those done, in the order given; those left alone, with the reason)."""
    jobs: dict[int, Job] = gates.hold(scope.db, ns)
    given = [jobs[n] for n in ns if n in jobs]
    deed = Deed(scope, params)
    if verb is not Verb.RESTORE:
        given = deed.choose(given, lambda job: FORGOTTEN if job.state & HIDDEN else None)
    DEEDS[verb](deed, given)
    done = [n for n in ns if n in jobs and n not in deed.skipped]
    if done:
        touch(scope.db, scope.now)
    return done, deed.skipped


# one verb each --------------------------------------------------------------------------------------


def _word(job: Job) -> str:
    return str(state_of(job.state))


def _lives(jobs: Sequence[Job]) -> list[Live]:
    return [job for job in jobs if isinstance(job, Live)]


def _ends(jobs: Sequence[Job]) -> list[Done]:
    return [job for job in jobs if isinstance(job, Done)]


def _cancel(deed: Deed, jobs: Sequence[Job]) -> None:
    def why_not(job: Job) -> str | None:
        if isinstance(job, Done):
            return f"it already ended: {_word(job)}"
        return "its cancellation is under way" if job.cancel_reason is not None else None

    _cancel_now(deed.scope, _lives(deed.choose(jobs, why_not)), deed.params.reason or "cancelled")


def _cancel_now(scope: Scope, jobs: Sequence[Live], reason: str) -> None:
    """Running jobs are asked to stop; the others end here. One that is forgotten in a lane went on to another store: that is
    no cancellation."""
    running = [job.n for job in jobs if job.state == PROCESSING]
    _change(scope, ASK_CANCEL, running, reason)
    waiting = [job for job in jobs if job.state != PROCESSING]
    gates.finish(scope, waiting, [ended_unrun(job, CANCELLED, scope.now, reason) for job in waiting])
    for job in waiting:
        if job.hide_reason is None or not is_lane(job.queue):
            scope.ledger.of(job.queue, job.name).cancelled += 1


def _retry(deed: Deed, jobs: Sequence[Job]) -> None:
    scope = deed.scope
    ended = deed.choose(jobs, lambda job: None if isinstance(job, Done) else f"only a job that ended can be retried; it is {_word(job)}")
    held = keys.keys_held(scope.db, [job.n for job in ended], scope.now)
    free = _ends(deed.choose(ended, lambda job: f"key held by {held[job.n]}" if job.n in held else None))
    back = [end for end in free if deed.params.keep_time and end.state == CANCELLED]
    # one that completed did what its group wanted of it: whatever comes now is its own affair
    anew = [
        end._replace(group_n=None) if end.state == COMPLETED else end
        for end in free
        if not (deed.params.keep_time and end.state == CANCELLED)
    ]
    at, tries = deed.params.at, deed.params.tries or 0
    if at is not None and at > scope.now:
        record.reopened(scope.db, scope.ledger, anew, SCHEDULED, scope.now, place=scope.place, at=lambda end: at, tries=tries)
    else:
        record.reopened(scope.db, scope.ledger, anew, PENDING, scope.now, place=scope.place, tries=tries)
    gates.reopen(scope, [end.n for end in anew])
    deed.skipped.update(put_back(scope, back))


def _run_now(deed: Deed, jobs: Sequence[Job]) -> None:
    barred = barring(deed.scope.db, _lives(jobs))

    def why_not(job: Job) -> str | None:
        if job.n in barred:
            return not_now(barred[job.n])
        return None if job.state in record.WAITS_FOR_TIME else f"only a scheduled or retrying job can be run now; it is {_word(job)}"

    scope, ready = deed.scope, _lives(deed.choose(jobs, why_not))
    record.shifted(scope.db, scope.ledger, ready, PENDING, [(scope.place(job.queue, job.rank, job), scope.now) for job in ready])


def _reschedule(deed: Deed, jobs: Sequence[Job]) -> None:
    def why_not(job: Job) -> str | None:
        fits = job.state in (*record.WAITS_FOR_TIME, PENDING)
        return None if fits else f"only a pending, scheduled or retrying job can be rescheduled; it is {_word(job)}"

    at = deed.params.at or 0
    chosen = _lives(deed.choose(jobs, why_not))
    for state in (RETRYING, SCHEDULED):
        group = [job for job in chosen if (job.state == RETRYING) == (state == RETRYING)]
        record.shifted(deed.scope.db, deed.scope.ledger, group, state, [(job.place if job.fair is None else 0, at) for job in group])


def _prioritize(deed: Deed, jobs: Sequence[Job]) -> None:
    priority = deed.params.priority or 0

    def why_not(job: Job) -> str | None:
        if isinstance(job, Done) or job.state == PROCESSING:
            return f"only a job that waits can change its priority; it is {_word(job)}"
        return f"its priority is {priority} already" if job.rank == -priority else None

    scope, chosen = deed.scope, _lives(deed.choose(jobs, why_not))
    turns = {job.n: scope.place(job.queue, -priority, job) for job in chosen if job.fair is not None and job.waits_for_turn}
    record.relabelled(scope.db, scope.ledger, chosen, [(job.queue, -priority, turns.get(job.n, job.place)) for job in chosen], scope.now)


def _move(deed: Deed, jobs: Sequence[Job]) -> None:
    queue, scope = deed.params.queue or "", deed.scope

    def why_not(job: Job) -> str | None:
        if job.state == PROCESSING:
            return "it is running"
        return f"it is on queue {queue} already" if job.queue == queue else None

    chosen = deed.choose(jobs, why_not)
    labels = [(queue, job.rank, scope.place(queue, job.rank, job) if isinstance(job, Live) and job.waits_for_turn else 0) for job in chosen]
    record.relabelled(scope.db, scope.ledger, chosen, labels, scope.now)


def _forget(deed: Deed, jobs: Sequence[Job]) -> None:
    """A live job is cancelled first; one that runs is hidden as soon as it ended."""
    scope, reason = deed.scope, deed.params.reason or "forgotten"

    def why_not(job: Job) -> str | None:
        return "it is being forgotten already" if isinstance(job, Live) and job.hide_reason is not None else None

    chosen = deed.choose(jobs, why_not)
    ends, lives = _ends(chosen), [job._replace(hide_reason=reason) for job in _lives(chosen)]
    _change(scope, WHY_HIDDEN, [end.n for end in ends], reason)
    record.hidden(scope.db, scope.ledger, ends, scope.now)
    _change(scope, MARK_FORGOTTEN, [job.n for job in lives], reason)
    _cancel_now(scope, [job for job in lives if job.cancel_reason is None], reason)


def _restore(deed: Deed, jobs: Sequence[Job]) -> None:
    chosen = deed.choose(jobs, lambda job: None if job.state & HIDDEN else "it was not forgotten")
    record.shown(deed.scope.db, deed.scope.ledger, _ends(chosen))


def _change(scope: Scope, sql: str, ns: Sequence[int], value: str) -> None:
    change(scope.db, sql, ns, before=(value,))


DEEDS: dict[Verb, Callable[[Deed, Sequence[Job]], None]] = {
    Verb.CANCEL: _cancel, Verb.RETRY: _retry, Verb.RUN_NOW: _run_now, Verb.RESCHEDULE: _reschedule,
    Verb.PRIORITIZE: _prioritize, Verb.MOVE: _move, Verb.FORGET: _forget, Verb.RESTORE: _restore,
}  # fmt: skip
