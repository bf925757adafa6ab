"""Objects that a setting names as `module:Name`."""

from __future__ import annotations

import importlib
from typing import Any

from horizon.core.errors import ConfigurationError


def named(given: Any, setting: str) -> Any:
    """The object itself, or that of this name; of a class an instance made without arguments. Raises ConfigurationError."""
    if isinstance(given, str):
        module, _, path = given.partition(":")
        try:
            found: Any = importlib.import_module(module)
            for part in path.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError, ValueError) as error:
            raise ConfigurationError(f"{setting} names {given!r}, which cannot be imported (it is written module:Name): {error}") from error
        given = found
    if not isinstance(given, type):
        return given
    try:
        return given()
    except TypeError as error:
        raise ConfigurationError(
            f"{setting} names the class {given.__qualname__}, which needs arguments; give an instance: {error}"
        ) from error
