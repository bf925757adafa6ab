"""Something long, in pieces: `for rows in chunked(ids, 100): ImportRows.dispatch(rows)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from horizon.core.errors import InvalidOption

T = TypeVar("T")


def chunked(items: Iterable[T], size: int = 100) -> Iterator[list[T]]:
    """Lists of `size` items, the last one perhaps shorter; no more than one of them is in memory. Raises InvalidOption."""
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise InvalidOption(f"the size of a chunk is a whole number from 1; got {size!r}")
    return _chunks(iter(items), size)


def _chunks(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while chunk := list(islice(items, size)):
        yield chunk
