"""A backoff that depends on what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from random import random

from horizon.core import backoff as backoffs
from horizon.core.backoff import Backoff
from horizon.core.errors import InvalidOption


class ByException:
    """`backoff = ByException({ConnectionError: 60, LookupError: [1, 5]}, otherwise=Exponential())`, on a job's class.

    The first class that the exception is of wins. Being a callable, it is asked in the worker; a run that is killed for its timeout
    waits as the worker's own default says.
    """

    def __init__(self, by: Mapping[type[BaseException], Backoff], otherwise: Backoff = backoffs.DEFAULT) -> None:
        for kind in by:
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                raise InvalidOption(f"ByException takes exception classes with their backoffs; got {kind!r}")
        self.by = {kind: backoffs.check(given) for kind, given in by.items()}
        self.otherwise = backoffs.check(otherwise)

    def __call__(self, attempt: int, exception: BaseException) -> float:
        """Seconds until the next try."""
        found = next((given for kind, given in self.by.items() if isinstance(exception, kind)), self.otherwise)
        return backoffs.delay(found, attempt, random())

    def __repr__(self) -> str:
        told = ", ".join(f"{kind.__name__}: {given!r}" for kind, given in self.by.items())
        return f"ByException({{{told}}}, otherwise={self.otherwise!r})"
