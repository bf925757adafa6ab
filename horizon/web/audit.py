"""The query string of the audit log, on the page, in files and in the API; and what its entries are about.

Parameters: `actor`, `verb`, `q` (part of the target or detail), `after`, `before` (as in a search for jobs: `1h`, `14:03`,
`yesterday`, `2026-11-22T14:03`), `cursor`, `limit` (1 to 200).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from horizon.backends.audit import Audit
from horizon.core.audit import AuditEntry, AuditQuery
from horizon.core.clock import Micros, iso
from horizon.core.errors import InvalidCursor, InvalidFilter
from horizon.core.ids import is_id
from horizon.core.query import DEFAULT_LIMIT, MAX_LIMIT
from horizon.monitor.chain import Checked
from horizon.web import export, search

FILTERS = ("actor", "verb", "q", "after", "before")
MAX_TEXT = 320
"""Characters of a filter: the longest name of an actor fits."""
LAST_CURSOR = 2**62
COLUMNS = ("at", "actor", "verb", "target", "count", "detail", "origin", "changes", "link", "hash")
"""Of a file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilter:
    """A query string, understood."""

    query: AuditQuery
    given: Mapping[str, str]
    """The filters as typed, without those that are empty."""

    def args(self, **changes: str | None) -> dict[str, str]:
        """Its parameters again with some changed (None: left out), without the cursor."""
        return {name: value for name, value in {**self.given, **changes}.items() if value}


def understand(args: Mapping[str, str], *, now: Micros, zone: tzinfo = UTC, limit: int = DEFAULT_LIMIT) -> AuditFilter:
    """What these parameters mean. Raises InvalidFilter, InvalidCursor."""
    given = typed(args)
    for name, value in given.items():
        if len(value) > MAX_TEXT:
            raise InvalidFilter(f"{name} has at most {MAX_TEXT} characters, got {len(value):,}")
    moment = search.Moment(now=now, zone=zone)
    times = {
        name: min(max(search.when(given[name], f"{name}={given[name]}", moment), 0), search.LAST)
        for name in ("after", "before")
        if name in given
    }
    query = AuditQuery(
        actor=given.get("actor"), verb=given.get("verb"), text=given.get("q"), after=times.get("after"), before=times.get("before"),
        cursor=_cursor(args.get("cursor", "")), limit=_limit(args.get("limit", ""), limit),
    )  # fmt: skip
    return AuditFilter(query=query, given=given)


def typed(args: Mapping[str, str]) -> dict[str, str]:
    """The filters that were given, not understood yet."""
    return {name: value for name in FILTERS if (value := args.get(name, "").strip())}


def _cursor(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise InvalidCursor(f"{text[:40]!r} is not a cursor of the audit log; start from its first page")
    return int(text)


def _limit(text: str, default: int) -> int:
    if not text.strip():
        return default
    if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text) or not 1 <= int(text) <= MAX_LIMIT:
        raise InvalidFilter(f"limit is a whole number from 1 to {MAX_LIMIT}, got {text[:40]!r}")
    return int(text)


def about(entry: AuditEntry) -> tuple[str, str]:
    """(`job`, `queue`, `worker`, `operation`, `batch`, `chain`, `workflow`, `schedule` or nothing; its id or name): what the target of an entry names. Pure."""
    kind, _, name = entry.target.partition(":")
    known = {
        "queue": "queue",
        "session": "worker",
        "operation": "operation",
        "batch": "batch",
        "chain": "chain",
        "workflow": "workflow",
        "schedule": "schedule",
    }
    if kind in known and name:
        return known[kind], name
    first = entry.target.partition(" ")[0]
    return ("job", first) if is_id(first) else ("", "")


def shown(entry: AuditEntry) -> dict[str, object]:
    """An entry as the API and files show it."""
    return {
        "id": entry.seq,
        "at": iso(entry.at),
        "actor": entry.actor,
        "verb": entry.verb,
        "target": entry.target,
        "count": entry.count,
        "detail": entry.detail,
        "origin": entry.origin,
        "changes": [{"name": name, "before": before, "after": after} for name, before, after in entry.changes],
        "link": entry.link,
        "hash": entry.hash,
    }


def shown_check(found: Checked) -> dict[str, object]:
    """What a check found, as the API and the command line show it."""
    fault = found.fault
    return {
        "connection": found.connection,
        "holds": found.holds,
        "at": iso(found.at),
        "checked": found.checked,
        "first": found.anchor.link + 1,
        "head": {"link": found.head.link, "hash": found.head.hash},
        "fault": None if fault is None else {"link": fault.link, "reason": fault.reason},
        "expected": found.expected,
        "found_at": found.found,
    }


def every(log: Audit, query: AuditQuery) -> Iterator[dict[str, object]]:
    """Every entry that fits, newest first, as it is shown."""

    def read(cursor: int | None) -> tuple[list[dict[str, object]], int | None]:
        page = log.find(
            AuditQuery(
                actor=query.actor, verb=query.verb, text=query.text, after=query.after, before=query.before, cursor=cursor, limit=MAX_LIMIT
            )
        )
        return [shown(entry) for entry in page.items], page.next

    return export.paged(read)
