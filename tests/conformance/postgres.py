"""The PostgreSQL of the conformance suite: one database per test process, emptied between tests.

Making tables takes longer than most tests, and so does copying a database; deleting the few rows of a test does not.
"""

from __future__ import annotations

from functools import cache

import psycopg

from horizon.backends.database import migrate
from horizon.backends.database.tables import metadata
from tests.servers.postgres import Postgres
from tests.servers.running import running

EMPTY = "".join(f"DELETE FROM {name};" for name in metadata.tables)
HURRY = "?options=-csynchronous_commit%3Doff"


@cache
def address() -> str:
    """A database with all its tables. Raises Missing."""
    url = running(Postgres).fresh() + HURRY
    migrate.upgrade(url)
    return url


@cache
def _cleaner(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url, autocommit=True)


def empty() -> None:
    """Leave nothing in its tables."""
    _cleaner(address()).execute(EMPTY.encode())
