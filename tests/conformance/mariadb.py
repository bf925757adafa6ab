"""The MariaDB of the conformance suite: one database per test process, emptied between tests.

Making tables takes longer than most tests; deleting the few rows of a test does not.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pymysql
from pymysql.constants import CLIENT
from sqlalchemy import make_url

from horizon.backends.database import migrate
from horizon.backends.database.mysql.apart import IS_APART, KEPT
from horizon.backends.database.tables import metadata
from tests.servers.mariadb import MariaDB
from tests.servers.running import running

EMPTY = ";".join(f"DELETE FROM {name}" for name in (*metadata.tables, "horizon_number", "horizon_apart"))

FIRST = f"SELECT n, {', '.join(f'`{name}`' for name in KEPT)} FROM horizon_live WHERE {IS_APART}"
SECOND = f"SELECT job, {', '.join(KEPT.values())} FROM horizon_apart"


@cache
def address() -> str:
    """A database with all its tables. Raises Missing."""
    url = running(MariaDB).fresh()
    migrate.upgrade(url)
    return url


@cache
def _cleaner(url: str) -> Any:
    at = make_url(url)
    return pymysql.connect(
        host=at.host,
        port=at.port or 3306,
        user=at.username,
        password=str(at.password),
        database=at.database,
        autocommit=True,
        client_flag=CLIENT.MULTI_STATEMENTS,
    )


def _standing(url: str) -> Any:
    """A connection, a new one where a test has ended them all."""
    try:
        _cleaner(url).ping(reconnect=False)
    except pymysql.Error:
        _cleaner.cache_clear()
    return _cleaner(url)


def empty() -> None:
    """Leave nothing in its tables."""
    with _standing(address()).cursor() as cursor:
        cursor.execute(EMPTY)
        while cursor.nextset():
            pass


def differing() -> set[tuple[Any, ...]]:
    """Of jobs that have a second row, or should have one: what only one of the two rows says."""
    with _standing(address()).cursor() as cursor:
        cursor.execute(FIRST)
        first = set(cursor.fetchall())
        cursor.execute(SECOND)
        return first ^ set(cursor.fetchall())
