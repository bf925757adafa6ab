"""Alerts: what somebody should know of, kept until it is over, with what people said to it. Values and what becomes of them; pure.

1. An alert has a key: the same condition, seen a hundred times, is one alert with a count.
2. It is active from the first time that it is seen until it is resolved: by itself, because the condition is gone, or by hand.
3. Whoever acknowledges it says that somebody sees to it; whoever snoozes it does not want to hear of it until a time.
   Both are over when it becomes graver.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from horizon.core.clock import Micros


class Severity(StrEnum):
    """How bad it is, the gravest first."""

    CRITICAL = "critical"
    """Jobs do not run, or are in danger: now."""
    HIGH = "high"
    """Jobs are late or fail, more than they should: soon."""
    MODERATE = "moderate"
    """It will not go on well like that."""
    LOW = "low"
    """It could go better."""
    INFO = "info"
    """It is good to know."""

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)

    @property
    def grave(self) -> bool:
        """Whether somebody has to come."""
        return self.rank <= Severity.HIGH.rank


ACTIVE, ACKNOWLEDGED, SNOOZED, RESOLVED = "active", "acknowledged", "snoozed", "resolved"
STATES = (ACTIVE, ACKNOWLEDGED, SNOOZED, RESOLVED)
MAX_TITLE, MAX_TEXT, MAX_NOTE = 200, 2_000, 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A condition that holds at this moment."""

    key: str
    """What makes it the same as one that was seen before: its rule and what it is about."""
    severity: Severity
    title: str
    text: str = ""
    todo: str = ""
    """What to do about it."""
    command: str = ""
    """What to type for that."""
    rule: str = ""
    """What found it: `no-worker`, `unserved`, ..."""
    subject: tuple[str, str] | None = None
    """(kind, name) of what it is about: `queue`, `class`, `worker`, `store`, `job`, `schedule`."""
    connection: str | None = None
    figures: Mapping[str, str] = field(default_factory=dict)
    """What was measured, and what it was measured against, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert(Sighting):
    """One as it is kept."""

    first_at: Micros
    last_at: Micros
    count: int = 1
    """How often the condition came up while the alert was active."""
    acknowledged_at: Micros | None = None
    acknowledged_by: str | None = None
    snoozed_until: Micros | None = None
    snoozed_by: str | None = None
    note: str | None = None
    """What the last one who acted on it said."""
    resolved_at: Micros | None = None
    resolved_by: str | None = None
    """None where it resolved by itself."""

    @property
    def id(self) -> str:
        """Short, and the same for the same key."""
        return id_of(self.key)

    @property
    def past_id(self) -> str:
        """Of this occurrence, among those that are over."""
        return f"{self.first_at:017d}-{self.id}"

    def state(self, now: Micros) -> str:
        """One of `STATES`."""
        if self.resolved_at is not None:
            return RESOLVED
        if self.snoozed_until is not None and self.snoozed_until > now:
            return SNOOZED
        return ACTIVE if self.acknowledged_at is None else ACKNOWLEDGED

    def calls(self, now: Micros) -> bool:
        """Whether somebody has to look at it: grave, and nobody said anything to it yet."""
        return self.severity.grave and self.state(now) == ACTIVE


def id_of(key: str) -> str:
    """The id of the alert with this key."""
    return hashlib.blake2s(key.encode(), digest_size=6).hexdigest()


# what becomes of one -----------------------------------------------------------------------------------


def opened(seen: Sighting, now: Micros) -> Alert:
    """A new one."""
    return Alert(**_bounded(seen), first_at=now, last_at=now)


def touched(alert: Alert, seen: Sighting, now: Micros, *, anew: bool) -> Alert:
    """Seen again. `anew`: the condition came up once more, rather than stood all the time."""
    graver = seen.severity.rank < alert.severity.rank
    said: dict[str, Any] = dict.fromkeys(("acknowledged_at", "acknowledged_by", "snoozed_until", "snoozed_by")) if graver else {}
    return replace(alert, **_bounded(seen), **said, last_at=now, count=alert.count + anew)


def acknowledged(alert: Alert, by: str, note: str | None, now: Micros) -> Alert:
    """Somebody sees to it."""
    return replace(alert, acknowledged_at=now, acknowledged_by=by, snoozed_until=None, snoozed_by=None, note=_noted(note) or alert.note)


def snoozed(alert: Alert, by: str, until: Micros, note: str | None) -> Alert:
    """Nobody wants to hear of it until then."""
    return replace(alert, snoozed_until=until, snoozed_by=by, note=_noted(note) or alert.note)


def resolved(alert: Alert, by: str | None, note: str | None, now: Micros) -> Alert:
    """It is over."""
    return replace(alert, resolved_at=now, resolved_by=by, note=_noted(note) or alert.note)


def _bounded(seen: Sighting) -> dict[str, Any]:
    return {
        "key": seen.key, "severity": seen.severity, "title": seen.title[:MAX_TITLE], "text": seen.text[:MAX_TEXT], "todo": seen.todo[:MAX_TEXT],
        "command": seen.command[:MAX_TITLE], "rule": seen.rule, "subject": seen.subject, "connection": seen.connection,
        "figures": {name[:MAX_TITLE]: value[:MAX_TITLE] for name, value in list(seen.figures.items())[:20]},
    }  # fmt: skip


def _noted(note: str | None) -> str | None:
    return (note or "").strip()[:MAX_NOTE] or None


# as text -----------------------------------------------------------------------------------------------


def write(alert: Alert) -> str:
    """For a note."""
    return json.dumps({name: value for name, value in asdict(alert).items() if value not in (None, "", {})}, ensure_ascii=False)


def read(text: str) -> Alert:
    """The other way round. A field that this version does not know is left out."""
    kept = {name: value for name, value in json.loads(text).items() if name in Alert.__dataclass_fields__}
    subject = kept.pop("subject", None)
    return Alert(**{**kept, "severity": Severity(kept["severity"])}, subject=None if subject is None else (subject[0], subject[1]))
