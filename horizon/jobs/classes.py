"""Classes by name, without importing anything.

A payload may name a class (of an enum, a dataclass, a model); it is looked for among the modules that are loaded
already. Data that could make a process import a module would be a way to run code.
"""

from __future__ import annotations

import sys

from horizon.core.errors import InvalidPayload


class UnknownClass(InvalidPayload):
    """A payload names a class that this process has not loaded; perhaps another worker, with newer code, has."""


def name_of(cls: type) -> str:
    """`module:qualname`, as names are stored."""
    return f"{cls.__module__}:{cls.__qualname__}"


def find(name: str) -> type | None:
    """The loaded class of this name, None where there is none. Only a class that stands where it says it was made counts."""
    module_name, _, qualname = name.partition(":")
    found: object = sys.modules.get(module_name)
    for part in qualname.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    if isinstance(found, type) and found.__module__ == module_name and found.__qualname__ == qualname:
        return found
    return None


def require(name: str) -> type:
    """The loaded class of this name. Raises UnknownClass."""
    cls = find(name)
    if cls is None:
        raise UnknownClass(
            f"the payload holds a {name}, which is not loaded in this process; "
            "add its module to HORIZON_IMPORTS, or keep the old name importable until old jobs are done"
        )
    return cls
