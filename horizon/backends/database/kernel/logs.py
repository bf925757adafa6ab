"""Log lines of attempts: kept in pieces as they come, cut to the newest `most` lines, the rest counted."""

from __future__ import annotations

import json
from collections.abc import Sequence

from horizon.backends.database.db import Db
from horizon.core.outcome import LogLine

PIECES = "SELECT chunk, dropped, lines FROM horizon_log WHERE n = ? AND run = ? ORDER BY chunk"
ADD = "INSERT INTO horizon_log (n, run, chunk, dropped, lines) VALUES (?, ?, ?, ?, ?)"
DROP = "DELETE FROM horizon_log WHERE n = ? AND run = ?"
LAST = "SELECT coalesce(max(chunk), 0), count(*) FROM horizon_log WHERE n = ? AND run = ?"
JOIN_AT = 20
"""Pieces of one attempt are joined when there are this many, so that a chatty job leaves few rows."""


def keep(db: Db, n: int, run: int, lines: Sequence[LogLine], dropped: int, most: int) -> None:
    """Add lines to what an attempt has logged so far."""
    if not lines and not dropped:
        return
    last, pieces = db.one(LAST, (n, run)) or (0, 0)
    if pieces + 1 < JOIN_AT and len(lines) <= most:
        db.run(ADD, (n, run, last + 1, dropped, encode(lines)))
        return
    before, already = read(db, n, run, most)
    kept, over = newest([*before, *lines], most)
    db.run(DROP, (n, run))
    db.run(ADD, (n, run, last + 1, already + dropped + over, encode(kept)))


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
