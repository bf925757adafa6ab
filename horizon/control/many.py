"""An act on several queues, schedules or workers: each for itself, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from horizon.core.errors import BackendUnavailable, HorizonError, InvalidInput, PermissionDenied

MOST = 500
"""Of one act."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What became of each, by name."""

    done: Sequence[str] = ()
    left: Mapping[str, str] = field(default_factory=dict)
    """Why each of the others was left as it was."""

    @property
    def why(self) -> str:
        """The reasons, each once."""
        return "; ".join(dict.fromkeys(self.left.values()))


class LeftAlone(HorizonError):
    """There is nothing to do for this one; says why."""


def each(names: Sequence[str], act: Callable[[str], object]) -> Done:
    """Do it to each. Raises InvalidInput for too many, and what a store that does not answer and a missing right raise."""
    if len(names) > MOST:
        raise InvalidInput(f"one act takes at most {MOST}, got {len(names):,}; narrow the list first")
    done, left = [], dict[str, str]()
    for name in names:
        try:
            act(name)
        except (BackendUnavailable, PermissionDenied):
            raise
        except HorizonError as error:
            left[name] = str(error)[:200]
        else:
            done.append(name)
    return Done(done=done, left=left)
