"""Stores of other packages: a scheme, and the class that keeps the contract for it.

A package names its driver in its own `pyproject.toml`, and nobody has to call anything:

    [project.entry-points."horizon.drivers"]
    etcd = "horizon_etcd:EtcdBackend"

A driver of the app itself is registered where the app is made: `register_driver("etcd", "shop.stores:EtcdBackend")`. The class takes
(url, StoreOptions) and opens nothing before its first act; `tests/conformance/` is what it has to pass.
"""

from __future__ import annotations

import importlib
import re
from importlib.metadata import entry_points
from typing import Any

from horizon.core.errors import ConfigurationError

GROUP = "horizon.drivers"
OWN = frozenset({"memory", "sync", "sqlite", "postgresql", "postgres", "mysql", "mariadb", "redis", "rediss"})
_SCHEME = re.compile(r"[a-z][a-z0-9.-]{0,30}")
_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_registered: dict[str, str] = {}


def register_driver(scheme: str, driver: str | type) -> None:
    """Let addresses that begin with `scheme://` be opened by this class, given as `module:Class` or itself.

    Workers' guardians do not load the app: they import the driver's module by its name, so it must not stand in the app's own. Said
    again for a scheme, the later word holds. Raises ConfigurationError.
    """
    path = f"{driver.__module__}:{driver.__qualname__}" if isinstance(driver, type) else driver
    if not isinstance(scheme, str) or not _SCHEME.fullmatch(scheme):
        raise ConfigurationError(f"a scheme begins with a small letter and goes on with up to 30 of a-z 0-9 . -; got {scheme!r}")
    if not isinstance(path, str) or not _PATH.fullmatch(path) or path.startswith("__main__:"):
        raise ConfigurationError(f"a driver is a class at the top level of a module that can be imported, or 'module:Class'; got {path!r}")
    if scheme in OWN:
        raise ConfigurationError(f"{scheme}:// is a store of Horizon's own; give yours another scheme")
    _registered[scheme] = path


def path_of(scheme: str) -> str | None:
    """Where the driver of a scheme is, as `module:Class`; None where nobody has one."""
    if scheme in OWN:
        return None
    if scheme in _registered:
        return _registered[scheme]
    return next((point.value for point in entry_points(group=GROUP, name=scheme)), None)


def known() -> list[str]:
    """Every scheme that somebody has a driver for."""
    return sorted({*_registered, *(point.name for point in entry_points(group=GROUP))})


def load(path: str) -> Any:
    """The class. Raises ConfigurationError where it is not there."""
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"the driver {path} cannot be loaded: {type(error).__name__}: {error}") from error
