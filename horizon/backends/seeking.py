"""Words in groups: what every store looks at, and when it stops. The indexes answer the rest of a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from horizon.core.clock import Micros
from horizon.core.group import GroupQuery
from horizon.core.query import SCAN_LIMIT


class Face(NamedTuple):
    """What is looked at of a group."""

    n: int
    created_at: Micros
    id: str
    name: str
    user: str
    reason: str
    type: str
    """Of the first failure."""
    message: str


class Sought(NamedTuple):
    """What was found among faces."""

    ns: list[int]
    """Numbers of those that fit, at most one more than the page takes."""
    last: Face | None
    """Where `SCAN_LIMIT` stopped the search; None: it came to the end, or has enough."""


def seek(query: GroupQuery, faces: Iterable[Face]) -> Sought:
    """Those that mention every word, of faces in the order of the list."""
    ns: list[int] = []
    fits, walk = mentions(query), iter(faces)
    for looked, face in enumerate(walk, 1):
        if fits(face):
            ns.append(face.n)
            if len(ns) > query.limit:
                return Sought(ns, None)
        if looked >= SCAN_LIMIT:
            return Sought(ns, face if _goes_on(walk) else None)
    return Sought(ns, None)


def _goes_on(walk: Iterator[Face]) -> bool:
    return next(walk, None) is not None


def mentions(query: GroupQuery) -> Callable[[Face], bool]:
    """Whether a group mentions every word."""
    words = [word.lower() for word in query.text]

    def fits(face: Face) -> bool:
        said = (face.name, face.id, face.user, face.reason, face.type, "" if query.wordless else face.message)
        return all(any(word in text.lower() for text in said if text) for word in words)

    return fits
