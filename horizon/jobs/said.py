"""What was said about one dispatch by fluent words: a value that travels from the words to the envelope."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from horizon.core.backoff import Backoff
from horizon.core.clock import Micros
from horizon.core.envelope import Edge
from horizon.jobs import options


class Debounce(NamedTuple):
    """Only the last of several dispatches in quick succession is to run."""

    key: str
    quiet: Micros
    longest: Micros | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What was said so far; None: nothing."""

    queue: str | None = None
    connection: str | None = None
    delay: Micros | None = None
    available_at: Micros | None = None
    priority: int | None = None
    deadline: Micros | None = None
    expires: bool | None = None
    tags: tuple[str, ...] = ()
    user: str | None = None
    tenant: str | None = None
    unique_key: str | None = None
    unique_for: Micros | None = None
    debounce: Debounce | None = None
    edges: tuple[Edge, ...] = ()
    max_tries: int | None = None
    timeout: Micros | None = None
    backoff: Backoff | None = None
    after_commit: bool = False
    immediately: bool = False

    def also(self, **given: object) -> Said:
        """The same with more said."""
        return replace(self, **given)  # type: ignore[arg-type]

    def over(self, other: Said | None) -> Said:
        """Both together; where both say something, this one wins."""
        if other is None:
            return self
        mine = {key: getattr(self, key) for key in Said.__slots__ if getattr(self, key) != getattr(_NOTHING, key)}
        if not mine:
            return other
        mine.update(tags=options.tags((*other.tags, *self.tags)), edges=(*other.edges, *self.edges))
        return replace(other, **mine)


_NOTHING = Said()
