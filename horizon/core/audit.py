"""Who did what to what, when: written in the same act as the change itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from horizon.core.clock import Micros

Changed = tuple[str, str | None, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One change by a person or by a program on their behalf."""

    actor: str
    verb: str
    target: str
    """An id, `queue:NAME`, `session:ID`, or the search text of a bulk act."""
    count: int = 1
    detail: str | None = None
    origin: str | None = None
    """`web`, `api` or `cli`, with the peer's address where there is one."""
    changes: tuple[Changed, ...] = ()
    """What was changed, where that is known: (name, before, after)."""
    at: Micros | None = None
    """Filled in by the store, like all that follows."""
    seq: int | None = None
    link: int | None = None
    """Its place in the chain, None until a tick put it there."""
    hash: str | None = None
    connection: str | None = None
    """Where several stores are looked at as one: whose entry it is."""
    own: int | None = None
    """And its number there, `seq` being one that orders those of all of them."""

    @property
    def number(self) -> int:
        """Its number in its own store."""
        return self.own or self.seq or 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditQuery:
    """Which entries to look for, newest first. All given fields must match; `actor`, `verb` and the range are indexed."""

    actor: str | None = None
    verb: str | None = None
    text: str | None = None
    """Part of the target or of the detail, any case."""
    after: Micros | None = None
    """At or after."""
    before: Micros | None = None
    cursor: int | None = None
    """The `seq` of the last entry seen."""
    limit: int = 50

    def fits(self, entry: AuditEntry) -> bool:
        """Whether the entry is one of those looked for; paging left aside."""
        return (
            self.actor in (None, entry.actor)
            and self.verb in (None, entry.verb)
            and (self.text is None or self.text.lower() in f"{entry.target}\n{entry.detail or ''}".lower())
            and (self.after is None or (entry.at or 0) >= self.after)
            and (self.before is None or (entry.at or 0) < self.before)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditPage:
    """One page of entries, with the way to the next."""

    items: Sequence[AuditEntry]
    next: int | None = None
    searched_back_to: Micros | None = None
    """Set where the scan limit stopped the search before the page was full: nothing older was looked at."""


def told(changes: Sequence[Changed]) -> str | None:
    """Changes as text, for a store."""
    return json.dumps(changes, ensure_ascii=False, separators=(",", ":")) if changes else None


def changes_of(text: str | None) -> tuple[Changed, ...]:
    """The other way round. What is not ours (somebody wrote into the store) is shown as it stands."""
    if not text:
        return ()
    try:
        return tuple((str(name), before, after) for name, before, after in json.loads(text))
    except (ValueError, TypeError):
        return (("?", None, text),)


def difference(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Changed, ...]:
    """What an act changed, by name, where the values differ."""
    names = sorted(before.keys() | after.keys())
    return tuple((name, _say(before.get(name)), _say(after.get(name))) for name in names if before.get(name) != after.get(name))


def _say(value: object) -> str | None:
    return None if value is None else str(value)
