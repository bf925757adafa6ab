"""From an address to a backend: one row per scheme, imported when asked for."""

from __future__ import annotations

import importlib
from urllib.parse import urlsplit

from horizon.backends import drivers
from horizon.backends.base import Backend
from horizon.backends.values import StoreOptions
from horizon.core.errors import ConfigurationError

SCHEMES: dict[str, tuple[str, str]] = {
    "memory": ("horizon.backends.memory.backend", "MemoryBackend"),
    "sqlite": ("horizon.backends.database.backend", "DatabaseBackend"),
    "postgresql": ("horizon.backends.database.backend", "DatabaseBackend"),
    "postgres": ("horizon.backends.database.backend", "DatabaseBackend"),
    "mysql": ("horizon.backends.database.backend", "DatabaseBackend"),
    "mariadb": ("horizon.backends.database.backend", "DatabaseBackend"),
    "redis": ("horizon.backends.redis.backend", "RedisBackend"),
    "rediss": ("horizon.backends.redis.backend", "RedisBackend"),
}
ADDRESSES: dict[str, tuple[str, str]] = {
    "sqlite": ("horizon.backends.database.sqlite", "locate"),
    "postgresql": ("horizon.backends.database.postgres.place", "locate"),
    "postgres": ("horizon.backends.database.postgres.place", "locate"),
    "mysql": ("horizon.backends.database.mysql.place", "locate"),
    "mariadb": ("horizon.backends.database.mysql.place", "locate"),
    "redis": ("horizon.backends.redis.address", "locate"),
    "rediss": ("horizon.backends.redis.address", "locate"),
}
"""Per scheme, what looks at an address without opening anything; light enough for every start of an app."""


def scheme_of(url: str) -> str:
    """The store a URL names, without the driver: `postgresql+psycopg://` is `postgresql`."""
    try:
        return urlsplit(url).scheme.split("+")[0]
    except ValueError:  # a bracket without its other half, say
        return ""


def check(url: str) -> None:
    """Raise ConfigurationError for an address that no backend understands. Opens nothing."""
    scheme = scheme_of(url)
    if scheme not in SCHEMES and drivers.path_of(scheme) is None:
        raise _unknown(url)
    if scheme in ADDRESSES:
        module, function = ADDRESSES[scheme]
        getattr(importlib.import_module(module), function)(url, {})


def connect(url: str, options: StoreOptions | None = None) -> Backend:
    """A backend for this address; nothing is opened until the first act.

    Raises ConfigurationError for an address no backend understands.
    """
    scheme = scheme_of(url)
    if scheme in SCHEMES:
        module, cls = SCHEMES[scheme]
        made: Backend = getattr(importlib.import_module(module), cls)(url, options or StoreOptions())
        return made
    path = drivers.path_of(scheme)
    if path is None:
        raise _unknown(url)
    others: Backend = drivers.load(path)(url, options or StoreOptions())
    return others


def _unknown(url: str) -> ConfigurationError:
    scheme = scheme_of(url)
    known = ", ".join(f"{name}://" for name in (*SCHEMES, *drivers.known()))
    return ConfigurationError(f"expected a store address starting with one of {known}; got {f'{scheme}://' if scheme else repr(url)}")
