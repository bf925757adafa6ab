"""What holds jobs back until there is room: a hash for each key; what is decided is in `scripts/parts/gauges.lua` and `lots.lua`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from horizon.backends.metering import Gauge, decode, next_at, used
from horizon.backends.nouns import Limits
from horizon.backends.parking import check_limits
from horizon.backends.redis.header import rows_of
from horizon.backends.redis.store import Store
from horizon.core.clock import Micros
from horizon.core.limit import Limit, LimitRecord

COUNTED_AT_ONCE = 1_000
"""Limits that one act counts anew."""


class RedisLimits(Limits):
    """See `Limits`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def define(self, limits: Sequence[Limit]) -> None:
        """See `Limits.define`. Raises InvalidOption."""
        check_limits(limits)
        if limits:
            self._store.run("limits_define", rows_of(limits), safe=True)

    def get(self, key: str) -> LimitRecord | None:
        """See `Limits.get`."""
        return next(iter(self._read([key])), None)

    def list(self, limit: int = 100) -> Sequence[LimitRecord]:
        """See `Limits.list`."""
        return self._read(limit) if limit > 0 else []

    def _read(self, ask: object) -> Sequence[LimitRecord]:
        now, found = self._store.run("limits_read", ask, safe=True)
        return [_record(key.decode(), _text(flat), now) for key, flat in zip(found[::2], found[1::2], strict=True)]


def _text(flat: Sequence[bytes]) -> dict[str, str]:
    return {field.decode(): value.decode() for field, value in zip(flat[::2], flat[1::2], strict=True)}


def _record(key: str, fields: Mapping[str, str], now: Micros) -> LimitRecord:
    limit = Limit(key=key, most=int(fields["most"]), per=int(fields["per"]), strategy=fields["how"])
    gauge = Gauge(limit=limit, marks=decode(fields["g"]), running=int(fields["r"]))
    opens_at = next_at(gauge, now)
    return LimitRecord(
        key=key,
        most=limit.most,
        per=limit.per,
        strategy=limit.strategy,
        used=used(gauge, now),
        running=gauge.running,
        waiting=sum(int(many) for field, many in fields.items() if field[0] == "w"),
        opens_at=None if opens_at == now else opens_at,
    )


def recounted(store: Store) -> Iterator[tuple[str, tuple[int, int]]]:
    """Limits of which it was wrong how many jobs hold them or wait for them: what was kept, and the truth, which is kept from now on."""
    skip: Any = 0
    while skip is not None:
        wrong, skip = store.run("limits_recount", {"skip": skip, "limits": COUNTED_AT_ONCE}, safe=True)
        for key, figure, kept, counted in zip(*(wrong[at::4] for at in range(4)), strict=True):
            yield f"limit:{key.decode()}/{figure.decode()}", (kept, counted)
