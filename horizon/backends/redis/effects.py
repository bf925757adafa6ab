"""Effects that took place: one hash, by name, as time, job and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.effects import Effects
from horizon.backends.redis.store import Store, audit_of
from horizon.core.audit import AuditEntry
from horizon.core.effect import Effect


class RedisEffects(Effects):
    """See `Effects`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, names: Sequence[str]) -> Mapping[str, Effect]:
        """See `Effects.get`."""
        if not names:
            return {}
        link = self._store.link
        found = link.call("HMGET", link.key("ef"), *names)
        return {name: _read(name, text) for name, text in zip(names, found, strict=True) if text is not None}

    def forget(self, name: str, *, audit: AuditEntry | None = None) -> bool:
        """See `Effects.forget`."""
        return bool(self._store.run("effect_forget", {"name": name, "audit": audit_of(audit)}))


def _read(name: str, text: bytes) -> Effect:
    at, job, value = text.split(b"|", 2)
    return Effect(name=name, value=value[1:] if value[:1] == b"+" else None, job_id=job.decode(), at=int(at))
