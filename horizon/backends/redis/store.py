"""What every act of this wing needs around it: the way to the store, its options, its clock, the names behind codes."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from horizon.backends.redis.link import Begun, Link
from horizon.backends.redis.wire import Part
from horizon.backends.values import Retention, StoreOptions
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.envelope import FOLLOW_UP
from horizon.core.settings import BY_NAME

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(value: object) -> str:
    """As the scripts read it: compact, and `false` where there is nothing."""
    return _ENCODER.encode(value)


def audit_of(entry: AuditEntry | None) -> Mapping[str, object] | bool:
    """An audit entry for a script; the store fills in time, number and count."""
    if entry is None:
        return False
    text = encode([entry.actor, entry.verb, entry.target, entry.detail, entry.origin, *entry.changes])
    return {"actor": entry.actor, "verb": entry.verb, "count": entry.count, "text": text}


class Names:
    """The names of queues or of classes, by the small numbers that stand for them; they are only ever added to."""

    def __init__(self, link: Link, key: str) -> None:
        self._link, self._key = link, key
        self._known: list[str] = []
        self._openings = 0
        self._lock = threading.Lock()

    def of(self, code: int) -> str:
        """The name behind a code."""
        known = self._known  # one list: another thread may be learning them anew
        if code > len(known) or self._openings != self._link.openings:
            known = self._learnt()
        return known[code - 1]

    def all(self) -> Sequence[str]:
        """Every name, in the order of their codes."""
        return self._learnt()

    def _learnt(self) -> list[str]:
        """All of them, with those that came since."""
        with self._lock:
            known, openings = self._known, self._link.openings
            if self._openings != openings:  # it may have been restarted, and have forgotten everything
                known = []
            more = self._link.call("LRANGE", self._link.key(self._key), len(known), -1)
            self._known, self._openings = [*known, *(name.decode() for name in more)], openings
            return self._known

    def forget(self) -> None:
        """Learn anew: the store may not be the one that it was."""
        with self._lock:
            self._openings = -1


class Store:
    """Handed to every act and noun; opens nothing by itself."""

    def __init__(self, link: Link, options: StoreOptions) -> None:
        self.link, self.options = link, options
        self.retention = options.retention or Retention.default()
        self.log_lines = int(str(options.extra.get("log_lines", BY_NAME["HORIZON_LOG_LINES"].default)))
        self.queues = Names(link, "ql")
        self.classes = Names(link, "cl")
        self.limits = [options.lease, options.max_crashes, self.log_lines, FOLLOW_UP]
        self.seen_version = 0
        self.last_chores: Micros | None = None
        self.rounds = 0
        self.sums_due: Micros = 0
        """When this process looks next whether sums of ten minutes are to be written."""
        self.info: tuple[float, Mapping[str, str]] | None = None
        self.unheard: dict[tuple[str, int], str] = {}
        """Per session and executor, the word of a turn whose answer was lost: what it handed out is asked for again."""

    def time(self) -> str:
        """What a script is told about the time: nothing, but for a test's clock."""
        return "" if self.options.clock is None else str(self.options.clock())

    def now(self) -> Micros:
        """The store's clock."""
        if self.options.clock is not None:
            return self.options.clock()
        seconds, micros = self.link.call("TIME")
        return int(seconds) * 1_000_000 + int(micros)

    def forget(self) -> None:
        """Somebody emptied the store, or it is another one."""
        self.sums_due = 0
        self.queues.forget()
        self.classes.forget()

    def begin(self, name: str, what: object, *bytes_: Part) -> Begun:
        """Send a script with this argument; its answer is read later."""
        return self.link.begin(name, (self.time(), encode(what), *bytes_))

    def run(self, name: str, what: object, *bytes_: Part, safe: bool = False) -> Any:
        """Run a script with this argument."""
        return self.link.run(name, (self.time(), encode(what), *bytes_), safe=safe)
