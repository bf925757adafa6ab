"""What is particular to SQLite: where the file is, how a connection is set up, what its errors mean.

Only the standard library is imported here, because the guardian uses it too.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from horizon.backends.database import files
from horizon.backends.database.db import Busy, Refused
from horizon.core.errors import BackendUnavailable, ConfigurationError, SchemaMismatch, StoreFull

log = logging.getLogger("horizon.store")
SYNCHRONOUS = ("FULL", "NORMAL")
WAL_BYTES = 64_000_000
"""A write-ahead log that grew larger (a long reader held it) is cut back to this at the next checkpoint."""
CHECKPOINT_PAGES = 4_000
"""Pages the log grows to before it is copied into the file: at the usual 1,000, pushing in groups costs a third more."""
CACHE_KB = 8_000
"""Memory one connection may use for pages."""
STATEMENTS = 256
"""Prepared statements kept per connection."""
BEGIN_WRITE = "BEGIN IMMEDIATE"
"""The right to write is taken at once: a transaction that reads first and writes later could fail in its middle."""
BEGIN_READ = "BEGIN"
FAULTS = (sqlite3.Error, OverflowError, UnicodeError)
"""What a statement can raise because of the store or of a value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A database file and how it is to be used."""

    path: str
    synchronous: str = "FULL"
    busy_timeout: float = 10.0
    """Seconds."""
    anew: bool = False
    """Somebody said that the file may be made, also where this process knew another one there."""

    @property
    def location(self) -> str:
        """The address as people may see it."""
        return f"sqlite:///{self.path}"


def locate(url: str, extra: Mapping[str, object]) -> Place:
    """The file a URL names, as an absolute path from now on. Raises ConfigurationError for one that could lose jobs."""
    address, _, query = url.partition("?")
    host, slash, path = address.partition("://")[2].partition("/")
    if host or not slash:
        raise ConfigurationError(
            f"expected sqlite:///relative.db or sqlite:////absolute.db, got {url!r}; mind the number of slashes: three and a path"
        )
    if path in ("", ":memory:") or path.startswith("file:") or "mode=memory" in query:
        raise ConfigurationError(
            f"expected a SQLite file that workers can open too, got {url!r}; "
            "use sqlite:///horizon.db, or memory:// for a store inside this process"
        )
    synchronous = str(extra.get("synchronous", "FULL")).upper()
    if synchronous not in SYNCHRONOUS:
        raise ConfigurationError(f"expected synchronous to be FULL or NORMAL, got {synchronous!r}")
    timeout = extra.get("busy_timeout", 10.0)
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or timeout <= 0:
        raise ConfigurationError(f"expected busy_timeout in seconds, more than 0, got {timeout!r}")
    return Place(path=str(Path(path).absolute()), synchronous=synchronous, busy_timeout=float(timeout), anew=extra.get("anew") is True)


class FileConnection(sqlite3.Connection):
    """A connection that knows which file it has open.

    A file that is deleted or replaced stays open to whoever had it: what is written there is kept until the last process
    ends, and then lost, though its commit was acknowledged.
    """

    path = ""
    file: tuple[int, int] | None = None

    def remember(self, path: str) -> None:
        """Take down which file the path names now."""
        self.path, self.file = path, _file_at(path)

    def check(self) -> None:
        """Raise BackendUnavailable where the path no longer names the file that is open. Costs a few microseconds."""
        if self.file is not None and (found := _file_at(self.path)) != self.file:
            files.saw(self.path)
            what = "is gone" if found is None else "was replaced"
            raise BackendUnavailable(
                f"sqlite:///{self.path} {what} while it was in use; nothing was written. What is there now is opened with the next "
                "attempt: put the file back, or make a new one with `horizon db upgrade`"
            )


def _file_at(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _check_log(place: Place) -> None:
    """Raise BackendUnavailable where a log stands without its file: a new file in its place would end what the log holds."""
    if Path(f"{place.path}-wal").exists() and not Path(place.path).exists():
        raise BackendUnavailable(
            f"{place.location} is gone, and its log ({place.path}-wal) is still there, with commits that the file may lack; "
            "put the file back, or move the log away and begin anew with `horizon db upgrade`"
        )


def open_file(place: Place) -> FileConnection:
    """A new connection in autocommit mode, set up. Makes the file and its folder where there are none, if this process may (`files`).

    Raises BackendUnavailable, Busy.
    """
    _check_log(place)
    connection = _connected(place)
    try:
        connection.execute(f"PRAGMA synchronous={place.synchronous}")
        connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KB}")
        if _set_wal(connection, place):
            files.saw(place.path)
    except sqlite3.Error as error:
        connection.close()
        raise translate(error, place.location) from error
    return connection


def _connected(place: Place) -> FileConnection:
    making = place.anew or files.may_make(place.path)
    try:
        if making:
            Path(place.path).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            f"{Path(place.path).as_uri()}?mode={'rwc' if making else 'rw'}",
            uri=True,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS,
            factory=FileConnection,
        )
        connection.remember(place.path)
    except (sqlite3.Error, OSError) as error:
        if not making and not Path(place.path).exists():
            raise BackendUnavailable(
                f"{place.location} {'is gone' if files.knew(place.path) else 'is not there'}, and nothing empty is put in its place; "
                "put the file back, or make a new one with `horizon db upgrade`"
            ) from error
        raise BackendUnavailable(
            f"cannot open {place.location}: {error}; check that the folder exists and that this user may write there"
        ) from error
    return connection


def _set_wal(connection: sqlite3.Connection, place: Place) -> bool:
    """Readers and the writer must not keep each other waiting, which only a write-ahead log offers. It stays set. Returns
    whether there is anything in the file."""
    ((before,),) = connection.execute("PRAGMA journal_mode")
    ((pages,),) = connection.execute("PRAGMA page_count")
    if before == "wal":
        return bool(pages)
    ((after,),) = connection.execute("PRAGMA journal_mode=WAL")
    if after != "wal":
        log.warning("%s cannot use a write-ahead log (journal_mode is %s): web and workers will wait for each other", place.location, after)
    elif pages:
        log.info("%s now uses a write-ahead log (journal_mode was %s)", place.location, before)
    return bool(pages)


def translate(error: BaseException, location: str) -> Exception:
    """The error that says what a driver's error means here, and what to do."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(str(error))
    if primary == sqlite3.SQLITE_FULL:
        return StoreFull(f"{location} is full: {error}; make room on the disk (or raise max_page_count); nothing was half-written")
    if _is_refusal(error, primary):
        return Refused(str(error))
    text = str(error)
    if "no such table" in text or "no such column" in text or "has no column" in text:
        return SchemaMismatch(f"the tables of {location} do not fit this version of Horizon ({text}); run `horizon db upgrade`")
    hint = {
        sqlite3.SQLITE_READONLY: "this user may not write to the file or its folder",
        sqlite3.SQLITE_CORRUPT: "the file is damaged; restore a backup",
        sqlite3.SQLITE_NOTADB: "the file is not a SQLite database",
        sqlite3.SQLITE_CANTOPEN: "check that the folder exists and that this user may write there",
        sqlite3.SQLITE_IOERR: "the disk reported an error",
    }.get(primary or 0, "look at the file and its folder")
    return BackendUnavailable(f"{location} did not do what was asked: {text}; {hint}")


def _is_refusal(error: BaseException, primary: int | None) -> bool:
    """Whether the values were at fault, not the store."""
    if isinstance(error, (OverflowError, UnicodeError, sqlite3.InterfaceError, sqlite3.DataError, sqlite3.IntegrityError)):
        return True
    if primary in (sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_RANGE):
        return True
    return isinstance(error, sqlite3.ProgrammingError) and "binding parameter" in str(error)


def warnings(place: Place) -> tuple[str, ...]:
    """Sentences about a set-up that could lose jobs."""
    if place.synchronous == "FULL":
        return ()
    return (
        f"synchronous={place.synchronous} on {place.location}: a power cut can take the last commits with it "
        "(a crash of a process cannot); HORIZON_SQLITE_SYNCHRONOUS=FULL keeps them",
    )
