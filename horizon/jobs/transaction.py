"""Where a dispatch goes: into the host's transaction that is under way, to the store at once, or there after the commit.

- The host's session holds writes, and the job's store is the host's own database: the job joins, and shares their fate.
- `session=` names the session to join. `.immediately()` never joins.
- `.after_commit()` for a store other than the host's, where the host's database is one of our stores: the job is written
  there with the host's writes, parked in a lane to its store, pushed right after the commit, and, should the process die in
  between or the store not answer just then, carried over by the leader. So it arrives exactly once, or never, with them.
- The same where the host's database is none of our stores: pushed from this process right after the commit. Should that
  fail, the job is lost; an error in the log names it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from horizon.backends.values import Pushed, PushStatus
from horizon.core import lanes
from horizon.core.alike import renew
from horizon.core.clock import now
from horizon.core.envelope import Envelope
from horizon.core.errors import InvalidInput, InvalidOption, QueueFull
from horizon.jobs import failover
from horizon.jobs.ambient import HostTransaction, RuntimeLike
from horizon.jobs.jobid import Fate, JobId
from horizon.jobs.routing import DROP

log = logging.getLogger("horizon.jobs")
Queued = Callable[[Envelope], None]


def send(
    runtime: RuntimeLike,
    connection: str,
    envelopes: Sequence[Envelope],
    *,
    session: object | None = None,
    after_commit: bool = False,
    immediately: bool = False,
) -> list[JobId | None]:
    """Hand envelopes to the store in whichever way is right here; the ids in order, None for a held unique key."""
    if immediately and session is not None:
        raise InvalidInput("immediately() never joins a transaction, and session= asks to join one; leave one of them out")
    if not immediately:
        joined = _joined(runtime, connection, session, after_commit)
        if joined is not None:
            return _join(runtime, connection, envelopes, joined)
        waits_for = follows(runtime, session) if after_commit else None
        if waits_for is not None:
            outbox = _outbox(runtime, connection, envelopes, session)
            return _after(runtime, connection, envelopes, waits_for) if outbox is None else _relay(runtime, connection, envelopes, outbox)
    renew(envelopes)  # whoever dispatches has just made them, and nobody else has them
    return _push(runtime, connection, envelopes)


def _joined(runtime: RuntimeLike, connection: str, session: object | None, after_commit: bool) -> HostTransaction | None:
    """The transaction to join, None where there is none to."""
    host = runtime.host
    if host is None:
        if session is not None and not after_commit:
            raise InvalidInput(
                "session= joins a transaction of the host's database, and this app's Horizon was not given one: Horizon(app, db=db); "
                "or use .after_commit() to dispatch when that session has committed"
            )
        return None
    url = runtime.url(connection)
    if session is None:
        return host.writing(url)
    if after_commit and not host.reaches(session, url):
        return None
    return host.given(session, url)


def follows(runtime: RuntimeLike, session: object | None) -> HostTransaction | None:
    """The transaction after which to dispatch, None where nothing is written in one."""
    host = runtime.host
    if host is None:
        if session is None:
            return None
        raise InvalidInput("after_commit() with session= needs to know the host's database: Horizon(app, db=db)")
    return host.given(session, None) if session is not None else host.writing(None)


def _push(runtime: RuntimeLike, connection: str, envelopes: Sequence[Envelope]) -> list[JobId | None]:
    try:
        to, pushed = failover.push(runtime, runtime.way(connection), envelopes)
    except QueueFull as full:
        queues = dict.fromkeys(envelope.queue for envelope in envelopes)
        if not all(_drops(runtime, queue) for queue in queues):
            raise
        kept: dict[str, JobId | None] = {}
        for queue in queues:
            kept |= _what_fits(runtime, connection, [envelope for envelope in envelopes if envelope.queue == queue], full)
        return [kept.get(envelope.id) for envelope in envelopes]
    return _told(runtime, to, envelopes, pushed)


def _drops(runtime: RuntimeLike, queue: str) -> bool:
    said = runtime.routing.queue(queue)
    return said is not None and said.when_full == DROP


def _what_fits(runtime: RuntimeLike, connection: str, envelopes: Sequence[Envelope], full: QueueFull) -> dict[str, JobId | None]:
    """Push the first of these jobs of one queue, as many as there is room for, found by halving; their ids. The log tells how many
    were dropped."""
    kept: dict[str, JobId | None] = {}
    left, size = list(envelopes), len(envelopes)
    while left and size:
        piece = left[:size]
        try:
            to, pushed = failover.push(runtime, runtime.way(connection), piece)
        except QueueFull:
            size //= 2
            continue
        kept |= zip((envelope.id for envelope in piece), _told(runtime, to, piece, pushed), strict=True)
        left = left[size:]
    if left:
        log.warning("%s: %d dropped, as the queue wants it when it is full (%s)", left[0].name, len(left), full)
    return kept


def _told(runtime: RuntimeLike, connection: str, envelopes: Sequence[Envelope], pushed: Sequence[Pushed]) -> list[JobId | None]:
    """The ids of what was pushed; listeners hear of what is new."""
    for envelope, answer in zip(envelopes, pushed, strict=True) if runtime.events.heard("job_queued") else ():
        if answer.status is PushStatus.CREATED:
            announce(runtime, connection, envelope)
    return [None if answer.status is PushStatus.DUPLICATE else JobId(answer.id, runtime, connection) for answer in pushed]


def announce(runtime: RuntimeLike, connection: str, envelope: Envelope) -> None:
    """Tell listeners that a job is in the store for good."""
    runtime.events.send(
        "job_queued", sender=runtime.sender, job_id=envelope.id, name=envelope.name, queue=envelope.queue, connection=connection
    )


def _join(runtime: RuntimeLike, connection: str, envelopes: Sequence[Envelope], host: HostTransaction) -> list[JobId | None]:
    """Write to the store's inbox with the host's connection; everybody else hears of it after the commit."""
    store = runtime.store(connection)
    at = now()
    envelopes = [replace(envelope, created_at=at) for envelope in envelopes]
    ids = [JobId(envelope.id, runtime, connection, Fate.WAITING) for envelope in envelopes]
    host.join(lambda raw: store.inbox.put(envelopes, connection=raw))

    def committed() -> None:
        _settle(ids, Fate.STORED)
        store.wake()
        for envelope in envelopes:
            announce(runtime, connection, envelope)

    host.follow(committed, lambda: _settle(ids, Fate.ROLLED_BACK))
    return list(ids)


def _after(runtime: RuntimeLike, connection: str, envelopes: Sequence[Envelope], host: HostTransaction) -> list[JobId | None]:
    """Push when the host's transaction has been committed."""
    ids = [JobId(envelope.id, runtime, connection, Fate.WAITING) for envelope in envelopes]

    def committed() -> None:
        try:
            _push(runtime, connection, envelopes)
            _settle(ids, Fate.STORED)
        except Exception:
            _settle(ids, Fate.LOST)
            names = ", ".join(f"{envelope.name} {envelope.id}" for envelope in envelopes)
            log.exception(
                "the transaction was committed, but these jobs could not be pushed after it and are lost: %s; dispatch them again", names
            )

    host.follow(committed, lambda: _settle(ids, Fate.ROLLED_BACK))
    return list(ids)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outbox:
    """Where jobs for another store wait for the host's commit, and for being carried there."""

    home: str
    host: HostTransaction
    parked: Sequence[Envelope]


def _outbox(runtime: RuntimeLike, connection: str, envelopes: Sequence[Envelope], session: object | None) -> _Outbox | None:
    """None where the host's database is none of our stores, or where these jobs cannot be parked in it."""
    host, to, at = runtime.host, runtime.way(connection)[0], now()
    if host is None or any(envelope.edges or envelope.group for envelope in envelopes):
        return None
    try:
        parked = [replace(envelope, queue=lanes.lane(lanes.TO, to, envelope.queue), created_at=at) for envelope in envelopes]
    except InvalidOption:
        return None
    for home in runtime.connections():
        url = runtime.url(home)
        if session is not None:
            joined = host.given(session, url) if host.reaches(session, url) else None
        else:
            joined = host.writing(url)
        if joined is not None:
            return _Outbox(home=home, host=joined, parked=parked)
    return None


def _relay(runtime: RuntimeLike, connection: str, envelopes: Sequence[Envelope], outbox: _Outbox) -> list[JobId | None]:
    """Park the jobs with the host's writes; push them at once when those are committed, which the leader does otherwise."""
    store, to = runtime.store(outbox.home), runtime.way(connection)[0]
    ids = [JobId(envelope.id, runtime, to, Fate.WAITING) for envelope in envelopes]
    outbox.host.join(lambda raw: store.inbox.put(outbox.parked, connection=raw))

    def committed() -> None:
        _settle(ids, Fate.STORED)
        try:
            _told(runtime, to, envelopes, runtime.backend(to).push(envelopes))
        except Exception as error:
            log.warning("the connection %s does not take jobs just now; they are carried there from %s later: %s", to, outbox.home, error)

    outbox.host.follow(committed, lambda: _settle(ids, Fate.ROLLED_BACK))
    return list(ids)


def _settle(ids: Sequence[JobId], fate: Fate) -> None:
    for id in ids:
        id._fate = fate
