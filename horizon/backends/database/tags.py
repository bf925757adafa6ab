"""Which tags there are, and who carries them."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.db import Db
from horizon.backends.database.plan import NEXT_TAG
from horizon.backends.database.store import Store
from horizon.backends.tags import DEEP, HOURS, MOST_WORDS, TagCount, Tags, check, told
from horizon.core.clock import HOUR, Micros

BEYOND = "SELECT n FROM horizon_tag WHERE tag = ? ORDER BY n DESC LIMIT 1 OFFSET ?"
"""The first that is not looked at any more."""
COUNTS = (
    f"SELECT coalesce(l.state, d.state), CASE WHEN j.pushed_at < ? THEN -1 WHEN j.pushed_at >= ? THEN {HOURS - 1} ELSE (j.pushed_at - ?) / ? END, count(*) "
    "FROM (SELECT n FROM horizon_tag WHERE tag = ? AND n > ? ORDER BY n DESC LIMIT ?) AS t "
    "LEFT JOIN horizon_job j ON j.n = t.n LEFT JOIN horizon_live l ON l.n = t.n LEFT JOIN horizon_done d ON d.n = t.n GROUP BY 1, 2"
)


class DatabaseTags(Tags):
    """See `Tags`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def words(self, prefix: str = "", limit: int = 20) -> Sequence[str]:
        """See `Tags.words`: one step of the index for each."""
        return self._store.read(lambda db: _words(db, prefix, min(limit, MOST_WORDS)))

    def counts(self, tags: Sequence[str], until: Micros) -> Sequence[TagCount]:
        """See `Tags.counts`."""
        check(tags)
        return self._store.read(lambda db: [_count(db, tag, until) for tag in tags])


def _words(db: Db, prefix: str, limit: int) -> list[str]:
    found: list[str] = []
    end, than, at = prefix + chr(0x10FFFF), ">=", prefix
    while len(found) < limit:
        (tag,) = db.one(NEXT_TAG.format(than=than), (at, end)) or (None,)
        if tag is None:
            break
        found.append(tag)
        than, at = ">", tag
    return found


def _count(db: Db, tag: str, until: Micros) -> TagCount:
    since, beyond = until - HOURS * HOUR, db.one(BEYOND, (tag, DEEP))
    rows = db.all(COUNTS, (since, until, since, HOUR, tag, beyond[0] if beyond else 0, DEEP))
    return told(tag, ((int(code or 0), int(hour), int(times)) for code, hour, times in rows), whole=beyond is None)
