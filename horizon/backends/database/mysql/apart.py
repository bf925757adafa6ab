"""What only few jobs have stands in a table of its own here: a time to wait for, limits, a key that takes turns, the cause of a failure, a unique key.

There are no indexes over some of the rows, and each index over all of `horizon_live` costs every plain job five writes in its life: one when it comes,
one when it goes, one that purges it, and more where its state is in it. So those who have any of these have a second, narrow row
in `horizon_apart`, which says again what its indexes need; the driver writes it behind every change of the first one, in the same transaction.
"""

from __future__ import annotations

import re
from functools import cache

MARKED_BY = ("due", "lot", "fair", "cause", "unique_key")
"""Who has one of these has a row there."""
KEPT = {name: f"its_{name}" for name in ("state", "queue", "rank", "place", *MARKED_BY)}
"""Columns of `horizon_live` and what they are called there, so that no name means two things where both are asked."""
IS_APART = f"({' OR '.join(f'{name} IS NOT NULL' for name in MARKED_BY)})"
OUT = "DELETE FROM horizon_apart WHERE job IN ({in})"
IN = (
    f"INSERT INTO horizon_apart (job, {', '.join(KEPT.values())}) SELECT n, {', '.join(KEPT)} FROM horizon_live "
    f"WHERE n IN ({{in}}) AND {IS_APART}"
)
IN_A_ROW = IN.replace("IN ({in})", "BETWEEN ? AND ?")
"""The same for new jobs, whose numbers stand one behind the other."""
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
_UPDATE = re.compile(r"UPDATE horizon_live SET (.*?) WHERE ")
_SET = re.compile(r"\b(\w+) = ")


@cache
def rest_of(sql: str) -> tuple[str, ...]:
    """What has to follow a text, each with `{in}` for the numbers of the jobs that it wrote; nothing where it changes nothing of this."""
    if sql.startswith("DELETE FROM horizon_live "):
        return (OUT,)
    if sql.startswith("INSERT INTO horizon_live "):
        return (IN,)
    found = _UPDATE.match(sql)
    return (OUT, IN) if found is not None and not KEPT.keys().isdisjoint(_SET.findall(found.group(1))) else ()
