"""Settings of queues: what the code says, what a person changed over it, and pauses.

Kept in a hash per queue: `code` and `over` as JSON for people; what follows from both (patience, weight, max) and the
pause as fields that scripts read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from horizon.backends.nouns import Queues
from horizon.backends.queueing import OVERRIDABLE, QueueSettings
from horizon.backends.redis.store import Store, audit_of, encode
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.errors import InvalidOption
from horizon.core.lanes import is_lane

FIELDS = {"patience": "patience", "priority_weight": "weight", "max_jobs": "max", "dead_after": "dead"}
"""What scripts read, by its name there; the rest is for people."""


class RedisQueues(Queues):
    """See `Queues`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def define(self, settings: Sequence[QueueSettings]) -> None:
        """See `Queues.define`."""
        for one in settings:
            said = {key: getattr(one, key) for key in OVERRIDABLE}
            self._say(one.name, said, _kept(self._fields(one.name))[1], {"code": encode(said), "defined": 1})

    def _fields(self, name: str) -> dict[str, str]:
        _, (_, flat) = self._store.run("queues", name, safe=True)
        return _text(flat)

    def _say(
        self, name: str, coded: Mapping[str, Any], over: Mapping[str, Any], more: Mapping[str, object], audit: AuditEntry | None = None
    ) -> None:
        """Keep what follows from both, and what they are."""
        default = QueueSettings(name=name)
        effective = {FIELDS[key]: over.get(key, coded.get(key, getattr(default, key))) for key in FIELDS}
        fields = {**{key: value for key, value in effective.items() if value is not None}, **more}
        drop = [key for key, value in effective.items() if value is None]
        self._store.run(
            "queue", {"name": name, "fields": fields, "drop": drop, "audit": audit_of(audit), "stir": False}, safe=audit is None
        )

    def get(self, name: str) -> QueueSettings:
        """See `Queues.get`."""
        now, (_, flat) = self._store.run("queues", name, safe=True)
        return _settings(name, _text(flat), now)

    def all(self) -> Sequence[QueueSettings]:
        """See `Queues.all`."""
        now, flat = self._store.run("queues", False, safe=True)
        found = [_settings(name.decode(), _text(fields), now) for name, fields in zip(flat[::2], flat[1::2], strict=True)]
        return sorted(found, key=lambda one: one.name)

    def override(self, name: str, changes: Mapping[str, object], *, audit: AuditEntry | None = None) -> QueueSettings:
        """See `Queues.override`. Raises InvalidOption for a setting that cannot be changed at run time."""
        unknown = sorted(set(changes) - set(OVERRIDABLE))
        if unknown:
            raise InvalidOption(
                f"a queue's settings that can be changed at run time are {', '.join(OVERRIDABLE)}; got {', '.join(unknown)}"
            )
        coded, before = _kept(self._fields(name))
        over = {key: value for key, value in {**before, **changes}.items() if value is not None}
        self._say(name, coded, over, {"over": encode(over)}, audit)
        return self.get(name)

    def pause(self, name: str, *, until: Micros | None = None, reason: str | None = None, audit: AuditEntry | None = None) -> int:
        """See `Queues.pause`."""
        given = {"paused": 1, "until": until, "reason": reason}
        fields = {key: value for key, value in given.items() if value is not None}
        drop = [key for key, value in given.items() if value is None]
        running, _ = self._store.run("queue", {"name": name, "fields": fields, "drop": drop, "audit": audit_of(audit), "stir": False})
        return int(running)

    def resume(self, name: str, *, audit: AuditEntry | None = None) -> None:
        """See `Queues.resume`."""
        what = {"name": name, "fields": {}, "drop": ["paused", "until", "reason"], "audit": audit_of(audit), "stir": True}
        self._store.run("queue", what)


def _text(flat: Sequence[bytes]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in zip(flat[::2], flat[1::2], strict=True)}


def _kept(fields: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the code says, and what a person said over it."""
    return json.loads(fields.get("code", "{}")), json.loads(fields.get("over", "{}"))


def _settings(name: str, fields: Mapping[str, str], now: Micros) -> QueueSettings:
    coded, over = _kept(fields)
    default = QueueSettings(name=name)
    until = int(fields["until"]) if "until" in fields else None
    stopped = fields.get("paused") == "1" and (until is None or until > now)
    return QueueSettings(
        name=name,
        **{key: over.get(key, coded.get(key, getattr(default, key))) for key in OVERRIDABLE},
        paused=stopped or is_lane(name),
        paused_until=until if stopped else None,
        paused_reason=fields.get("reason") if stopped else None,
        overridden=tuple(sorted(over)),
        coded={key: coded.get(key, getattr(default, key)) for key in sorted(over)},
        defined="defined" in fields,
    )
