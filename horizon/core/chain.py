"""The chain of the audit log: every entry carries a hash over itself and over the hash of the one before it.

Whoever changes, removes or slips in an entry afterwards would have to write all that follow anew; and whoever keeps a hash
somewhere else sees even that. Pure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros

GENESIS = "0" * 64
"""What stands before the first entry."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A place in the chain."""

    link: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """Where a chain begins and ends."""

    anchor: Mark
    """Of the last entry that was trimmed: the first one that is kept follows it."""
    head: Mark
    """Of the last entry that was put into it."""
    sealed_at: Micros | None = None
    """When that was."""
    waiting: int = 0
    """Entries that are not in it yet: the next tick sees to them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """The first thing that does not fit."""

    link: int
    reason: str
    entry: AuditEntry | None = None
    """None where it is missing."""


def canonical(entry: AuditEntry) -> str:
    """The text that stands for an entry: all its fields in a fixed order, so that nothing can be moved from one to another."""
    fields = [
        entry.link, entry.seq, entry.at, entry.actor, entry.verb, entry.target, entry.count, entry.detail, entry.origin,
        [list(change) for change in entry.changes],
    ]  # fmt: skip
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":"))


def hash_of(previous: str, entry: AuditEntry) -> str:
    """Over the entry and the hash before it."""
    return hashlib.sha256(f"{previous}\n{canonical(entry)}".encode()).hexdigest()


def chained(head: Mark, entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """Entries as they follow the head, with their links and hashes."""
    made: list[AuditEntry] = []
    for entry in entries:
        linked = replace(entry, link=head.link + 1)
        head = Mark(link=head.link + 1, hash=hash_of(head.hash, linked))
        made.append(replace(linked, hash=head.hash))
    return made


def first_fault(after: Mark, entries: Sequence[AuditEntry]) -> tuple[Mark, Fault | None]:
    """How far these entries follow a mark: (the last that fits, what does not)."""
    for entry in entries:
        link, expected = entry.link or 0, after.link + 1
        if link > expected:
            return after, Fault(link=expected, reason="it is missing")
        if link < expected:
            return after, Fault(link=link, reason="there are two of it", entry=entry)
        if hash_of(after.hash, entry) != entry.hash:
            return after, Fault(link=link, reason="it is not what was written then, or the entry before it was another one", entry=entry)
        after = Mark(link=link, hash=entry.hash or "")
    return after, None
