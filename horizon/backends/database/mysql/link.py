"""Opening connections: with which driver, set up how, to what kind of server."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from horizon.backends.database.mysql.faults import translate, wrong_engine
from horizon.backends.database.mysql.place import Place
from horizon.backends.database.mysql.reading import quick
from horizon.backends.database.mysql.tls import secured
from horizon.core.errors import ConfigurationError

MODULES = {"pymysql": "pymysql", "mysqldb": "MySQLdb"}
INSTALL = {"pymysql": "pip install 'flask-horizon[mysql]'", "mysqldb": "pip install mysqlclient"}
OLDEST = {True: (10, 6), False: (8, 0, 19)}
"""Of MariaDB (True) and MySQL: the first with SKIP LOCKED, DDL that is done or not, and rows of values in a statement."""
DECIMALS = (0, 246)
"""The types in which sums of whole numbers come."""
FOUND_ROWS, MULTI_STATEMENTS = 2, 1 << 16
"""Flags of a connection: an UPDATE counts the rows it meets, as in every other store, not those that it alters; and several
statements travel together, where each of many rows is changed by one."""
READS = ("_get_descriptions", "_read_rowdata_packet", "_check_packet_is_eof")
"""What is done in another way here, where PyMySQL does it so."""
FACTS = "SELECT @@version, @@max_allowed_packet, @@auto_increment_increment, @@innodb_flush_log_at_trx_commit"
ENGINES = (
    "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE' "
    "AND table_name LIKE 'horizon\\_%' AND table_name <> 'horizon_alembic_version' AND engine <> 'InnoDB' ORDER BY table_name LIMIT 1"
)
SET_UP = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT', "
    "innodb_lock_wait_timeout = {seconds}, optimizer_switch = 'semijoin=off,materialization=off', time_zone = '+00:00'",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
)
"""Nothing is cut or guessed; `||` joins text; subqueries are asked row by row, as they are meant; no lock on gaps."""
SET_UP_MARIADB = "SET SESSION idle_transaction_timeout = 60"
"""Whoever stands still in a transaction keeps others out; MySQL has nothing of the kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the server says of itself."""

    mariadb: bool
    packet: int
    """Bytes of the longest statement it takes."""
    step: int
    """From one of its numbers to the next."""
    flush: int
    """`innodb_flush_log_at_trx_commit`: 1 where a commit is on the disk when it is answered."""


def faults(place: Place) -> tuple[type[BaseException], ...]:
    """What the driver can raise because of the store. Raises ConfigurationError where there is no driver."""
    return (_module(place).Error, OSError, EOFError)


def _module(place: Place) -> Any:
    try:
        return importlib.import_module(MODULES[place.driver])
    except ImportError as error:
        raise ConfigurationError(
            f"{place.location} needs the driver {MODULES[place.driver]}, which is not there ({error}); run: {INSTALL[place.driver]}"
        ) from None


@cache
def _connector(connect: Any) -> Any:
    """What opens connections with a driver's `connect`, which is PyMySQL's class, or a function of the other one.

    Where nothing is said about TLS, PyMySQL offers it without looking at certificates, and yet reads all of the machine's for each
    connection, which takes longer than the rest: here once. And it reads rows slowly: see reading.py.
    """
    if not hasattr(connect, "_create_ssl_ctx"):
        return connect
    kept: list[Any] = []

    def context(self: Any, said: Any) -> Any:
        if said:
            return connect._create_ssl_ctx(self, said)
        if not kept:
            kept.append(connect._create_ssl_ctx(self, said))
        return kept[0]

    found = {"_create_ssl_ctx": context}
    module = importlib.import_module(connect.__module__)
    parts = [getattr(module, name, None) for name in ("MySQLResult", "FieldDescriptorPacket", "MysqlPacket")]
    if all(parts) and all(hasattr(parts[0], name) for name in READS) and hasattr(connect, "_read_query_result"):
        found["_read_query_result"] = quick(*parts)  # type: ignore[arg-type]
    return type("Connection", (connect,), found)


def open_connection(place: Place, *, patient: bool = False) -> tuple[Any, Facts]:
    """A connection set up for this store. `patient` ones wait for an answer for ever: changing tables takes its time.

    Raises BackendUnavailable, Busy, ConfigurationError for a server that is too old or tables without transactions.
    """
    module, met = _module(place), faults(place)
    try:
        connection = _connector(module.connect)(**_arguments(place, module, patient))
    except met as error:
        raise translate(error, place.location) from error
    try:
        return connection, _set_up(connection, place)
    except met as error:
        connection.close()
        raise translate(error, place.location) from error
    except ConfigurationError:
        connection.close()
        raise


def _arguments(place: Place, module: Any, patient: bool) -> dict[str, Any]:
    options = place.options
    patience = max(2, round(2 * place.busy_timeout))
    given: dict[str, Any] = {
        "host": place.host, "port": place.port, "user": place.user, "password": place.password, "database": place.database,
        "charset": "utf8mb4", "autocommit": False, "client_flag": FOUND_ROWS | MULTI_STATEMENTS, "conv": _conversions(module),
        "connect_timeout": int(options.get("connect_timeout", "10")),
    }  # fmt: skip
    if not patient:
        given |= {"read_timeout": patience, "write_timeout": patience}
    if "unix_socket" in options:
        given["unix_socket"] = options["unix_socket"]
    return given | secured(place)


def _conversions(module: Any) -> dict[Any, Any]:
    """The driver's own, but for sums, which are whole numbers here."""
    made = dict(importlib.import_module(f"{module.__name__}.converters").conversions)
    return {**made, **dict.fromkeys(DECIMALS, int)}


def _set_up(connection: Any, place: Place) -> Facts:
    cursor = connection.cursor()
    cursor.execute(FACTS)
    ((version, packet, step, flush),) = cursor.fetchall()
    facts = Facts(mariadb="mariadb" in version.lower(), packet=int(packet), step=int(step), flush=int(flush))
    _check_version(version, facts, place)
    for statement in SET_UP:
        cursor.execute(statement.format(seconds=max(1, round(place.busy_timeout))))
    if facts.mariadb:
        cursor.execute(SET_UP_MARIADB)
    if place.location not in _KNOWN:
        _check_engines(cursor, place)
    _KNOWN[place.location] = facts
    connection.commit()
    cursor.close()
    return facts


_KNOWN: dict[str, Facts] = {}
"""Databases of which this process knows that they keep our tables well: asking opens every one of these."""


def warnings(place: Place) -> tuple[str, ...]:
    """Sentences about a set-up that could lose jobs; none before this process has first been there."""
    facts = _KNOWN.get(place.location)
    if facts is None or facts.flush == 1:
        return ()
    lost = "a power cut" if facts.flush == 2 else "a crash of the server, or a power cut,"
    return (
        f"innodb_flush_log_at_trx_commit={facts.flush} on {place.location}: {lost} can take the last second's commits; set it to 1 there",
    )


def _check_engines(cursor: Any, place: Place) -> None:
    cursor.execute(ENGINES)
    for table, engine in cursor.fetchall():
        raise wrong_engine(place.location, table, engine or "no engine at all")


def _check_version(version: str, facts: Facts, place: Place) -> None:
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:3])
    if numbers < OLDEST[facts.mariadb]:
        raise ConfigurationError(
            f"{place.location} is {'MariaDB' if facts.mariadb else 'MySQL'} {version}; Horizon needs MySQL 8.0.19 or MariaDB 10.6, or newer"
        )
