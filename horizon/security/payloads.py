"""What somebody sees of what passes through a job: everything but secrets, or of data its keys and types alone.

Arguments and results are data. What an exception says, its traceback, log lines and the note beside a job's progress are
words of the job, which may quote any of it: whoever may not see the data sees none of them, only the exception's type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from horizon.core.outcome import Failure
from horizon.core.record import Attempt, Record
from horizon.security.permissions import Ability, Actor
from horizon.security.redaction import mask, mask_trace, mask_written
from horizon.security.sealed import is_sealed

TEXT, NUMBER, YES_OR_NO = "‹text›", "‹number›", "‹true or false›"
ENCRYPTED = "‹encrypted›"
"""What stands in place of anything that is encrypted, whoever looks: seeing it is an act of its own."""
HIDDEN = "‹hidden›"
"""What stands in place of words of a job."""


def may_see_payloads(actor: Actor) -> bool:
    """Whether this actor sees arguments, results and what jobs say; anybody else is shown keys and types."""
    return actor.can(Ability.PAYLOADS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """How much of one job's data is shown to somebody."""

    full: bool = True
    """False: keys and types only."""
    secret: tuple[str, ...] = ()
    """Names whose values are masked even so, beside those that look like secrets: of the settings and of the class."""

    def data(self, value: object) -> object:
        """Arguments or a result, as read from JSON. A result that could not be kept as data, or not whole, comes as text."""
        if isinstance(value, str) and is_sealed(value):
            return ENCRYPTED
        if not self.full:
            return outline(value)
        return mask_written(value, self.secret) if isinstance(value, str) else mask(value, self.secret)

    def text(self, text: str) -> str:
        """A log line, what a job says of its progress, or of its failure."""
        if is_sealed(text):
            return ENCRYPTED
        return mask_written(text, self.secret) if self.full else HIDDEN

    def failure(self, failure: Failure) -> Failure:
        """An exception: its type and fingerprint always, what it says and where to whom may see data."""
        told = self.full and not is_sealed(failure.traceback)
        trace = mask_trace(failure.traceback, self.secret) if told else ""
        return replace(failure, message=self.text(failure.message) if failure.message else "", traceback=trace)

    def record(self, record: Record) -> Record:
        """A job with the words of its attempts as far as they are to be seen. Data and log lines stay as stored."""
        if record.error is None and record.progress_note is None and not record.history:
            return record
        return replace(
            record,
            error=record.error and self.failure(record.error),
            progress_note=record.progress_note and self.text(record.progress_note),
            history=tuple(self.attempt(one) for one in record.history),
        )

    def attempt(self, one: Attempt) -> Attempt:
        """One run with its exception. Its log lines stay: there may be thousands, of which a page shows a few."""
        return one if one.error is None else replace(one, error=self.failure(one.error))


def outline(value: object) -> object:
    """The same shape with the same keys, the kind of each value standing in its place."""
    if isinstance(value, Mapping):
        return {key: outline(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [outline(inner) for inner in value]
    if value is None:
        return None
    if isinstance(value, bool):
        return YES_OR_NO
    return NUMBER if isinstance(value, (int, float)) else TEXT
