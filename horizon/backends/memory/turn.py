"""turn: settle what ended, reserve what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from horizon.backends.expiry import expires_at
from horizon.backends.memory.kernel import gates, lots, record
from horizon.backends.memory.kernel.groups import ripen_all
from horizon.backends.memory.kernel.settle import settle
from horizon.backends.memory.kernel.store import Job, Store
from horizon.backends.memory.queues import in_drawn_order
from horizon.backends.memory.sessions import is_open
from horizon.backends.memory.tick import catch_up
from horizon.backends.values import Reservation, Turned, Want
from horizon.core.clock import Micros
from horizon.core.ids import token
from horizon.core.outcome import Outcome
from horizon.core.states import JobState


def turn(store: Store, outcomes: Sequence[Outcome], want: Want | None, now: Micros) -> Turned:
    """See `Backend.turn`. Settling comes first: an expired session that still speaks is listened to."""
    settled = [settle(store, outcome, now) for outcome in outcomes]
    ripen_all(store, now)
    catch_up(store, now)
    reservations = [] if want is None else reserve(store, want, now)
    return Turned(
        answers=[answer for answer, _ in settled],
        reservations=reservations,
        next_due=next_due(store, () if want is None else want.queues, now),
        now=now,
        refused={index: problem for index, (_, problem) in enumerate(settled) if problem},
    )


def reserve(store: Store, want: Want, now: Micros) -> list[Reservation]:
    """Hand out jobs: none to a session the store has given up, none beside a job that must run alone."""
    if want.count <= 0 or not is_open(store, want.session):
        return []
    mine = [job for job in store.held.get(want.session, {}).values() if job.executor == want.executor]
    if any(job.alone for job in mine):
        return []
    word = token()
    return [_hand_over(store, job, want, f"{word}:{job.n}", now) for job in _pick(store, want, now, busy=bool(mine))]


def _pick(store: Store, want: Want, now: Micros, *, busy: bool) -> list[Job]:
    """The next jobs in order. One whose limits have no room any more is parked, and passed over.

    A suspect is taken alone; one that cannot be, yet, ends the picking: it must not starve.
    """
    picked: list[Job] = []
    barred: list[Job] = []
    for job in _in_order(store, want, now):
        if job.envelope.limits and not lots.has_room(store, job, now):
            barred.append(job)
            continue
        if _ends(job, picked, want, busy=busy):
            break
        picked.append(job)
        if job.envelope.limits:
            lots.take(store, job, now)
        if job.suspect or len(picked) == want.count:
            break
    for job in barred:
        record.park(store, job)
    return picked


def _ends(job: Job, picked: list[Job], want: Want, *, busy: bool) -> bool:
    """Whether the picking ends before this job, and with it: it must not be overtaken again and again."""
    if job.suspect:
        return bool(picked) or busy
    if job.envelope.limits and sum(bool(one.envelope.limits) for one in picked) == want.limited:
        return True
    return bool(picked) and sum(len(one.envelope.payload) for one in (*picked, job)) > want.max_bytes


def _in_order(store: Store, want: Want, now: Micros) -> Iterator[Job]:
    """Pending jobs in the order in which this worker should run them; paused queues are passed over, and what has expired."""
    names = [name for name in want.queues or sorted(store.ready) if store.ready.get(name) and not store.settings(name, now).paused]
    if want.fair or not want.queues:
        names = in_drawn_order([(name, store.settings(name, now).priority_weight) for name in names], want.draw)
    found = (
        store.by_n[n] for name in dict.fromkeys(names) for rank, _, n in store.ready[name] if want.floor is None or -rank >= want.floor
    )
    return (job for job in found if (at := expires_at(job.envelope)) is None or at > now)


def _hand_over(store: Store, job: Job, want: Want, attempt_token: str, now: Micros) -> Reservation:
    job.token, job.session, job.executor, job.reserved_at = attempt_token, want.session, want.executor, now
    job.alone = job.suspect
    job.tries += 1
    job.runs += 1
    job.max_tries = want.default_max_tries if job.max_tries is None else job.max_tries
    job.timeout = want.default_timeout if job.timeout is None else job.timeout
    job.progress = job.progress_note = None
    record.move(store, job, JobState.PROCESSING, now)
    gates.spend_key(store, job)
    return _reservation(job, attempt_token, now)


def _reservation(job: Job, attempt_token: str, now: Micros) -> Reservation:
    envelope = job.envelope
    return Reservation(
        id=job.id,
        ref=job.n,
        token=attempt_token,
        name=job.name,
        queue=job.queue,
        payload=envelope.payload,
        version=envelope.version,
        attempt=job.tries,
        run=job.runs,
        round=job.round,
        priority=job.priority,
        max_tries=job.max_tries,
        timeout=job.timeout,
        backoff=envelope.backoff,
        retry_until=envelope.retry_until,
        max_crashes=envelope.max_crashes,
        crashes=job.crashes,
        tags=envelope.tags,
        user=envelope.user,
        tenant=envelope.tenant,
        group=envelope.group,
        deadline=envelope.deadline,
        hook=envelope.hook,
        code_version=envelope.code_version,
        signature=envelope.signature,
        unique_key=envelope.unique_key,
        created_at=job.created_at,
        available_at=job.available_at,
        reserved_at=now,
        alone=job.alone,
    )


def next_due(store: Store, queues: Sequence[str], now: Micros) -> Micros | None:
    """When the next waiting job of these queues (none given: of any) is due; paused queues do not count."""

    def goes_on(queue: str) -> bool:
        return (not queues or queue in queues) and not store.settings(queue, now).paused

    due = next((at for at, n in store.due if goes_on(store.by_n[n].queue)), None)
    opens = min((at for (queue, _), at in lots.openings(store, now) if goes_on(queue)), default=None)
    return opens if due is None or (opens is not None and opens < due) else due
