"""Notes: the small things that people and the dashboard keep beside the jobs, by kind and name.

Saved views, watched tags, what somebody made of a cause, alerts, time targets, a stack that was asked for: each a text (JSON) of
at most 64 kB under a kind. A store decides nothing about them: it writes where nobody was faster, and forgets what is over.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.errors import InvalidInput

LONGEST_KIND, LONGEST_NAME, LONGEST_BODY = 40, 250, 65_536
"""Characters, characters, bytes."""
MOST = 2_000
"""Notes of a kind. Nobody keeps more by hand, and every list of them is read whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """One of them as it stands."""

    kind: str
    name: str
    body: str
    version: int
    """Grows by one with each write."""
    at: Micros
    """When it was written last."""
    until: Micros | None = None
    """When it is over by itself; it is not found any more then."""

    def stands(self, now: Micros) -> bool:
        """Whether it is not over."""
        return self.until is None or self.until > now


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteChange:
    """Write one where nobody was faster."""

    kind: str
    name: str
    body: str | None
    """None: remove it."""
    version: int | None = None
    """The stored version that this is made from, 0 where there must be none; None: whatever stands."""
    until: Micros | None = None
    audit: AuditEntry | None = None


class Notes(ABC):
    """Small texts by kind and name."""

    @abstractmethod
    def write(self, changes: Sequence[NoteChange]) -> Sequence[bool]:
        """Write each whose stored version is the one that the change was made from, its audit entry with it. False, and nothing of
        it is written, where somebody was faster, where there is nothing to remove, or where `MOST` of a kind are kept already.
        One act for all of them, but each for itself. Raises InvalidInput for what `check` refuses.
        """

    @abstractmethod
    def get(self, kind: str, name: str) -> Note | None:
        """One of them."""

    @abstractmethod
    def all(self, kind: str) -> Sequence[Note]:
        """All of a kind, by name, byte for byte."""


def check(changes: Sequence[NoteChange]) -> None:
    """Raises InvalidInput before anything is written."""
    for one in changes:
        if not 0 < len(one.kind) <= LONGEST_KIND or not 0 < len(one.name) <= LONGEST_NAME or "\0" in one.kind + one.name + (one.body or ""):
            raise InvalidInput(
                f"a note has a kind of 1 to {LONGEST_KIND} and a name of 1 to {LONGEST_NAME} characters; got {one.kind[:50]!r}, {one.name[:50]!r}"
            )
        if one.body is not None and len(one.body.encode()) > LONGEST_BODY:
            raise InvalidInput(f"the note {one.name[:50]!r} is larger than {LONGEST_BODY // 1024} kB")
