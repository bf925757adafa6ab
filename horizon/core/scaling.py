"""How many processes somebody wants of a worker for now, as the command says that its guardian is handed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from horizon.core.clock import Micros

VERB = "scale:"
BACK = f"{VERB}auto"
"""As many again as it was started with."""
LONGEST_NAME = 60
_WORD = re.compile(rf"{VERB}(\d{{1,4}}):(\d{{0,18}}):(.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """So many processes, until then or until somebody takes it back."""

    to: int
    by: str
    until: Micros | None = None

    @property
    def word(self) -> str:
        """As a command."""
        return f"{VERB}{self.to}:{'' if self.until is None else self.until}:{self.by[:LONGEST_NAME]}"

    @property
    def told(self) -> Mapping[str, object]:
        """As the worker's report says it."""
        return {"to": self.to, "by": self.by, "until": self.until}

    def holds(self, now: Micros) -> bool:
        """Whether its time is not over."""
        return self.until is None or now < self.until


def heard(word: str) -> Scale | None:
    """What a command means; None: as it was started."""
    found = _WORD.fullmatch(word)
    return None if found is None else Scale(to=int(found[1]), by=found[3], until=int(found[2]) if found[2] else None)


def reported(said: object) -> Scale | None:
    """What a worker's report tells, which another version may have written; None: nothing."""
    if not isinstance(said, Mapping):
        return None
    to, by, until = said.get("to"), said.get("by"), said.get("until")
    if not isinstance(to, int) or isinstance(to, bool):
        return None
    return Scale(to=to, by=by if isinstance(by, str) else "", until=until if isinstance(until, int) else None)
