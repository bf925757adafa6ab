"""What only few jobs have while they live: a time to wait for, limits, a key that takes turns, the cause of a failure, a unique key."""

from __future__ import annotations

import re

from horizon.backends.database.mysql.second import Second

_MARKS = ("due", "lot", "fair", "cause", "unique_key")
APART = Second(
    table="horizon_apart",
    of="horizon_live",
    kept={name: f"its_{name}" for name in ("state", "queue", "rank", "place", *_MARKS)},
    marks=_MARKS,
)
_WITH = "horizon_apart FORCE INDEX ({}) STRAIGHT_JOIN horizon_live ON n = job"
READS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"WITH RECURSIVE q\(queue\) AS \(SELECT min\(queue\) FROM horizon_live WHERE due IS NOT NULL .*"),
        "SELECT DISTINCT its_queue FROM horizon_apart FORCE INDEX (horizon_apart_queue_due)",
    ),  # it finds queues without a due job as well, which does no harm
    (
        re.compile(r"SELECT min\(due\) FROM horizon_live WHERE due IS NOT NULL AND queue = \?"),
        "SELECT min(its_due) FROM horizon_apart WHERE its_queue = ? AND its_due > 0",
    ),  # the least of an index is found at once, but not behind IS NOT NULL
    (
        re.compile(r"SELECT min\(due\) FROM horizon_live WHERE due (?:IS NOT NULL|> 0)"),
        "SELECT min(its_due) FROM horizon_apart WHERE its_due > 0",
    ),
    (
        re.compile(r"FROM horizon_live WHERE due IS NOT NULL AND due <= \? ORDER BY due, n "),
        f"FROM {_WITH.format('horizon_apart_due')} WHERE its_due <= ? ORDER BY its_due, job ",
    ),
    (
        re.compile(
            r"horizon_live INDEXED BY horizon_live_lot WHERE lot = \? AND state = (\d) ORDER BY rank( DESC)?, place( DESC)?, n( DESC)?"
        ),
        rf"{_WITH.format('horizon_apart_lot')} WHERE its_lot = ? AND its_state = \1 ORDER BY its_rank\2, its_place\3, job\4",
    ),
    (
        re.compile(
            r"SELECT place FROM horizon_live INDEXED BY horizon_live_fair WHERE fair = \? AND queue = \? AND rank = \? AND place > 0 "
            r"AND state IN (\([\d, ]+\)) ORDER BY place"
        ),
        "SELECT its_place FROM horizon_apart FORCE INDEX (horizon_apart_fair) WHERE its_fair = ? AND its_queue = ? AND its_rank = ? "
        r"AND its_place > 0 AND its_state IN \1 ORDER BY its_place",
    ),
    (re.compile(r"horizon_live INDEXED BY horizon_live_cause WHERE cause ="), f"{_WITH.format('horizon_apart_cause')} WHERE its_cause ="),
    (
        re.compile(r"FROM horizon_live l JOIN horizon_job j ON j\.n = l\.n WHERE l\.unique_key "),
        "FROM horizon_apart a STRAIGHT_JOIN horizon_live l ON l.n = a.job STRAIGHT_JOIN horizon_job j ON j.n = l.n WHERE a.its_unique_key ",
    ),
    (re.compile(r"FROM horizon_live l WHERE l\.lot = "), "FROM horizon_apart a WHERE a.its_lot = "),
    (
        re.compile(r"FROM horizon_live WHERE lot IS NOT NULL"),
        "FROM horizon_apart STRAIGHT_JOIN horizon_live ON n = job WHERE its_lot IS NOT NULL",
    ),
)
"""Texts that ask for jobs by what few have, and how that is asked here."""
