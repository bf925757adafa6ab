"""tick: the housekeeping of a store, in acts that are whole each by itself."""

from __future__ import annotations

from horizon.backends.redis.audit_chain import seal
from horizon.backends.redis.inbox import admit
from horizon.backends.redis.operations import has_due, step
from horizon.backends.redis.shelf import gather
from horizon.backends.redis.store import Store
from horizon.backends.redis.trim import sweep, trim
from horizon.backends.values import ACT_LIMIT, Ticked
from horizon.core.group import NEVER_SEALED


def tick(store: Store, limit: int) -> Ticked:
    """See `Backend.tick`."""
    admitted = admit(store, limit)
    promoted, reaped, next_due, _, telling, opening, unsealed = store.run(
        "tick", {"limit": limit, "limits": store.limits, "unsealed": [store.options.seal_timeout, NEVER_SEALED]}
    )
    operated = step(store, min(limit, ACT_LIMIT))
    sealed = seal(store, limit) if unsealed else 0
    summing = gather(store)
    folded = sweep(store, limit)
    trimmed = trim(store, limit)
    return Ticked(
        promoted=promoted,
        reaped=reaped,
        admitted=admitted,
        folded=folded,
        trimmed=trimmed,
        operated=operated,
        next_due=next_due,
        more=limit in (promoted, admitted, trimmed, sealed) or reaped >= limit or has_due(store) or summing or bool(telling or opening),
    )
