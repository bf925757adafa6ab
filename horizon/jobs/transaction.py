"""Where a dispatch goes: into the host's transaction that is under way, to the store at once, or there after the commit.

- The host's session holds writes, and the job's store is the host's own database: the job joins, and shares their fate.
- `session=` names the session to join. `.immediately()` never joins.
- `.after_commit()` for a store other than the host's: pushed from this process right after the commit. Should the process
  die between the two, or the store not answer just then, that job is not pushed; an error in the log names it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from horizon.backends.values import PushStatus
from horizon.core.clock import now
from horizon.core.envelope import Envelope
from horizon.core.errors import InvalidInput
from horizon.jobs import failover
from horizon.jobs.ambient import HostTransaction, RuntimeLike
from horizon.jobs.jobid import Fate, JobId

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
        url = runtime.url(connection)
        joined = _joined(runtime, url, session, after_commit)
        if joined is not None:
            return _join(runtime, connection, envelopes, joined)
        waits_for = follows(runtime, session) if after_commit else None
        if waits_for is not None:
            return _after(runtime, connection, envelopes, waits_for)
    return _push(runtime, connection, envelopes)


def _joined(runtime: RuntimeLike, url: str, session: object | None, after_commit: bool) -> HostTransaction | None:
    """The transaction to join, None where there is none to."""
    host = runtime.host
    if host is None:
        if session is not None and not after_commit:
            raise InvalidInput(
                "session= joins a transaction of the host's database, and this app's Horizon was not given one: Horizon(app, db=db); "
                "or use .after_commit() to dispatch when that session has committed"
            )
        return None
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
    way = runtime.way(connection)
    if len(way) == 1:
        connection, pushed = way[0], runtime.backend(connection).push(envelopes)
    else:
        connection, pushed = failover.push(runtime, way, envelopes)
    answers: list[JobId | None] = []
    heard = runtime.events.heard("job_queued")
    for envelope, answer in zip(envelopes, pushed, strict=True):
        held = answer.status is PushStatus.DUPLICATE
        answers.append(None if held else JobId(envelope.id, runtime, connection))
        if heard and answer.status is PushStatus.CREATED:
            announce(runtime, connection, envelope)
    return answers


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
            logging.getLogger("horizon.jobs").exception(
                "the transaction was committed, but these jobs could not be pushed after it and are lost: %s; dispatch them again", names
            )

    host.follow(committed, lambda: _settle(ids, Fate.ROLLED_BACK))
    return list(ids)


def _settle(ids: Sequence[JobId], fate: Fate) -> None:
    for id in ids:
        id._fate = fate
