"""Leaves out jobs that are not wanted at the time they would run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from horizon.middleware.base import Middleware, Next


class Skip(Middleware):
    """Ends the job as cancelled, unrun, where `condition` (a value, or a callable taking the job) is true."""

    def __init__(self, condition: object | Callable[[Any], object]) -> None:
        self.condition = condition

    @classmethod
    def when(cls, condition: object | Callable[[Any], object]) -> Skip:
        """Skip where it is true."""
        return cls(condition)

    @classmethod
    def unless(cls, condition: object | Callable[[Any], object]) -> Skip:
        """Skip where it is false."""
        return cls(lambda job: not (condition(job) if callable(condition) else condition))

    def handle(self, job: Any, next: Next) -> Any:
        skipped = self.condition(job) if callable(self.condition) else self.condition
        if skipped:
            job.delete()
            return None
        return next(job)
