"""What the errors of PostgreSQL and its driver mean here, and what to do about them."""

from __future__ import annotations

import psycopg

from horizon.backends.database.db import Busy, Refused, Taken
from horizon.core.errors import BackendUnavailable, SchemaMismatch, StoreFull

FAULTS = (psycopg.Error, OverflowError, UnicodeError, TypeError)
"""What a statement can raise because of the store or of a value."""
IN_THE_WAY = frozenset({"40001", "40P01", "55P03", "23505", "57014"})
"""Serialisation, deadlock, a lock not given in time, a key somebody else took at the same moment, a statement cut short."""
UNIQUE = "23505"
NO_TABLES = frozenset({"42P01", "42703", "3F000", "42883"})
FULL = frozenset({"53100", "53200", "53400"})
POOLER = "a pooler seems to hand this session's statements to others: use its session mode (docs: PostgreSQL as the store)"
HINTS = {
    "42P05": POOLER,
    "26000": POOLER,
    "53300": "the server takes no more connections; raise max_connections there, or let fewer processes run",
    "57P03": "the server is starting up or shutting down",
    "57P01": "the server was shut down",
    "57P02": "the server was shut down",
    "25006": "this server only reads, such as a standby; use the address of the primary",
    "42501": "this user lacks a right: it needs SELECT, INSERT, UPDATE and DELETE on the tables of Horizon, and USAGE on its sequences",
    "28P01": "the password is wrong",
    "28000": "the server does not let this user in",
    "3D000": "there is no such database; create it first",
}


def translate(error: BaseException, location: str) -> Exception:
    """The error that says what a driver's error means here, and what to do."""
    code = getattr(error, "sqlstate", None) or ""
    text = str(error).strip().partition("\n")[0]
    if code in IN_THE_WAY:
        return Taken(text) if code == UNIQUE else Busy(text)
    if code in FULL:
        return StoreFull(f"{location} is full: {text}; make room on the server; nothing was half-written")
    if code in NO_TABLES:
        return SchemaMismatch(f"the tables of {location} do not fit this version of Horizon ({text}); run `horizon db upgrade`")
    if code[:2] in ("22", "23", "54") or (not code and not isinstance(error, psycopg.OperationalError)):
        return Refused(text)
    hint = HINTS.get(code, "look whether the server runs and can be reached from here")
    return BackendUnavailable(f"{location} did not do what was asked: {text}; {hint}")
