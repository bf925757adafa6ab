"""The parameters of a list as they were typed, for its links and forms. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

SAFE = "!$'()*,/:;?@"
"""Characters that a query may hold as they are, and is easier to read with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """The filters of a list."""

    given: Mapping[str, str] = field(default_factory=dict)
    """By name, without those that are empty."""

    def __getitem__(self, name: str) -> str:
        return self.given.get(name, "")

    def args(self, **changes: str | None) -> dict[str, str]:
        """Its parameters again, without the cursor, with some changed (None or empty: left out)."""
        return {name: value for name, value in {**self.given, **changes}.items() if value}

    @property
    def spelt(self) -> str:
        """What means all that match, as a form sends it: never empty."""
        return "?" + urlencode(self.args(), safe=SAFE)
