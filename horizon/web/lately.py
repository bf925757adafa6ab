"""What a store tells of failures, as of a moment ago: pages ask every two seconds, and to count thousands of them takes a while."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from horizon.backends.base import Backend
from horizon.backends.spread import Spread, Tally
from horizon.backends.values import Cause
from horizon.core.clock import SECOND, Micros

T = TypeVar("T")
KEPT: Micros = 5 * SECOND
"""How long an answer is good for, though nothing says that it has changed."""
MOST = 50
"""Answers kept of one store."""
_kept: WeakKeyDictionary[Backend, dict[Hashable, tuple[Micros, object, Any]]] = WeakKeyDictionary()


class Lately:
    """Failures of one store within one span; see `gathering.Failures`. Viewers share the answers."""

    def __init__(self, store: Backend, shown: Backend, within: str, now: Micros, failed: object) -> None:
        """`store` is asked, `shown` is whom it stands for; `within` names the span. `failed`: how many jobs stand failed, and where:
        while that is as it was, so are their causes, but for those of which as many went as came."""
        self._store, self._within, self._now, self._failed = store, within, now, failed
        self._answers = _kept.setdefault(shown, {})

    def causes(self, since: Micros, limit: int) -> Sequence[Cause]:
        """See `Backend.causes`."""
        return self._known(("causes", limit), self._failed, lambda: self._store.causes(since, limit))

    def tally(self, causes: Sequence[str]) -> Mapping[str, Tally]:
        """See `Backend.tally`."""
        return self._known(("tally", *causes), self._failed, lambda: self._store.tally(causes))

    def spread(self, since: Micros, until: Micros, spans: int) -> Mapping[str, Spread]:
        """See `Backend.spread`; one more failure hardly changes a trend."""
        return self._known(("spread", spans), None, lambda: self._store.spread(since, until, spans))

    def _known(self, asked: tuple[object, ...], sign: object, ask: Callable[[], T]) -> T:
        key = (self._within, *asked)
        at, before, found = self._answers.get(key, (-KEPT, None, None))
        if before == sign and 0 <= self._now - at < KEPT:
            return cast(T, found)
        if len(self._answers) >= MOST:
            self._answers.clear()
        answer = ask()
        self._answers[key] = (self._now, sign, answer)
        return answer
