"""Where a PostgreSQL database is, read from its address without opening anything or loading a driver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from horizon.core.errors import ConfigurationError

SECRET = ("password", "sslpassword", "passfile")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A database and how it is to be used."""

    url: str = field(repr=False)
    """As libpq understands it; may hold a password."""
    location: str
    """The address as people may see it."""
    busy_timeout: float = 10.0
    """Seconds that an act keeps trying while others are in the way."""


def locate(url: str, extra: Mapping[str, object]) -> Place:
    """The database a URL names, whichever driver it names beside it. Raises ConfigurationError for a mistake in it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError(
            f"expected postgresql://user:password@host:5432/database, got an address with a mistake: {error}"
        ) from None
    if parts.scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ConfigurationError(f"expected postgresql://user:password@host:5432/database, got {parts.scheme}://")
    timeout = extra.get("busy_timeout", 10.0)
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or timeout <= 0:
        raise ConfigurationError(f"expected busy_timeout in seconds, more than 0, got {timeout!r}")
    query = f"?{parts.query}" if parts.query else ""
    shown = urlencode([(key, value) for key, value in parse_qsl(parts.query) if key not in SECRET], safe="/:")
    return Place(
        url=f"postgresql://{parts.netloc}{parts.path}{query}",
        location=f"postgresql://{_without_password(parts.netloc)}{parts.path}{f'?{shown}' if shown else ''}",
        busy_timeout=float(timeout),
    )


def _without_password(netloc: str) -> str:
    user, at, host = netloc.rpartition("@")
    return f"{user.partition(':')[0]}{at}{host}"
