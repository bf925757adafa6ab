"""Whether a server may be trusted with jobs: it must not throw keys away, and should write them to a disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.redis.parser import ReplyError
from horizon.backends.redis.store import Store
from horizon.core.clock import monotonic
from horizon.core.errors import BackendUnavailable, ConfigurationError

KEEPS = "noeviction"
LOOK_EVERY = 30.0
"""Seconds between two looks at the server's settings."""
OLDEST = (6, 2)


def check(store: Store) -> None:
    """Raises ConfigurationError where the server would throw jobs away, or is too old; BackendUnavailable."""
    info = _info(store)
    version = tuple(int(part) for part in info.get("redis_version", "6.2").split(".")[:2])
    if version < OLDEST:
        raise ConfigurationError(f"{store.link.address.location} is Redis {info['redis_version']}; expected 6.2 or later, or a Valkey")
    policy = info.get("maxmemory_policy", KEEPS)
    if policy != KEEPS and not _overridden(store):
        raise ConfigurationError(
            f"{store.link.address.location} has maxmemory-policy {policy}: it may throw jobs away when memory runs out; expected "
            f"{KEEPS}. Set `maxmemory-policy {KEEPS}` there, or use another Redis; HORIZON_ALLOW_EVICTION=true accepts the risk"
        )


def warnings(store: Store) -> Sequence[str]:
    """What is not as it should be, in sentences."""
    try:
        info = _info(store)
    except BackendUnavailable:
        return ()
    found = []
    if info.get("maxmemory_policy", KEEPS) != KEEPS:
        found.append(f"Redis may throw jobs away when its memory runs out (maxmemory-policy {info['maxmemory_policy']}): set it to {KEEPS}")
    if info.get("aof_enabled") == "0":
        found.append("Redis keeps no append-only file, so a Redis that is killed forgets what it has accepted: set `appendonly yes`")
    return tuple(found)


def _overridden(store: Store) -> bool:
    return bool(store.options.extra.get("allow_eviction"))


def _info(store: Store) -> Mapping[str, str]:
    """What the server says of itself, at most half a minute old."""
    if store.info is not None and monotonic() - store.info[0] < LOOK_EVERY:
        return store.info[1]
    try:
        lines = store.link.call("INFO").decode().splitlines()
    except ReplyError as error:
        raise BackendUnavailable(str(error)) from error
    info = dict(line.split(":", 1) for line in lines if ":" in line)
    store.info = (monotonic(), info)
    return info
