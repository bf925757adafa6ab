"""Which runtime is meant when none is named: the one in use here, else the current app's, else the only one there is."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from horizon.core.errors import NoApp

_in_use: ContextVar[object | None] = ContextVar("horizon_runtime", default=None)
_known: list[weakref.ref[object]] = []
_stand_ins: list[weakref.ref[object]] = []
_finders: list[Callable[[], object | None]] = []


def register(runtime: object) -> None:
    """Make a runtime known as one that may be meant; forgotten with its last reference."""
    _known[:] = [ref for ref in _known if ref() is not None]
    _known.append(weakref.ref(runtime))


def stand_in(runtime: object) -> None:
    """Let this runtime be meant where no app has one, or several do and none is meant, for as long as somebody keeps it: so
    that a test needs no app, and is not confused by those that tests before it left behind."""
    _stand_ins[:] = [ref for ref in _stand_ins if ref() is not None]
    _stand_ins.append(weakref.ref(runtime))


def find_with(finder: Callable[[], object | None]) -> None:
    """Ask `finder` before guessing: the web floor looks at Flask's app context this way."""
    if finder not in _finders:
        _finders.append(finder)


@contextmanager
def use(runtime: object) -> Iterator[None]:
    """Within the block, `runtime` is meant."""
    before = _in_use.set(runtime)
    try:
        yield
    finally:
        _in_use.reset(before)


def clear() -> object | None:
    """The runtime that is meant; None where that is not clear."""
    try:
        return get()
    except NoApp:
        return None


def get() -> object:
    """The runtime that is meant. Raises NoApp where there is none, or more than one and no app context."""
    found = _in_use.get()
    if found is not None:
        return found
    for finder in _finders:
        if (found := finder()) is not None:
            return found
    alive = [runtime for ref in _known if (runtime := ref()) is not None]
    if len(alive) == 1:
        return alive[0]
    for ref in reversed(_stand_ins):
        if (runtime := ref()) is not None:
            return runtime
    if not alive:
        raise NoApp(
            "no Horizon is set up in this process; create your Flask app with Horizon(app) first, or dispatch inside `with app.app_context():`"
        )
    raise NoApp(
        f"{len(alive)} apps with Horizon live in this process, so it is unclear which one is meant; dispatch inside `with app.app_context():`"
    )
