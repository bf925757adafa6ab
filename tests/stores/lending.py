"""Who has which store, and until when: the end of the test, or of the fixture, that asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.servers.server import Missing
from tests.stores.pools import POOLS

KINDS = ("memory", *POOLS)
_chosen: list[str] = []
"""The kind that was asked for on the command line, if any."""
_holders: list[ExitStack] = []
"""Innermost last: what to let go of when the fixture that is being set up, or else the test, ends."""


_alike: list[bool] = []
"""Whether the test under way may ask for no store, for on every one it would be the same."""


def choose(kind: str | None) -> None:
    """Hand out this kind only; None: each room's usual ones."""
    _chosen[:] = [kind] if kind else []


def says_the_same_everywhere(alike: bool) -> None:
    """Of the test that begins: `fresh_of` refuses one that does."""
    _alike[:] = [alike]


def kinds(*usual: str) -> tuple[str, ...]:
    """What a test runs on, once each."""
    return tuple(_chosen) or usual


def fresh(usual: str = "memory") -> str:
    """Address of an empty store that nobody else has, of the kind that was asked for, else of the usual one."""
    (kind,) = kinds(usual)
    return fresh_of(kind)


def fresh_of(kind: str) -> str:
    """The same of this very kind. Skips the test where its server is not installed."""
    assert _alike != [True], "this test asks for a store, and stands in tests/stores/alike.py among those that never do"
    if kind == "memory":
        return "memory://"  # every backend made for it is a store of its own
    pool = POOLS[kind]
    try:
        address = pool.take()
    except Missing as missing:
        pytest.skip(str(missing))
    _holders[-1].callback(pool.give, address)
    return address


def afterwards(close: Callable[[], object]) -> None:
    """Call this when the test, or the fixture, ends that is under way: before its stores are let go, the latest first."""
    if _holders:
        _holders[-1].callback(close)


@contextmanager
def held_by(holder: ExitStack) -> Iterator[None]:
    """Whatever is asked for meanwhile lasts until `holder` is closed."""
    _holders.append(holder)
    try:
        yield
    finally:
        _holders.remove(holder)
