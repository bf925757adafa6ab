"""What lies in a Redis about limits, held against the records themselves."""

from __future__ import annotations

import json
import struct
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from horizon.backends.metering import Gauge, decode, room
from horizon.backends.redis.backend import RedisBackend
from horizon.backends.redis.packed import Fields, fields_of
from horizon.core.limit import Limit

PENDING, PROCESSING, SCHEDULED = 1, 2, 3


def standing(n: int, f: Fields) -> bytes:
    """As lots.lua writes it."""
    text = str(n).encode()
    return struct.pack(">Hd", 32768 - f["r"], int(f["p"])) + bytes([64 + len(text)]) + text


class Inside:
    """Everything that one store keeps of limited jobs, read at once."""

    def __init__(self, store: RedisBackend) -> None:
        self._link, self._prefix = store._link, store._link.key("").encode()
        keys = [key.removeprefix(self._prefix) for key in self.call("KEYS", "*")]
        self.jobs = {
            int(n): fields_of(text)
            for key in keys
            if key[:2] == b"j:"
            for n, text in _pairs(self.call("HGETALL", key))
            if "lk" in fields_of(text)
        }
        self.gauges = {key[3:].decode(): self._gauge(key) for key in keys if key[:3] == b"lm:"}
        self.seats = {key[3:].decode(): self.call("ZRANGE", key, 0, -1) for key in keys if key[:3] == b"ls:"}
        self.lots = {key[3:].decode(): self.call("ZRANGE", key, 0, -1) for key in keys if key[:3] == b"lp:"}
        self.lines = {key[3:].decode(): self.call("ZRANGE", key, 0, -1) for key in keys if key[:3] == b"lq:"}
        self.hooks = {key[3:].decode(): self.call("HGET", key, "x").decode() for key in keys if key[:3] == b"lo:"}
        self.due = {member[1:].decode() for member in self.call("ZRANGE", "due", 0, -1) if member[:1] == b"!"}
        self.now = store.now()

    def call(self, command: str, key: object, *args: str | int) -> Any:
        """One command on a key of this store."""
        name = key if isinstance(key, bytes) else str(key).encode()
        return self._link.call(command, self._prefix + name, *args)

    def _gauge(self, key: bytes) -> tuple[Gauge, dict[str, int]]:
        f = {field.decode(): value.decode() for field, value in _pairs(self.call("HGETALL", key))}
        limit = Limit(key=key[3:].decode(), most=int(f["most"]), per=int(f["per"]), strategy=f["how"])
        waits = {field[1:]: int(many) for field, many in f.items() if field[0] == "w"}
        return Gauge(limit=limit, marks=decode(f["g"]), running=int(f["r"])), waits

    def check(self) -> None:
        """Every index says what the records say."""
        seats, lots, running = defaultdict(list), defaultdict(list), Counter[str]()
        for n, f in self.jobs.items():
            if f["s"] == PENDING:
                for key in f["lk"]:
                    seats[f"{f['q']}:{key}"].append(standing(n, f))
            elif "lw" in f:
                assert f["s"] == SCHEDULED
                lots[f"{f['q']}:{_list(f['lk'])}"].append(standing(n, f))
            elif f["s"] == PROCESSING:
                running.update(f["lk"])
        assert self.seats == {where: sorted(members) for where, members in seats.items()}
        assert self.lots == {where: sorted(members) for where, members in lots.items()}
        assert {key: gauge.running for key, (gauge, _) in self.gauges.items() if gauge.running} == dict(running)
        self._check_lines()

    def _check_lines(self) -> None:
        assert set(self.hooks) == set(self.lots)
        lines, waits = defaultdict(list), defaultdict[str, Counter[str]](Counter)
        for lot, members in self.lots.items():
            queue = lot.partition(":")[0]
            lines[f"{queue}:{self.hooks[lot]}"].append(members[0] + lot.encode())
            waits[self.hooks[lot]][queue] += len(members)
        assert self.lines == {where: sorted(members) for where, members in lines.items()}
        assert {key: found for key, (_, found) in self.gauges.items() if found} == {key: dict(found) for key, found in waits.items()}
        assert {line for line in self.due if not line.endswith(":")} <= set(self.lines)

    def check_at_rest(self, paused: Sequence[str] = ()) -> None:
        """Nobody is parked who could be a stand-in."""
        for line, members in self.lines.items():
            queue, _, key = line.partition(":")
            gauge = self.gauges[key][0]
            free = room(gauge, self.now)
            assert queue in paused or len(self.seats.get(line, ())) >= free, (line, free, members)
            assert queue in paused or free or gauge.limit.strategy == "concurrent" or line in self.due, line


def _pairs(flat: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _list(keys: Sequence[str]) -> str:
    return json.dumps(keys, separators=(",", ":"), ensure_ascii=False)
