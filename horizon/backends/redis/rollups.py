"""Sums of stretches of time that are over: for each length of them two hashes, of sums of all and of sums of each queue and class."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.redis.store import Store
from horizon.backends.rollup import LEVELS, Roll
from horizon.core.clock import Micros

MOST = 400
"""Beginnings that are asked for one by one; for more it is asked first which there are."""


def key_of(store: Store, kind: str, span: Micros) -> str:
    """The hash of one length of rolls."""
    return store.link.key(f"{kind}:{LEVELS.index(span)}")


def rolls(store: Store, span: Micros, since: Micros, until: Micros, *, pairs: bool = True) -> list[Roll]:
    """Those that begin in this time."""
    starts: Sequence[Micros] = range(-(-since // span) * span, until, span)
    if len(starts) > MOST:
        known = store.link.call("HKEYS", key_of(store, "Ms", span))
        starts = sorted(at for at in map(int, known) if since <= at < until)
    if not starts:
        return []
    steps, parts = (store.link.call("HMGET", key_of(store, kind, span), *starts) for kind in (("Ms", "Mp") if pairs else ("Ms", "Ms")))
    return [
        Roll(span=span, at=at, steps=text.decode(), pairs=part if pairs else b"")
        for at, text, part in zip(starts, steps, parts, strict=True)
        if text is not None and part is not None
    ]
