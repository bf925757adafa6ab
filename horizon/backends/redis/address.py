"""What an address of a Redis says, looked at without opening anything.

`redis://[user:password@]host[:port][/database][?prefix=hz&timeout=5]`, `rediss://` with TLS (and `ca`, `cert`, `key`,
`verify=no`), `redis+socket:///path/to/redis.sock`, `redis+sentinel://host:port,host:port/service[/database]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from horizon.core.errors import ConfigurationError

PREFIX = "hz"
KNOWN = {"prefix", "timeout", "connect_timeout", "ca", "cert", "key", "verify", "sentinel_password"}
Hosts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where a store is, and how to come at it."""

    hosts: Hosts = ()
    """One server, or the sentinels that know which one it is."""
    service: str | None = None
    """The name by which sentinels know the server; None: no sentinels."""
    path: str | None = None
    """A Unix socket instead of hosts."""
    database: int = 0
    user: str | None = None
    password: str | None = None
    sentinel_password: str | None = None
    tls: bool = False
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    verify: bool = True
    prefix: str = PREFIX
    """Every key begins with it in braces, so that all of a connection's keys have one slot in a cluster."""
    timeout: float = 5.0
    """Seconds an answer may take before the connection counts as dead."""
    connect_timeout: float = 3.0

    @property
    def location(self) -> str:
        """For people: without user and password."""
        at = self.path or ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        scheme = "rediss" if self.tls else "redis+sentinel" if self.service else "redis+socket" if self.path else "redis"
        prefix = "" if self.prefix == PREFIX else f"?prefix={self.prefix}"
        service = f"/{self.service}" if self.service else ""
        return f"{scheme}://{at}{service}/{self.database}{prefix}"


def locate(url: str, extra: Mapping[str, object]) -> Address:
    """Read an address. Raises ConfigurationError that says what is wrong with it."""
    try:
        parts = urlsplit(url)
        flavour = parts.scheme.partition("+")[2]
        said = dict(parse_qsl(parts.query, keep_blank_values=True))
        if unknown := sorted(set(said) - KNOWN):
            raise ValueError(f"it takes {', '.join(sorted(KNOWN))}; got {', '.join(unknown)}")
        place = _place(parts.path, flavour, parts.netloc.rpartition("@")[2])
        return Address(
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme.startswith("rediss"),
            sentinel_password=said.get("sentinel_password"),
            ca=said.get("ca"),
            cert=said.get("cert"),
            key=said.get("key"),
            verify=said.get("verify", "yes") not in ("no", "0", "false"),
            prefix=_prefix(said.get("prefix", PREFIX)),
            timeout=_seconds(said.get("timeout", "5")),
            connect_timeout=_seconds(said.get("connect_timeout", "3")),
            **place,
        )
    except ValueError as error:
        raise ConfigurationError(f"expected an address like redis://host:6379/0; this one cannot be used: {error}") from None


def _place(path: str, flavour: str, netloc: str) -> dict[str, Any]:
    """Hosts or a path, and which database."""
    if flavour == "socket":
        if not path.strip("/"):
            raise ValueError("redis+socket:// needs the path of the socket")
        return {"path": path}
    if flavour not in ("", "sentinel"):
        raise ValueError(f"there is redis://, rediss://, redis+socket:// and redis+sentinel://; got redis+{flavour}://")
    words = [word for word in path.split("/") if word]
    hosts = tuple(_host(one, 26379 if flavour else 6379) for one in (netloc or "localhost").split(","))
    if not flavour:
        if len(hosts) > 1:
            raise ValueError("several hosts are for redis+sentinel://")
        return {"hosts": hosts, "database": _database(words)}
    if not words:
        raise ValueError("redis+sentinel:// needs the name of the service: redis+sentinel://host:26379/mymaster")
    return {"hosts": hosts, "service": words[0], "database": _database(words[1:])}


def _host(text: str, port: int) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[^\]]+\]|[^:\[\]]*)(?::(\d+))?", text)
    if not found:
        raise ValueError(f"{text!r} is no host and port")
    return found[1].strip("[]") or "localhost", int(found[2] or port)


def _database(words: list[str]) -> int:
    if len(words) > 1 or (words and not words[0].isdigit()):
        raise ValueError(f"after the host comes the number of the database, such as /0; got /{'/'.join(words)}")
    return int(words[0]) if words else 0


def _prefix(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", text):
        raise ValueError(f"a prefix is 1 to 64 letters, digits or _ . : -; got {text!r}")
    return text


def _seconds(text: str) -> float:
    if not 0.01 <= float(text) <= 600:
        raise ValueError(f"a timeout is from 0.01 to 600 seconds; got {text}")
    return float(text)
