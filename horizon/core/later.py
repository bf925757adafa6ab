"""The error for a public name that is not there: a typing slip, or something that comes with a later release."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping

from horizon.core.errors import ComesLater


class _NotYet(ComesLater, AttributeError):
    """Also an AttributeError, so that `hasattr` answers False."""


def missing(module: str, name: str, there: Mapping[str, str], later: Mapping[str, str]) -> Exception:
    """The exception to raise from a module's `__getattr__` for `name`.

    `from module import name` asks by way of importlib first and turns any AttributeError into an ImportError without
    our words; asked from there, the plain ComesLater is given, which passes through.
    """
    if name in later:
        text = f"{module}.{name} comes with {later[name]}, in a later release"
        importing = sys._getframe(2).f_globals.get("__name__") == "importlib._bootstrap"
        return ComesLater(text) if importing else _NotYet(text)
    near = difflib.get_close_matches(name, there, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(there))}"
    return AttributeError(f"module {module!r} has no attribute {name!r}; {hint}")
