"""Answers that are dear to work out, shared for a while by whoever asks the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

from horizon.core.clock import cpu, monotonic

T = TypeVar("T")
CHEAP = 0.020
"""Seconds of processor time up to which an answer is worked out anew each time."""
TIMES = 20
"""A dear one is shared for so many times what it cost beyond that: asked however often, it takes a twentieth of a processor."""
LONGEST = 30.0
"""Seconds that an answer is shared at the most."""
MOST = 64
"""Answers that are kept."""


@dataclass(slots=True)
class _Entry:
    lock: Lock = field(default_factory=Lock)
    answer: Any = None
    at: float = float("-inf")
    shared: float = 0.0


class Dear:
    """Answers by what was asked. Thread-safe; who asks while one is worked out waits for that one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def get(self, asked: Hashable, make: Callable[[], T]) -> T:
        """What `make` returns, or returned a moment ago. What it raises passes, and is not kept."""
        since, entry = monotonic(), self._entry(asked)
        with entry.lock:
            # one that was begun after the question is good, and so is one that is young for its price
            if entry.at < since and since - entry.at >= entry.shared:
                at, began = monotonic(), cpu()
                entry.answer = make()
                entry.at, entry.shared = at, shared_for(cpu() - began)
            answer: T = entry.answer
            return answer

    def _entry(self, asked: Hashable) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(asked, _Entry())
            self._entries.move_to_end(asked)
            while len(self._entries) > MOST:
                self._entries.popitem(last=False)
            return entry


def shared_for(cost: float) -> float:
    """Seconds that an answer is good for which took so many seconds of processor time."""
    return max(0.0, min(LONGEST, TIMES * (cost - CHEAP)))
