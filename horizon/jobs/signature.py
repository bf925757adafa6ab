"""A constructor's arguments by name, and the call that uses them again.

`*args` are kept under `*name`, so that a payload always says which argument is which.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Signature:
    """What a callable takes, looked at once."""

    __slots__ = ("_complex", "_names", "_only", "_rest")

    def __init__(self, call: Callable[..., Any], *, skip: int = 0) -> None:
        """`skip`: how many leading parameters (`self`) are not arguments."""
        parameters = list(inspect.signature(call).parameters.values())[skip:]
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        self._names = tuple(p.name for p in positional)
        self._only = sum(p.kind is p.POSITIONAL_ONLY for p in positional)
        self._rest = next((f"*{p.name}" for p in parameters if p.kind is p.VAR_POSITIONAL), None)
        self._complex = bool(self._only or self._rest)

    def named(self, args: Sequence[object], kwargs: Mapping[str, object]) -> dict[str, object]:
        """The arguments of a call that went well, by name; defaults are left to the next call."""
        named = dict(zip(self._names, args, strict=False))
        if self._rest and len(args) > len(self._names):
            named[self._rest] = list(args[len(self._names) :])
        if kwargs:
            named.update(kwargs)
        return named

    def call(self, target: Callable[..., Any], named: Mapping[str, Any]) -> Any:
        """Call `target` with arguments that `named` gave."""
        if not self._complex:
            return target(**named)
        rest = dict(named)
        more = rest.pop(self._rest, []) if self._rest else []
        count = len(self._names) if more else self._only
        first = [rest.pop(name) for name in self._names[:count] if name in rest]
        return target(*first, *more, **rest)
