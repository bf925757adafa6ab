"""Where the numbers of jobs come from: rows that a server numbers by itself, each of which stands for `WIDTH` jobs."""

from __future__ import annotations

WIDTH = 1_000
"""Numbers of jobs for which one row of `horizon_number` stands: as many as one push may have."""
FIRST = b"last_insert_id()*%d" % WIDTH
"""The first of those that the statement before made."""
NUMBER = FIRST + b"+%d"
"""One of them."""
NEW = b"INSERT INTO horizon_number (n) VALUES "
OLD = "DELETE FROM horizon_number WHERE n < ?"
KEPT = 10_000
"""Rows from which the server counts on; how many are left standing when old ones are removed."""
FORGET = b"IF last_insert_id() MOD %d < %d THEN DELETE FROM horizon_number WHERE n < last_insert_id() - %d; END IF"
"""The same where a server follows conditions: in one push of so many, whoever makes it."""


def taking(count: int, unless: bytes = b"") -> bytes:
    """What takes numbers for so many jobs; where `unless`, a SELECT, finds a row, it fails: the first number is then none."""
    first = b"(if(exists(%b),'none',NULL))" % unless if unless else b"(NULL)"
    return NEW + b",".join([first, *[b"(NULL)"] * (rows_for(count) - 1)])


def forgetting(step: int) -> bytes:
    """What forgets old numbers now and then, behind a push that took one. `step`: from one number of the server to the next."""
    return FORGET % (KEPT, step, KEPT)


def rows_for(count: int) -> int:
    """How many rows numbers for so many jobs take."""
    return -(-count // WIDTH)
