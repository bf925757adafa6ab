"""Pages and routes that are loaded only where somebody may ask for them.

A worker mounts the dashboard too, so that addresses of its pages can be made there, and draws none of it: their modules would take a
fifth of the time in which its app loads, and 5 MB in each of its executors. Any other process loads all of them before its first request.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

_spared = False
_packages: list[str] = []


class Later:
    """A package whose functions can be named before they are loaded: `pages.jobs.show` is `show` of its module `jobs`."""

    def __init__(self, package: str) -> None:
        """`package`: its full name."""
        _packages.append(package)
        self._package = package

    def __getattr__(self, module: str) -> _Module:
        if module.startswith("__"):
            raise AttributeError(module)
        return _Module(f"{self._package}.{module}")


class _Module:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, function: str) -> Callable[..., Any]:
        if function.startswith("__"):
            raise AttributeError(function)

        def view(*args: Any, **named: Any) -> Any:
            return getattr(importlib.import_module(self._name), function)(*args, **named)

        view.__module__, view.__name__, view.__qualname__ = self._name, function, function
        return view


def spare() -> None:
    """From now on, for good, each is loaded when somebody asks for it: for a process that runs jobs."""
    global _spared
    _spared = True


def load() -> None:
    """Load all of them, once, unless this process was told to spare them."""
    if _spared:
        return
    for package in tuple(_packages):
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(module.name)
    _packages.clear()
