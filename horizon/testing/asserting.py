"""What a QueueFake can be asked to assert. A failure says what was pushed instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from horizon.core.clock import SECOND
from horizon.jobs import options
from horizon.jobs.registry import REGISTRY
from horizon.jobs.shape import Shape
from horizon.testing.dispatched import Dispatched, told
from horizon.testing.naming import class_of, label

Predicate = Callable[[Any], object]


class Asserting:
    """Mixed into `QueueFake`, which keeps what was caught."""

    _dispatched: list[Dispatched]

    def pushed(self, job: Any = None, matching: Predicate | None = None) -> Sequence[Dispatched]:
        """What was pushed: of one class (its subclasses included), and as far as `matching(job)` is true."""
        cls = Shape if job is None else class_of(job, REGISTRY)
        found = [one for one in self._dispatched if isinstance(one.job, cls)]
        return found if matching is None else [one for one in found if matching(one.job)]

    def assert_pushed(self, job: Any, matching: Predicate | None = None, *, times: int | None = None) -> None:
        """A job of this class was pushed (exactly `times` times, where that is said) for which `matching(job)` is true."""
        found = self.pushed(job, matching)
        if times is None:
            self._check(bool(found), job, f"{self._such(job, matching)} to be pushed, and none was")
        else:
            wanted = f"{self._such(job, matching)} to be pushed {_times(times)}"
            self._check(len(found) == times, job, f"{wanted}, and it was {_times(len(found))}")

    def assert_pushed_times(self, job: Any, times: int) -> None:
        """Exactly so many jobs of this class were pushed."""
        self.assert_pushed(job, times=times)

    def assert_pushed_on(self, queue: str, job: Any, matching: Predicate | None = None) -> None:
        """A job of this class was pushed to this queue."""
        self._one(job, matching, f"to be pushed on {queue!r}", lambda one: one.queue == queue, lambda one: f"on {one.queue!r}")

    def assert_pushed_on_connection(self, connection: str, job: Any, matching: Predicate | None = None) -> None:
        """A job of this class was pushed to the store of this connection."""
        wanted = f"to be pushed to the connection {connection!r}"
        self._one(job, matching, wanted, lambda one: one.connection == connection, lambda one: f"to {one.connection!r}")

    def assert_pushed_with_delay(self, job: Any, delay: float | timedelta | None = None, matching: Predicate | None = None) -> None:
        """A job of this class was pushed to start later: after `delay` (to the second), or, left out, after any at all."""
        seconds = None if delay is None else options.seconds(delay, "assert_pushed_with_delay") / SECOND
        wanted = "to be pushed with a delay" + ("" if seconds is None else f" of {seconds:g} s")

        def late(one: Dispatched) -> bool:
            return one.delay > 0 if seconds is None else abs(one.delay - seconds) < 1

        self._one(job, matching, wanted, late, lambda one: f"with {one.delay:g} s" if one.delay else "without one")

    def assert_pushed_without_delay(self, job: Any, matching: Predicate | None = None) -> None:
        """A job of this class was pushed to start at once."""
        self._one(
            job, matching, "to be pushed without a delay", lambda one: not one.delay, lambda one: f"with one of {one.delay:g} s"
        )  # fmt: skip

    def assert_pushed_with_priority(self, job: Any, priority: int, matching: Predicate | None = None) -> None:
        """A job of this class was pushed with this priority."""
        wanted = f"to be pushed with priority {int(priority)}"
        self._one(job, matching, wanted, lambda one: one.priority == priority, lambda one: f"with {one.priority}")

    def assert_pushed_with_tags(self, job: Any, *tags: str) -> None:
        """A job of this class was pushed that has all these tags."""
        wanted = f"to be pushed with the tags {', '.join(tags)}"
        self._one(job, None, wanted, lambda one: set(tags) <= set(one.tags), lambda one: f"with {', '.join(one.tags) or 'none'}")

    def assert_not_pushed(self, job: Any, matching: Predicate | None = None) -> None:
        """No job of this class, for which `matching(job)` is true, was pushed."""
        found = self.pushed(job, matching)
        self._check(not found, job, f"no {self._such(job, matching)} to be pushed, and {_count(len(found))}")

    def assert_nothing_pushed(self) -> None:
        """No job at all was pushed."""
        if self._dispatched:
            raise AssertionError(f"expected nothing to be pushed; {told(self._dispatched)}")

    # how it is said -----------------------------------------------------------------------------------

    def _one(
        self,
        job: Any,
        matching: Predicate | None,
        wanted: str,
        right: Callable[[Dispatched], bool],
        instead: Callable[[Dispatched], str],
    ) -> None:
        """Some job of this class is right; where none is, say how those are that there are."""
        found = self.pushed(job, matching)
        if any(right(one) for one in found):
            return
        came = "and none was pushed at all" if not found else f"and it was {', '.join(dict.fromkeys(map(instead, found)))}"
        self._check(False, job, f"{self._such(job, matching)} {wanted}, {came}")

    def _such(self, job: Any, matching: Predicate | None) -> str:
        return label(class_of(job, REGISTRY)) + (" that matches" if matching is not None else "")

    def _check(self, fine: bool, job: Any, expected: str) -> None:
        if not fine:
            raise AssertionError(f"expected {expected}; {told(self._dispatched)}")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _count(count: int) -> str:
    return "one was" if count == 1 else f"{count} were"
