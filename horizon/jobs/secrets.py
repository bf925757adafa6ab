"""Secrets among a job's arguments, kept out of what the job says: exceptions, log lines, the note beside its progress.

They are taken out before anything is stored, by their values: whatever stands behind the name of a secret is looked for in
the text. A value that was changed on the way (cut, hashed, encoded otherwise) or is shorter than four characters passes.
"""

from __future__ import annotations

from collections.abc import Sequence

from horizon.core.outcome import LogLine
from horizon.jobs import stored
from horizon.security.redaction import secrets_in, without


class Secrets:
    """Of one attempt. Made for each, so nothing is looked at before there is something to say."""

    __slots__ = ("_found", "_names", "_payload")

    def __init__(self, payload: bytes, names: Sequence[str]) -> None:
        """`names`: what settings and the class add to the names of secrets."""
        self._payload, self._names = payload, names
        self._found: tuple[str, ...] | None = None

    def hide(self, text: str) -> str:
        """The text without them."""
        if self._found is None:
            self._found = secrets_in(stored.arguments(self._payload), self._names)
        return without(text, self._found) if self._found else text

    def hide_lines(self, lines: tuple[LogLine, ...]) -> tuple[LogLine, ...]:
        """Log lines without them."""
        return tuple(line._replace(message=self.hide(line.message)) for line in lines)
