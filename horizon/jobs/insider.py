"""What a running job can do in the groups it belongs to, as a protocol: `groups/inside.py` does it, and the worker brings it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from horizon.core.effect import Effect


class Insider(Protocol):
    """One attempt, in its groups."""

    def batch(self) -> Any | None:
        """The `JobBatch` it belongs to; None where it is in none."""

    def stopped(self) -> bool:
        """Whether its batch has been cancelled; what was seen less than a second ago counts."""

    def append(self, job: Any) -> Any:
        """Make this the last step of its chain."""

    def prepend(self, job: Any) -> Any:
        """Make this the next step of its chain."""

    def previous(self) -> Any:
        """What the step before it returned."""

    def all_previous(self) -> list[Any]:
        """What each of those it waited for returned."""

    def effects(self, names: Sequence[str]) -> Mapping[str, Effect]:
        """Those of these effects that took place, what came of them decrypted."""

    def announce(self, group: str) -> None:
        """Send the signal that a group which this job follows has ended."""

    def followed(self, group: str) -> Any:
        """The group that this job was pushed to follow. Raises InvalidPayload where it was not."""
