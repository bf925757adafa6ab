"""read: one job, many, the oldest that wait, what remains, failures by cause. Searching stands in `find.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.base import AHEAD
from horizon.backends.database.db import Db, Question, fetch
from horizon.backends.database.inbox import READ_ONE, read_envelope
from horizon.backends.database.kernel.rows import FAILED, PENDING, PROCESSING, SCHEDULED
from horizon.backends.database.numbers import BY_QUEUE, counts_of
from horizon.backends.database.show import records, whole
from horizon.backends.database.store import Store
from horizon.backends.database.turn import QUEUES
from horizon.backends.spread import Seen, Spread, Tally, spread
from horizon.backends.unadmitted import unadmitted
from horizon.backends.values import Cause
from horizon.core.clock import Micros
from horizon.core.errors import InvalidFilter
from horizon.core.record import Record

MANY = 1_000
CAUSE_WINDOW = 5_000
NUMBER = "SELECT n FROM horizon_job WHERE id = ?"
NUMBERS = "SELECT id, n FROM horizon_job WHERE id IN ({in})"
OLDEST = f"SELECT available_at FROM horizon_live WHERE state = {PENDING} AND queue = ? ORDER BY available_at LIMIT 1"
INBOX_QUEUES = "SELECT queue, count(*) FROM horizon_inbox GROUP BY queue"
CAUSES = (
    "SELECT cause, count(*), min(finished_at), max(finished_at), max(n) FROM ("
    f"SELECT coalesce(cause, '') AS cause, finished_at, n, error_type FROM horizon_done WHERE state = {FAILED} AND finished_at >= ? "
    "ORDER BY finished_at DESC, n DESC LIMIT ?) AS latest WHERE error_type IS NOT NULL "
    "GROUP BY cause ORDER BY count(*) DESC, max(finished_at) DESC, cause LIMIT ?"
)
SPREAD = (
    "SELECT d.cause, (d.finished_at - ?) / ?, d.worker, j.code_version, d.name, d.queue, count(*) FROM ("
    f"SELECT coalesce(cause, '') AS cause, finished_at, n, worker, name, queue, error_type FROM horizon_done WHERE state = {FAILED} AND finished_at >= ? "
    "ORDER BY finished_at DESC, n DESC LIMIT ?) AS d JOIN horizon_job j ON j.n = d.n WHERE d.error_type IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6"
)
TALLIED = 50_000
"""Failures of one cause that are counted: entries of one index."""
TALLY = (
    f"SELECT {{at}}, (SELECT count(*) FROM (SELECT n FROM horizon_done WHERE cause = ? AND state = {FAILED} LIMIT {TALLIED + 1}) AS those), "
    f"(SELECT min(finished_at) FROM horizon_done WHERE cause = ? AND state = {FAILED}), "
    f"(SELECT max(finished_at) FROM horizon_done WHERE cause = ? AND state = {FAILED})"
)
"""One line for each cause; all of it lies in `done_cause`."""
STANDS = "SELECT state, queue, rank, place, lot FROM horizon_live WHERE n = ?"
BEFORE = f"SELECT count(*) FROM (SELECT n FROM horizon_live WHERE state = {{state}} AND {{where}} LIMIT {AHEAD}) AS those"
"""Along `live_take`, or `live_lot` of a parked one."""
WORDS_OF = "SELECT n, name, error_type, error_message FROM horizon_done WHERE n IN ({in})"


def get(store: Store, id: str) -> Record | None:
    """See `Backend.get`."""

    def look(db: Db) -> Record | None:
        row = db.one(NUMBER, (id,))
        if row is not None:
            return whole(store, db, row[0])
        waiting = db.one(READ_ONE, (id,))
        return None if waiting is None else unadmitted(read_envelope(waiting[1], waiting[2]), waiting[0], store.options.name)

    return store.read(look)


def many(store: Store, ids: Sequence[str]) -> list[Record]:
    """See `Backend.many`. Raises InvalidFilter for more than 1,000 ids."""
    if len(ids) > MANY:
        raise InvalidFilter(f"at most {MANY} ids at once, got {len(ids)}")

    def look(db: Db) -> list[Record]:
        numbers = dict(fetch(db, NUMBERS, list(dict.fromkeys(ids))))
        return records(store, db, [numbers[id] for id in ids if id in numbers])

    return store.read(look)


def oldest(store: Store, queues: Sequence[str] | None) -> dict[str, Micros]:
    """See `Backend.oldest`."""

    def look(db: Db) -> dict[str, Micros]:
        names: list[str] = [name for (name,) in db.walk(QUEUES)] if queues is None else list(dict.fromkeys(queues))
        db.foresee([Question(OLDEST, (name,)) for name in names])
        found = {name: db.one(OLDEST, (name,)) for name in names}
        return {name: row[0] for name, row in found.items() if row is not None}

    return store.read(look)


def remaining(store: Store, queues: Sequence[str]) -> int:
    """See `Backend.remaining`."""

    def look(db: Db) -> int:
        found: int = sum(n for queue, n in db.all(INBOX_QUEUES) if not queues or queue in queues)
        for (queue, _, state), n in counts_of(db, by=BY_QUEUE).items():
            found += n if state in (PENDING, PROCESSING) and (not queues or queue in queues) else 0
        return found

    return store.read(look)


def causes(store: Store, since: Micros, limit: int) -> list[Cause]:
    """See `Backend.causes`."""

    def look(db: Db) -> list[Cause]:
        groups = db.all(CAUSES, (since, CAUSE_WINDOW, limit))
        words = {row[0]: row[1:] for row in fetch(db, WORDS_OF, [group[4] for group in groups])}
        return [
            Cause(
                cause=cause,
                name=words[n][0],
                type=words[n][1] or "",
                message=words[n][2] or "",
                count=count,
                first_at=first,
                last_at=last,
            )
            for cause, count, first, last, n in groups
        ]

    return store.read(look)


def spread_of(store: Store, since: Micros, until: Micros, spans: int) -> Mapping[str, Spread]:
    """See `Backend.spread`."""
    each = max(1, (until - since) // spans)
    return spread((Seen(*row) for row in store.read_plainly(lambda db: db.all(SPREAD, (since, each, since, CAUSE_WINDOW)))), spans)


def tally(store: Store, causes: Sequence[str]) -> Mapping[str, Tally]:
    """See `Backend.tally`."""
    if not causes:
        return {}
    text = " UNION ALL ".join(TALLY.format(at=at) for at in range(len(causes)))
    rows = store.read_plainly(lambda db: db.all(text, [cause for cause in causes for _ in range(3)]))
    return {
        causes[at]: Tally(count=min(count, TALLIED), first_at=first, last_at=last, more=count > TALLIED)
        for at, count, first, last in rows
        if first is not None
    }


def ahead(store: Store, record: Record) -> int | None:
    """See `Backend.ahead`."""

    def look(db: Db) -> int | None:
        row = db.one(STANDS, (record.n,))
        if row is None:
            return None
        state, queue, rank, place, lot = row
        if state == PENDING:
            whose, where = "queue = ?", (queue,)
        elif state == SCHEDULED and lot is not None and lot < 0:
            whose, where = "lot = ?", (lot,)
        else:
            return None
        before = (
            (f"{whose} AND rank < ?", (*where, rank)),
            (f"{whose} AND rank = ? AND place < ?", (*where, rank, place)),
            (f"{whose} AND rank = ? AND place = ? AND n < ?", (*where, rank, place, record.n)),
        )
        text = " UNION ALL ".join(BEFORE.format(where=where, state=state) for where, _ in before)
        found: int = sum(count for (count,) in db.all(text, [value for _, values in before for value in values]))
        return min(AHEAD, found)

    return store.read(look)


def version(store: Store) -> int:
    """See `Backend.version`. Every visible change adds a delta."""
    return store.read_plainly(lambda db: db.version())
