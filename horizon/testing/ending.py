"""How a tested job ended, compared with how it should have, and told in words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Self

from horizon.core.clock import SECOND
from horizon.core.outcome import Kind, Outcome
from horizon.jobs import options
from horizon.jobs.failure import type_name
from horizon.jobs.shape import Shape


class Ending:
    """Mixed into `JobTester`, which runs the job."""

    job: Shape | None = None
    """The job that ran: made anew from the stored arguments. None where it could not be made."""
    exception: BaseException | None = None
    """What it raised, or gave to `self.fail`."""
    _given: Shape
    _outcome: Outcome | None = None
    _attempt = 1
    _tries: int | None = None

    @property
    def outcome(self) -> Outcome:
        """See `JobTester.outcome`."""
        raise NotImplementedError

    def __str__(self) -> str:
        return f"{type(self._given).__name__} {self._came()}"

    def _ended(self, kind: Kind, wanted: str) -> Self:
        if self.outcome.kind is not kind:
            raise AssertionError(f"expected {type(self._given).__name__} {wanted}; it {self._came()}{self._hint(kind)}")
        return self

    def _comes_again(self, kind: Kind, wanted: str, delay: float | timedelta | None) -> Self:
        self._ended(kind, wanted)
        if delay is not None:
            expected = options.seconds(delay, "delay")
            if abs(expected - self.outcome.delay) > 1000:
                raise AssertionError(f"expected it {wanted} for {expected / SECOND:g} s; it {self._came()}")
        return self

    def _raised(self, exception: type[BaseException] | None, match: str | None = None) -> Self:
        got, told = self.exception, self.outcome.error
        if (
            exception is not None
            and not isinstance(got, exception)
            and (got is not None or told is None or told.type != type_name(exception))
        ):
            raise AssertionError(f"expected {type_name(exception)}; it {self._came()}{self._trace()}")
        if match is not None and not re.search(match, "" if told is None else told.message):
            raise AssertionError(f"expected an exception whose text matches {match!r}; it {self._came()}{self._trace()}")
        return self

    def _came(self) -> str:
        """What it did, in words."""
        outcome, words = self.outcome, self._error()
        again = f"comes again after {outcome.delay / SECOND:g} s" if outcome.delay else "comes again at once"
        match outcome.kind:
            case Kind.COMPLETED:
                return f"completed with {_short(self._result())}"
            case Kind.RETRY:
                return f"raised {words} on try {self._attempt} of {self._tries or 'any number'} and {again}"
            case Kind.FAILED:
                return f"failed for good with {words}" + (f" ({outcome.reason})" if outcome.reason else "")
            case Kind.RELEASED:
                return f"released itself and {again}"
            case Kind.RETURNED:
                return f"was sent back unrun ({outcome.reason}) and {again}"
        return f"was cancelled ({outcome.reason})"

    def _result(self) -> Any:
        return getattr(self, "result", None)

    def _error(self) -> str:
        error = self.outcome.error
        return "no exception" if error is None else f"{error.type}: {error.message}" if error.message else error.type

    def _hint(self, kind: Kind) -> str:
        if (kind, self.outcome.kind) == (Kind.FAILED, Kind.RETRY):
            last = f", or run its last try: .run(attempt={self._tries})" if self._tries else ""
            return f"; see assert_retried(){last}"
        return self._trace()

    def _trace(self) -> str:
        error = self.outcome.error
        return f"\n\n{error.traceback}" if error is not None and error.traceback else ""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
