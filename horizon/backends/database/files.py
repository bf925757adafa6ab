"""Which files of SQLite this process may make.

A new, empty store where one was looks like lost data, and stands in the way of whoever puts the old one back. So a file is made
only where this process has never had one open, and not by processes that others have started beside a store that was there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_known: set[str] = set()
_keepers = 0


def saw(path: str) -> None:
    """A store was open at this path; it is not made anew."""
    _known.add(path)


def knew(path: str) -> bool:
    """Whether a store was open at this path."""
    return path in _known


def may_make(path: str) -> bool:
    """Whether this process makes the file where there is none."""
    return not _keepers and path not in _known


def make_none() -> None:
    """From now on, for good: for an executor, whose worker has seen to the store before."""
    global _keepers
    _keepers += 1


@contextmanager
def only_looking() -> Iterator[None]:
    """In here: for a command that looks, and is told to run when a store is gone."""
    global _keepers
    _keepers += 1
    try:
        yield
    finally:
        _keepers -= 1
