"""What the errors of MySQL, MariaDB and their drivers mean here, and what to do about them."""

from __future__ import annotations

from horizon.backends.database.db import Busy, Refused, Taken
from horizon.core.errors import BackendUnavailable, ConfigurationError, SchemaMismatch, StoreFull

VALUES = (OverflowError, UnicodeError, TypeError)
"""What can be wrong with a value before anything is sent."""
IN_THE_WAY = frozenset({1213, 1205, 1062, 1020, 1317, 1613, 1614, 1969, 3024, 3058, 3572})
"""Deadlocks, a lock not given in time, a key somebody else took at the same moment, a row that moved, a statement cut short."""
UNIQUE = 1062
NO_TABLES = frozenset({1146, 1054})
FULL = frozenset({1021, 1026, 1030, 1037, 1041, 1114, 3675})
UNKEEPABLE = frozenset({1048, 1118, 1153, 1162, 1264, 1265, 1267, 1292, 1300, 1301, 1364, 1366, 1406, 1690, 3854, 3988})
UNPREPARED = frozenset({1064, 1235, 1243, 1295, 1390, 1461, 1470, 1615})
"""The server does not prepare such a block, takes no more of them, or has forgotten this one."""
HINTS = {
    1040: "the server takes no more connections; raise max_connections there, or let fewer processes run",
    1044: "this user has no right to that database",
    1045: "the user or the password is wrong",
    1049: "there is no such database; create it first",
    1053: "the server is shutting down",
    1142: "this user lacks a right: it needs SELECT, INSERT, UPDATE and DELETE on the tables of Horizon",
    1203: "this user may not open more connections",
    1226: "this user may not do more; look at its limits on the server",
    1290: "this server only reads, such as a replica; use the address of the primary",
    1665: "the server's log of changes cannot tell rows apart; set binlog_format=ROW (or MIXED) there",
    1836: "this server only reads, such as a replica; use the address of the primary",
    1927: "somebody ended this connection on the server",
    2002: "look whether the server runs and can be reached from here",
    2003: "look whether the server runs and can be reached from here",
    2006: "the server ended the connection; the next attempt opens a new one",
    2013: "the connection was lost; the next attempt opens a new one",
}
UNREACHED = "look whether the server runs and can be reached from here"


def code_of(error: BaseException) -> int:
    """The number of an error; 0 where it has none."""
    code = error.args[0] if error.args else 0
    return code if isinstance(code, int) else 0


def translate(error: BaseException, location: str) -> Exception:
    """The error that says what a driver's error means here, and what to do."""
    if isinstance(error, VALUES):
        return Refused(f"{type(error).__name__}: {error}")
    code, text = code_of(error), str(error.args[1] if len(error.args) > 1 else error)
    if code in IN_THE_WAY:
        return Taken(text) if code == UNIQUE else Busy(text)
    if code in FULL:
        return StoreFull(f"{location} is full: {text}; make room on the server; nothing was half-written")
    if code in NO_TABLES:
        return SchemaMismatch(f"the tables of {location} do not fit this version of Horizon ({text}); run `horizon db upgrade`")
    if code in UNKEEPABLE:
        return Refused(text)
    return BackendUnavailable(f"{location} did not do what was asked: {text or type(error).__name__}; {HINTS.get(code, UNREACHED)}")


def wrong_engine(location: str, table: str, engine: str) -> ConfigurationError:
    """A table that would keep half of an act."""
    return ConfigurationError(
        f"{table} in {location} is kept by {engine}, which has no transactions: a crash would leave half of an act behind; expected "
        f"InnoDB: run ALTER TABLE {table} ENGINE=InnoDB (and look at the other tables of Horizon)"
    )
