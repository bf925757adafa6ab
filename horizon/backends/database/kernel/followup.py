"""`failed()` of a job whose process was killed could not be called: a job of its own calls it.

The one exception to "nothing is created when a job ends": it comes into being in the same act as the failure, and its
id follows from the job and its round, so that it exists once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from horizon.backends.database.db import fetch
from horizon.backends.database.kernel.birth import store_new
from horizon.backends.database.kernel.rows import Live
from horizon.backends.database.kernel.scope import Scope
from horizon.core.envelope import FOLLOW_UP, Envelope
from horizon.core.ids import derived

FACTS = "SELECT n, id, owner, tenant, code_version FROM horizon_job WHERE hook = 1 AND n IN ({in})"
KNOWN = "SELECT id FROM horizon_job WHERE id IN ({in})"


def push_follow_ups(scope: Scope, jobs: Sequence[Live]) -> None:
    """Store one for each of these failed jobs whose class has a `failed()`."""
    by_n = {job.n: job for job in jobs}
    envelopes = [_follow_up(by_n[n], id, *facts) for n, id, *facts in fetch(scope.db, FACTS, list(by_n))]
    known = {id for (id,) in fetch(scope.db, KNOWN, [envelope.id for envelope in envelopes])}
    store_new(scope, [envelope for envelope in envelopes if envelope.id not in known])


def _follow_up(job: Live, id: str, user: str | None, tenant: str | None, code_version: str | None) -> Envelope:
    payload = json.dumps({"args": {"job_id": id, "round": job.round}}).encode()
    return Envelope(
        id=derived(id, f"failed:{job.round}"),
        name=FOLLOW_UP,
        queue=job.queue,
        payload=payload,
        user=user,
        tenant=tenant,
        code_version=code_version,
        fair=job.fair,
        share=1 if job.share is None else job.share,
    )
