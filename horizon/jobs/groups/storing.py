"""Pushing the chunks of a group.

What is pushed first begins to run at once; the group cannot end before its last jobs have come. Should they not come, because one
of them cannot be stored or the store does not answer, the group is cancelled.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Sequence

from horizon.backends.base import Backend
from horizon.backends.values import Pushed, PushStatus
from horizon.core.errors import HorizonError
from horizon.jobs import transaction
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.groups.chunk import Chunk
from horizon.jobs.jobid import JobId

log = logging.getLogger("horizon.jobs")


def push(runtime: RuntimeLike, connection: str, chunks: Iterable[Chunk], begun: str | None = None) -> None:
    """Push chunk by chunk. `begun`: the group that is cancelled where a later chunk does not arrive."""
    store = runtime.backend(connection)
    sent = False
    try:
        for chunk in chunks:
            answers = store.push(chunk.envelopes, groups=chunk.groups, seal=chunk.seal)
            sent = True
            _told(runtime, connection, chunk, answers)
    except BaseException as error:
        if sent and begun is not None:
            _give_up(store, begun, error)
        raise


def _told(runtime: RuntimeLike, connection: str, chunk: Chunk, answers: Sequence[Pushed]) -> None:
    """Jobs know their ids; listeners hear of what is new."""
    heard = runtime.events.heard("job_queued")
    for envelope, job, answer in zip(chunk.envelopes, chunk.jobs, answers, strict=True):
        held = answer.status is PushStatus.DUPLICATE
        job._horizon.id = None if held else JobId(envelope.id, runtime, connection)
        if heard and answer.status is PushStatus.CREATED:
            transaction.announce(runtime, connection, envelope)


def _give_up(store: Backend, group: str, error: BaseException) -> None:
    """Cancel what was pushed of a group whose rest does not come; where even that fails, the store does it after a while."""
    log.error("group %s is cancelled, since the rest of its jobs could not be pushed: %s", group, error)
    with contextlib.suppress(HorizonError):
        store.groups.cancel(group, reason=f"its dispatch broke off: {type(error).__name__}: {error}"[:200])
