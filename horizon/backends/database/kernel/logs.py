"""Log lines of attempts: kept in pieces as they come, cut to the newest `most` lines, the rest counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from horizon.backends.database.db import Db, fetch
from horizon.core.outcome import LogLine

PIECES = "SELECT chunk, dropped, lines FROM horizon_log WHERE n = ? AND run = ? ORDER BY chunk"
ADD = "INSERT INTO horizon_log (n, run, chunk, dropped, lines) VALUES (?, ?, ?, ?, ?)"
DROP = "DELETE FROM horizon_log WHERE n = ? AND run = ?"
LAST = "SELECT n, run, max(chunk), count(*) FROM horizon_log WHERE n IN ({in}) GROUP BY n, run"
JOIN_AT = 20
"""Pieces of one attempt are joined when there are this many, so that a chatty job leaves few rows."""


class News(NamedTuple):
    """What one attempt logged since it was last heard of."""

    n: int
    run: int
    lines: Sequence[LogLine]
    dropped: int


def keep(db: Db, news: Sequence[News], most: int) -> None:
    """Add lines to what attempts have logged so far."""
    news = [one for one in news if one.lines or one.dropped]
    if not news:
        return
    last = {(n, run): (chunk, pieces) for n, run, chunk, pieces in fetch(db, LAST, [one.n for one in news])}
    rows = []
    for one in news:
        chunk, pieces = last.get((one.n, one.run), (0, 0))
        if pieces + 1 < JOIN_AT and len(one.lines) <= most:
            rows.append((one.n, one.run, chunk + 1, one.dropped, encode(one.lines)))
        else:
            rows.append((one.n, one.run, chunk + 1, *_joined(db, one, most)))
    db.many(ADD, rows)


def _joined(db: Db, one: News, most: int) -> tuple[int, str]:
    """Everything an attempt has logged as one piece, (dropped, lines), its earlier pieces removed."""
    before, already = read(db, one.n, one.run, most)
    kept, over = newest([*before, *one.lines], most)
    db.run(DROP, (one.n, one.run))
    return already + one.dropped + over, encode(kept)


def read(db: Db, n: int, run: int, most: int) -> tuple[list[LogLine], int]:
    """(the newest lines of an attempt, how many older ones were dropped)."""
    lines: list[LogLine] = []
    dropped = 0
    for _, lost, text in db.all(PIECES, (n, run)):
        lines += [LogLine(*line) for line in json.loads(text)]
        dropped += lost
    kept, over = newest(lines, most)
    return kept, dropped + over


def newest(lines: list[LogLine], most: int) -> tuple[list[LogLine], int]:
    """The last `most` lines, and how many came before them."""
    over = max(0, len(lines) - most)
    return lines[over:], over


def encode(lines: Sequence[LogLine]) -> str:
    """As stored."""
    return json.dumps([list(line) for line in lines], ensure_ascii=False, separators=(",", ":"))
