"""The servers of this process: each is started when first asked for and serves every test after that."""

from __future__ import annotations

from typing import TypeVar

from tests.servers.server import Server

Kind = TypeVar("Kind", bound=Server)
_RUNNING: dict[type[Server], Server] = {}


def running(kind: type[Kind]) -> Kind:
    """The one server of this kind. Raises Missing, DidNotStart."""
    found = _RUNNING.get(kind)
    if found is None:
        found = kind()
        found.start()
        _RUNNING[kind] = found
    assert isinstance(found, kind)
    return found


def close_all() -> None:
    """The end of the tests."""
    while _RUNNING:
        _RUNNING.popitem()[1].close()
