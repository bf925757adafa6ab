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
from horizon.backends.database.mysql.behind import SECONDS
from horizon.backends.database.mysql.second import Second
from horizon.backends.database.tables import metadata
from tests.servers.mariadb import MariaDB
from tests.servers.running import running

EMPTY = ";".join(f"DELETE FROM {name}" for name in (*metadata.tables, "horizon_number", *(second.table for second in SECONDS)))


def asked_of(second: Second) -> tuple[str, str]:
    """What should stand in second rows, and what does."""
    first = f"SELECT n, {', '.join(f'`{name}`' for name in second.kept)} FROM {second.of} WHERE {second.marked}"
    return first, f"SELECT job, {', '.join(second.kept.values())} FROM {second.table}"


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
        return set().union(*(_rows(cursor, first) ^ _rows(cursor, second) for first, second in map(asked_of, SECONDS)))


def _rows(cursor: Any, sql: str) -> set[tuple[Any, ...]]:
    cursor.execute(sql)
    return set(cursor.fetchall())
