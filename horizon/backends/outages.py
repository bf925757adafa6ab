"""Which stores do not answer, and since when, as this process sees it.

A store that is down is not asked by every page and every push: each would wait for the same timeout. It is asked again
every `RETRY` seconds by one of them, and the others are told what the last one heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, local
from typing import TypeVar

from horizon.core.clock import Micros, monotonic, now
from horizon.core.errors import BackendUnavailable

RETRY = 2.0
"""Seconds between two questions to a store that does not answer."""
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """One store that does not answer."""

    since: Micros
    error: BackendUnavailable
    earlier: bool = False
    """It has never answered this process: nobody here knows when that began."""


class Asking(local):
    """Which stores this thread is asking, from the outermost question inwards."""

    def __init__(self) -> None:
        self.names: frozenset[str] = frozenset()


class Outages:
    """The stores of one app. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._down: dict[str, Outage] = {}
        self._heard: set[str] = set()
        """Those that have answered once."""
        self._ask_at: dict[str, float] = {}
        self._asking = Asking()
        self.told: dict[tuple[str, str], Micros] = {}
        """(store, its failover) to the outage that was reported."""

    def ask(self, name: str, question: Callable[[], T]) -> T:
        """What a store answers. Raises BackendUnavailable, at once where it did not answer just now.

        A question that is part of another one to the same store is asked with that one.
        """
        outer = self._asking.names
        if name in outer:
            return question()
        self._refuse_soon(name)
        self._asking.names = outer | {name}
        try:
            answer = question()
        except BackendUnavailable as error:
            self.failed(name, error)
            raise
        finally:
            self._asking.names = outer
        self.answered(name)
        return answer

    def failed(self, name: str, error: BackendUnavailable) -> None:
        """It did not answer."""
        with self._lock:
            known = self._down.get(name)
            since = known.since if known else now()
            self._down[name] = Outage(since=since, error=error, earlier=name not in self._heard)
            self._ask_at[name] = monotonic() + RETRY

    def answered(self, name: str) -> None:
        """It does answer."""
        self._heard.add(name)
        if name in self._down:
            with self._lock:
                self._down.pop(name, None)
                self._ask_at.pop(name, None)

    def down(self) -> dict[str, Outage]:
        """Those that did not answer when they were asked last."""
        with self._lock:
            return dict(self._down)

    def _refuse_soon(self, name: str) -> None:
        """Raise the last error again, but for one caller every `RETRY` seconds."""
        if name not in self._down:
            return
        with self._lock:
            outage = self._down.get(name)
            if outage is None:
                return
            if monotonic() < self._ask_at.get(name, 0.0):
                raise outage.error.with_traceback(None)
            self._ask_at[name] = monotonic() + RETRY
