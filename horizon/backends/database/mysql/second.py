"""Second rows: what only few jobs have stands in a narrow table of its own here, with the indexes over it.

There are no indexes over some of the rows, and each index over all of a table costs every plain job some writes in its life: one when it
comes, one when it goes, one that purges it. So those jobs that have any of it have a second row, which says again what its indexes need;
the driver writes it behind every change of the first one, in the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

_SET = re.compile(r"\b(\w+) = ")


@dataclass(frozen=True, kw_only=True)
class Second:
    """One table of second rows."""

    table: str
    of: str
    """Where the first rows stand."""
    kept: Mapping[str, str]
    """Columns of the first rows and what they are called there, so that no name means two things where both are asked."""
    marks: tuple[str, ...]
    """Who has one of these has a second row."""

    @cached_property
    def marked(self) -> str:
        """What is true of first rows that have a second one."""
        return f"({' OR '.join(f'{name} IS NOT NULL' for name in self.marks)})"

    @cached_property
    def out(self) -> str:
        """Removes those of a list of jobs."""
        return f"DELETE FROM {self.table} WHERE job IN ({{in}})"

    @cached_property
    def into(self) -> str:
        """Adds those of a list of jobs that should have one."""
        return (
            f"INSERT INTO {self.table} (job, {', '.join(self.kept.values())}) SELECT n, {', '.join(self.kept)} FROM {self.of} "
            f"WHERE n IN ({{in}}) AND {self.marked}"
        )

    @cached_property
    def into_in_a_row(self) -> str:
        """The same for new jobs, whose numbers stand one behind the other."""
        return self.into.replace("IN ({in})", "BETWEEN ? AND ?")

    def rest_of(self, sql: str) -> tuple[str, ...]:
        """What has to follow a text, each with `{in}` for the numbers of the jobs that it wrote; nothing where it changes nothing of this."""
        if sql.startswith(f"DELETE FROM {self.of} "):
            return (self.out,)
        if sql.startswith(f"INSERT INTO {self.of} "):
            return (self.into,)
        found = re.match(rf"UPDATE {self.of} SET (.*?) WHERE ", sql)
        return (self.out, self.into) if found is not None and not self.kept.keys().isdisjoint(_SET.findall(found.group(1))) else ()
