"""What of a search scripts can tell by themselves: they leave out what certainly does not fit (parts/sieve.lua)."""

from __future__ import annotations

from horizon.backends.redis.match import is_named
from horizon.backends.redis.plan import codes_of
from horizon.backends.redis.store import Store
from horizon.core.query import JobQuery

OF_IDS = frozenset("0123456789abcdef-")


def sieve(store: Store, query: JobQuery) -> dict[str, object]:
    """As find.lua takes it. What stays is looked at once more, with everything that is asked."""
    classes = store.classes.all() if query.text or query.not_name else []
    unwanted = [code for code, known in enumerate(classes, 1) if any(is_named(known, name) for name in query.not_name)]
    queues = codes_of(store.queues.all(), set(query.not_queue)) if query.not_queue else []
    words = []
    for word in (word.lower() for word in query.text):
        having = [code for code, known in enumerate(classes, 1) if word in known.lower()]
        words.append((word, having, OF_IDS.issuperset(word)))
    asks = {
        "words": words, "error": query.error.lower() if query.error else None, "arg": query.arg.lower() if query.arg else None,
        "over": query.took_over, "under": query.took_under, "queues": queues, "classes": unwanted, "reason": query.reason,
    }  # fmt: skip
    return {key: asked if asked is not None else False for key, asked in asks.items()}
