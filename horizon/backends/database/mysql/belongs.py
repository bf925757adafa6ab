"""Whom and what only few jobs belong to: a user, a batch, chain or workflow."""

from __future__ import annotations

import re
from collections.abc import Callable

from horizon.backends.database.mysql.second import Second

_MARKS = ("owner", "group_id")
BELONGS = Second(table="horizon_belongs", of="horizon_job", kept={name: f"its_{name}" for name in _MARKS}, marks=_MARKS)
_WITH = "horizon_belongs FORCE INDEX ({}) STRAIGHT_JOIN horizon_job ON n = job"


def _members(found: re.Match[str]) -> str:
    """Members of a group of which nothing is asked but their numbers."""
    words = found.group().replace("horizon_job j INDEXED BY horizon_job_group", "horizon_belongs j FORCE INDEX (horizon_belongs_group)")
    return words.replace("j.group_id", "j.its_group_id").replace("j.n", "j.job")


READS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"horizon_job INDEXED BY horizon_job_owner WHERE owner ="), f"{_WITH.format('horizon_belongs_owner')} WHERE its_owner ="),
    (
        re.compile(r"horizon_job INDEXED BY horizon_job_group WHERE group_id ="),
        f"{_WITH.format('horizon_belongs_group')} WHERE its_group_id =",
    ),
    (re.compile(r"SELECT 1 FROM horizon_job WHERE (owner|group_id) = \?"), r"SELECT 1 FROM horizon_belongs WHERE its_\1 = ?"),
    (re.compile(r"horizon_job j INDEXED BY horizon_job_group CROSS JOIN horizon_live l ON .* LIMIT "), _members),
    (
        re.compile(r"horizon_job j ON j\.group_id = g\.id LEFT JOIN horizon_live l ON l\.n = j\.n LEFT JOIN horizon_done d ON d\.n = j\.n"),
        "horizon_belongs j ON j.its_group_id = g.id LEFT JOIN horizon_live l ON l.n = j.job LEFT JOIN horizon_done d ON d.n = j.job",
    ),
    (
        re.compile(r"horizon_job j INDEXED BY horizon_job_group (.*?)j\.group_id = "),
        "horizon_belongs b FORCE INDEX (horizon_belongs_group) STRAIGHT_JOIN horizon_job j ON j.n = b.job \\1b.its_group_id = ",
    ),
)
"""Texts that ask for jobs by these, and how that is asked here."""
