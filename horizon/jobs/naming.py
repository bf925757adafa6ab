"""Under which name a class is stored."""

from __future__ import annotations

from horizon.jobs import options
from horizon.jobs.classes import name_of


def stored_name(cls: type) -> str:
    """`name` where this very class sets one, else module:qualname. A subclass does not inherit its base's name."""
    own = cls.__dict__.get("name")
    return options.name(own) if own is not None else name_of(cls)
