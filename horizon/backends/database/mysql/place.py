"""Where a MySQL or MariaDB database is, read from its address without opening anything or loading a driver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from horizon.core.errors import ConfigurationError

DRIVERS = {"": "pymysql", "pymysql": "pymysql", "mysqldb": "mysqldb"}
EXPECTED = "mysql://user:password@host:3306/database (or mariadb://; the driver is PyMySQL, with mysql+mysqldb:// it is mysqlclient)"
PORT = 3306
TLS = ("ssl_ca", "ssl_cert", "ssl_key")
OPTIONS = frozenset({*TLS, "ssl_verify_identity", "unix_socket", "connect_timeout", "charset"})
"""What may follow a question mark. The charset is always utf8mb4; addresses written for an app's own SQLAlchemy name it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A database and how it is to be used."""

    driver: str
    """`pymysql` or `mysqldb`."""
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    options: Mapping[str, str]
    location: str
    """The address as people may see it."""
    busy_timeout: float = 10.0
    """Seconds that an act keeps trying while others are in the way."""


def locate(url: str, extra: Mapping[str, object]) -> Place:
    """The database a URL names. Raises ConfigurationError for one that nothing could be reached by."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORT
    except ValueError as error:
        raise ConfigurationError(f"expected {EXPECTED}, got an address with a mistake: {error}") from None
    scheme, _, driver = parts.scheme.partition("+")
    if scheme not in ("mysql", "mariadb") or driver not in DRIVERS:
        raise ConfigurationError(f"expected {EXPECTED}, got {parts.scheme}://")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    _check_options(options)
    database = unquote(parts.path.lstrip("/"))
    if not database:
        raise ConfigurationError(f"expected {EXPECTED}, got an address without the name of a database")
    return Place(
        driver=DRIVERS[driver],
        host=parts.hostname or "127.0.0.1",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=database,
        options=options,
        location=_shown(parts),
        busy_timeout=_busy_timeout(extra),
    )


def _check_options(options: Mapping[str, str]) -> None:
    unknown = sorted(set(options) - OPTIONS)
    if unknown:
        raise ConfigurationError(
            f"the address of a MySQL database takes the options {', '.join(sorted(OPTIONS))}; got {', '.join(unknown)}"
        )
    if not options.get("connect_timeout", "10").isdigit():
        raise ConfigurationError(f"expected connect_timeout in whole seconds, got {options['connect_timeout']!r}")
    if options.get("charset", "utf8mb4").lower() not in ("utf8mb4", "utf8"):
        raise ConfigurationError(
            f"expected the charset utf8mb4, or none, got {options['charset']!r}: names and arguments hold any character"
        )


def _busy_timeout(extra: Mapping[str, object]) -> float:
    timeout = extra.get("busy_timeout", 10.0)
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or timeout <= 0:
        raise ConfigurationError(f"expected busy_timeout in seconds, more than 0, got {timeout!r}")
    return float(timeout)


def _shown(parts: SplitResult) -> str:
    """Without the password."""
    user, _, host = parts.netloc.rpartition("@")
    return f"{parts.scheme}://{user.partition(':')[0]}@{host}{parts.path}" if user else f"{parts.scheme}://{host}{parts.path}"
