"""Connections that run jobs in whoever dispatches them: `HORIZON_CONNECTIONS = {"inline": "sync://"}`.

Good for a script, a test or a laptop: no store, no worker. A job runs once, at once (delay, priority and unique keys mean
nothing), through its middleware; `failed()` is called if it raises, and the exception reaches the caller.
"""

from __future__ import annotations

import logging

from horizon.core.envelope import Envelope
from horizon.jobs import inline, transaction
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.jobid import Fate, JobId
from horizon.jobs.shape import Shape

log = logging.getLogger("horizon.jobs")


def run(
    runtime: RuntimeLike, connection: str, job: Shape, envelope: Envelope, *, session: object | None = None, after_commit: bool = False
) -> JobId:
    """Run the job now, or when the host's transaction has been committed; what it raises passes, if somebody is there to hear."""
    waits_for = transaction.follows(runtime, session) if after_commit else None
    if waits_for is None:
        inline.run_here(job)
        return JobId(envelope.id, runtime, connection, Fate.RAN_HERE)
    id = JobId(envelope.id, runtime, connection, Fate.WAITING)

    def committed() -> None:
        id._fate = Fate.RAN_HERE
        try:
            inline.run_here(job)
        except Exception:  # the commit stands: nobody there could do anything about it
            log.exception("%s, run after the commit, failed", envelope.name)

    def rolled_back() -> None:
        id._fate = Fate.ROLLED_BACK

    waits_for.follow(committed, rolled_back)
    return id
