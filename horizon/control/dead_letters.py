"""`DeadLetters`: dead letters for programs. Whatever it changes leaves an audit entry, under the name `code`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from horizon.backends.values import Acted, Operation
from horizon.control import pacing
from horizon.control.dead import DeadControl
from horizon.control.service import CODE
from horizon.core import current
from horizon.core.query import DEFAULT_LIMIT
from horizon.core.record import Record
from horizon.jobs.ambient import RuntimeLike


class DeadLetters:
    """Of the app that is meant. Nothing needs to be created: `DeadLetters.count()`."""

    @staticmethod
    def count(*, connection: str | None = None) -> Mapping[str, int]:
        """How many there are, by queue; queues without any are left out. Raises NoApp, NotFound (of a connection)."""
        found: dict[str, int] = {}
        for one in DeadControl(_runtime()).queues(connection):
            found[one.queue] = found.get(one.queue, 0) + one.count
        return found

    @staticmethod
    def list(queue: str, *, limit: int = DEFAULT_LIMIT, connection: str | None = None) -> Sequence[Record]:
        """Those of a queue, the latest first, without payload and history; at most 200. Raises InvalidOption, InvalidFilter."""
        return DeadControl(_runtime()).find(queue, limit=limit, connection=connection).items

    @staticmethod
    def requeue(
        queue: str,
        *,
        pace: str | float | None = None,
        canary: int | None = None,
        stop_when_failing: str | float | None = None,
        connection: str | None = None,
    ) -> Acted | Operation:
        """Run those of a queue again, each on its own queue, in a new round. `pace` such as "50/s" lets them go on slowly; `canary`
        tries so many first, and `stop_when_failing` such as "20%" stops when more of them fail again.

        More than 500, or any with such care, go on in the background: the answer is the operation then. Raises InvalidOption, NotFound.
        """
        taken = pacing.care(pace, canary, stop_when_failing)
        return DeadControl(_runtime()).requeue(CODE, queue, connection=connection, pace=taken)

    @staticmethod
    def purge(queue: str, *, connection: str | None = None) -> Acted | Operation:
        """Remove those of a queue; they can be restored for a while. Raises InvalidOption."""
        return DeadControl(_runtime()).purge(CODE, queue, connection=connection)


def _runtime() -> RuntimeLike:
    """The runtime that is meant here. Raises NoApp."""
    return cast(RuntimeLike, current.get())
