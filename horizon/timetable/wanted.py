"""Schedules in somebody's words, and those that the code says. Nothing is loaded for it: every runtime keeps one of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A schedule in somebody's words; None: as usual."""

    target: object
    """A job class, a `@job` function, or the registered name of either."""
    when: object
    name: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    """Arguments and options mixed: what the constructor takes is an argument, what else is an option an option."""
    args: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    timezone: str | None = None
    misfire: str = "once"
    most: int = 10
    overlap: str = "allow"
    jitter: object = None
    said_at: str | None = None
    """File and line of the code that says it."""


class Declared:
    """What was said, over what `parent` says. `version` grows with every change."""

    def __init__(self, parent: Declared | None = None) -> None:
        self._parent = parent
        self._wanted: dict[str, Wanted] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """Different whenever anything was said since."""
        return self._version + (self._parent.version if self._parent else 0)

    def take(self, name: str, wanted: Wanted) -> None:
        """Take one up."""
        self._wanted[name] = wanted
        self._version += 1

    def all(self) -> Mapping[str, Wanted]:
        """Everything said, by name."""
        return {**(self._parent.all() if self._parent else {}), **self._wanted}


PROCESS = Declared()
"""What was said at import time."""
