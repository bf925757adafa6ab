"""Queues in which jobs wait, each found by one step in an index.

Here `DISTINCT` skips through an index only where statistics say that it is worth it, and those of a queue are wrong most of the
time: gathered while it was empty, they have every turn read the whole backlog. The least of a stretch of an index is found
in one step whatever they say, if the ends of the stretch stand in the statement. So each name that is known is asked for, and what
there is before, between and behind them, again until there is nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from horizon.backends.database.db import Row
from horizon.backends.database.mysql.values import literal

MOST = 200
"""Names that are asked for one by one."""
ALL = b"SELECT queue FROM (SELECT DISTINCT state, queue FROM horizon_live FORCE INDEX (horizon_live_take) WHERE state = 1) AS q"
LEAST = b"(SELECT concat(queue,left(name,0)) FROM horizon_live FORCE INDEX (horizon_live_take) WHERE state = 1%b ORDER BY queue LIMIT 1)"
"""Asking for a column that is not in the index has the server look where a stretch ends before it looks at a row: else it walks
through all entries behind it of jobs that are gone, as far as they have not been purged."""

ANY = b"(SELECT min(queue) FROM horizon_live FORCE INDEX (horizon_live_take) WHERE state = 1 AND queue = %b)"


class Steps:
    """What one connection knows of queues."""

    def __init__(self) -> None:
        self._known: list[str] = []

    def waiting(self, ask: Callable[[bytes], list[Row]]) -> list[str]:
        """Names of the queues in which jobs wait, in order. `ask` runs a statement."""
        if not 0 < len(self._known) <= MOST:
            self._known = [name for (name,) in ask(ALL)]
            return self._known
        while True:
            found = [name for name in ask(question(self._known))[0] if name is not None]
            new = set(found).difference(self._known)
            if not new:
                return found
            self._known = sorted(new.union(self._known))

    def likely(self) -> list[bytes]:
        """What `waiting` is going to ask first, where that is known."""
        return [question(self._known)] if 0 < len(self._known) <= MOST else []

    def elsewhere(self, known: Sequence[str], but: str | None) -> list[bytes] | None:
        """What asks for all queues but this one, where these had jobs the last time; None where they are too many."""
        names = sorted({*self._known, *known, *([] if but is None else [but])})
        return stretches(names, but) if len(names) <= MOST else None


def question(known: Sequence[str]) -> bytes:
    """The least name of each stretch: before the first of these, each of them, between two of them, behind the last."""
    return b"SELECT " + b",".join(stretches(known))


def stretches(known: Sequence[str], but: str | None = None) -> list[bytes]:
    """Each by itself; `but`: not this name."""
    names = [literal(name) for name in known]
    behind = [b"", *(b" AND queue > %b" % name for name in names)]
    before = [*(b" AND queue < %b" % name for name in names), b""]
    between = [LEAST % (start + end) for start, end in zip(behind, before, strict=True)]
    each = [b"" if name == but else ANY % word for name, word in zip(known, names, strict=True)]
    return [one for pair in zip(between, [*each, b""], strict=True) for one in pair if one]
