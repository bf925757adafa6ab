"""Settings of queues: what the code says, what a person changed over it, and pauses.

Kept in a hash per queue: `code` and `over` as JSON for people; what follows from both (patience, weight, max) and the
pause as fields that scripts read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from horizon.backends.nouns import Queues
from horizon.backends.queueing import OVERRIDABLE, Noted, QueueSettings, noted
from horizon.backends.redis.store import Store, audit_of, encode
from horizon.core.clock import Micros
from horizon.core.errors import InvalidOption, InvalidTransition
from horizon.core.lanes import is_lane

FIELDS = {"patience": "patience", "priority_weight": "weight", "max_jobs": "max", "dead_after": "dead"}
"""What scripts read, by its name there; the rest is for people."""
SAID = ("code", "over", "paused", "until", "reason")
"""What changes are made of: where another one stands there by now, they are made anew."""
AGAIN = 50
"""Tries: whoever changes a queue fails but where another one succeeds."""
Fields = Mapping[str, str]
Given = Mapping[str, object]
"""Fields to set; None: to remove."""
Made = Callable[[Fields], Given]


class RedisQueues(Queues):
    """See `Queues`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: Mapping[bytes, tuple[Sequence[bytes], QueueSettings]] = {}
        """Settings beside what they were made of: pages ask for all of them each time, and hardly any ever change."""

    def define(self, settings: Sequence[QueueSettings]) -> None:
        """See `Queues.define`."""
        for one in settings:
            said = {key: getattr(one, key) for key in OVERRIDABLE}
            self._change(one.name, partial(_defined, one.name, said))

    def _change(self, name: str, made: Made, audit: Noted = None, *, stir: bool = False) -> int:
        """Make what a queue says into something else, whatever others make of it at the same time; how many of its jobs run."""
        for _ in range(AGAIN):
            now, (_, flat) = self._store.run("queues", name, safe=True)
            before = _text(flat)
            given = made(before)
            what = {
                "name": name, "fields": {key: value for key, value in given.items() if value is not None},
                "drop": [key for key, value in given.items() if value is None], "was": {key: before.get(key, False) for key in SAID},
                "audit": audit_of(noted(audit, _settings(name, before, now))), "stir": stir,
            }  # fmt: skip
            said = self._store.run("queue", what, safe=audit is None)
            if said[0] >= 0:
                return int(said[0])
        raise InvalidTransition(f"queue {name} was changed by others again and again; look at it, and try once more")

    def get(self, name: str) -> QueueSettings:
        """See `Queues.get`."""
        now, (_, flat) = self._store.run("queues", name, safe=True)
        return _settings(name, _text(flat), now)

    def all(self) -> Sequence[QueueSettings]:
        """See `Queues.all`."""
        now, flat = self._store.run("queues", False, safe=True)
        before = self._known
        found: dict[bytes, tuple[Sequence[bytes], QueueSettings]] = {}
        for name, fields in zip(flat[::2], flat[1::2], strict=True):
            known = before.get(name)
            if known is None or known[0] != fields or b"until" in fields[::2]:  # a pause may end by itself
                known = (fields, _settings(name.decode(), _text(fields), now))
            found[name] = known
        self._known = found
        return sorted((one for _, one in found.values()), key=lambda one: one.name)

    def override(self, name: str, changes: Mapping[str, object], *, audit: Noted = None) -> QueueSettings:
        """See `Queues.override`. Raises InvalidOption for a setting that cannot be changed at run time."""
        unknown = sorted(set(changes) - set(OVERRIDABLE))
        if unknown:
            raise InvalidOption(
                f"a queue's settings that can be changed at run time are {', '.join(OVERRIDABLE)}; got {', '.join(unknown)}"
            )
        self._change(name, partial(_overridden, name, changes), audit)
        return self.get(name)

    def pause(self, name: str, *, until: Micros | None = None, reason: str | None = None, audit: Noted = None) -> int:
        """See `Queues.pause`."""
        return self._change(name, lambda _: {"paused": 1, "until": until, "reason": reason}, audit)

    def resume(self, name: str, *, audit: Noted = None) -> None:
        """See `Queues.resume`."""
        self._change(name, lambda _: {"paused": None, "until": None, "reason": None}, audit, stir=True)


def _defined(name: str, said: Mapping[str, object], before: Fields) -> Given:
    """What the code says, with what a person said over it."""
    return {**_effective(name, said, _kept(before)[1]), "code": encode(said), "defined": 1}


def _overridden(name: str, changes: Mapping[str, object], before: Fields) -> Given:
    """What a person says, over what the code says."""
    coded, said = _kept(before)
    over = {key: value for key, value in {**said, **changes}.items() if value is not None}
    return {**_effective(name, coded, over), "over": encode(over)}


def _effective(name: str, coded: Mapping[str, object], over: Mapping[str, object]) -> Given:
    """What follows from both; None: nothing."""
    default = QueueSettings(name=name)
    return {FIELDS[key]: over.get(key, coded.get(key, getattr(default, key))) for key in FIELDS}


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
