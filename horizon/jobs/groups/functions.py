"""Functions as text: a callback is stored by where it stands, and found again among the modules that are loaded already.

Nothing is imported for a payload, and only plain functions that stand where they say they were made are called: data can
neither run a module nor reach into a library's C code.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from horizon.core.errors import InvalidOption
from horizon.jobs.function import JobFunction

MOST = 2
"""Arguments a callback is given: the batch and the exception."""
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def name_of(function: Callable[..., Any]) -> str:
    """`module:qualname` of a function that workers can find. Raises InvalidOption with what to do."""
    if isinstance(function, FunctionType) and function.__name__ == "<lambda>":
        raise InvalidOption("a lambda cannot be found again by a worker; write a function at the top level of a module and give that")
    module, qualname = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not module or not qualname:
        raise InvalidOption(f"a callback is a function at the top level of a module, or a job; got {function!r}")
    name = f"{module}:{qualname}"
    if "<locals>" in qualname:
        raise InvalidOption(f"{name} is defined inside a function, where no worker could find it; move it to the top level of its module")
    if module == "__main__":
        raise InvalidOption(
            f"{qualname} is defined in the script that was started (__main__), where no worker could find it; move it to a module "
            "that HORIZON_IMPORTS names"
        )
    if find(name) != function:
        raise InvalidOption(
            f"{name} is not what stands there: a callback is a plain function, an @job function or a static method that its module "
            "holds under its own name (not a method of an object, a partial or a decorated copy)"
        )
    return name


def shown(function: Callable[..., Any]) -> str:
    """What people call it, whether it can be found by that or not."""
    return f"{getattr(function, '__module__', None) or '?'}:{getattr(function, '__qualname__', None) or type(function).__name__}"


def find(name: str) -> Callable[..., Any] | None:
    """The loaded function of this name; None where there is none."""
    module, _, qualname = name.partition(":")
    found: object = sys.modules.get(module)
    for part in qualname.split("."):
        if not isinstance(found, type) and found is not sys.modules.get(module):
            return None
        found = getattr(found, part, None)
    if not isinstance(found, (FunctionType, JobFunction)):
        return None
    stands = (found.__module__, getattr(found, "__qualname__", None)) == (module, qualname)
    return found if stands else None


def written(name: str) -> Callable[..., Any]:
    """The function that somebody wrote as text, with a colon or only dots. Raises InvalidOption."""
    where, _, last = name.rpartition(":" if ":" in name else ".")
    found = find(f"{where}:{last}")
    if found is None:
        raise InvalidOption(
            f"there is no function {name!r} among the modules that are loaded here; import its module first, and write module:function"
        )
    return found


def takes(function: Callable[..., Any]) -> int:
    """How many arguments it would like: none, one or two. Raises InvalidOption for one that needs others."""
    positional, least, more = 0, 0, False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in _POSITIONAL:
            positional += 1
            least += parameter.default is parameter.empty
        elif parameter.kind is parameter.VAR_POSITIONAL:
            more = True
        elif parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            raise InvalidOption(f"a callback is given no keywords, and {shown(function)} needs {parameter.name}=")
    if least > MOST:
        raise InvalidOption(f"{shown(function)} takes {least} arguments; a callback is given none, one, or the batch and the exception")
    return max(1, positional) if more and positional < MOST else min(positional, MOST)
