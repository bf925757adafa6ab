"""What somebody sees of arguments, results and log lines: everything but secrets, or their keys and types alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from horizon.security.permissions import Ability, Actor
from horizon.security.redaction import mask, mask_text, mask_written

TEXT, NUMBER, YES_OR_NO = "‹text›", "‹number›", "‹true or false›"
HIDDEN = "‹hidden›"
"""What stands in place of a log line."""


def may_see_payloads(actor: Actor) -> bool:
    """Whether this actor sees arguments, results and what jobs log; anybody else is shown keys and types."""
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
        if not self.full:
            return outline(value)
        return mask_written(value, self.secret) if isinstance(value, str) else mask(value, self.secret)

    def text(self, text: str) -> str:
        """A log line, or what a job says of its progress."""
        return mask_text(text) if self.full else HIDDEN


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
