"""`work_all`: runs what is dispatched, here and now, until nothing is left that could start.

The jobs go the way they go in a worker: reserved from the app's stores, run through their middleware, settled, and what they
open or dispatch is run in its turn. What a worker has beside that is missing: a process of their own, so no timeout holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import cast

from horizon.backends.base import Backend
from horizon.backends.values import Reservation, SessionInfo, Want
from horizon.core import current
from horizon.core.clock import HOUR
from horizon.core.errors import HorizonError
from horizon.core.ids import uuid7
from horizon.core.outcome import Outcome
from horizon.jobs import options, unsealing
from horizon.jobs.attempt import AttemptDefaults, Attempts
from horizon.runtime import Runtime
from horizon.testing.logs import captured
from horizon.testing.ran import Ran, Worked

MOST = 1_000_000


def work_all(*queues: str, connection: str | None = None, limit: int = 1000) -> Worked:
    """Run every job that can start, of these queues (none named: of all) and of this connection (None: of all).

    Answers what ran, attempt by attempt. Jobs whose time has not come stay where they are: see `travel`. Raises HorizonError
    after `limit` attempts, for a job that comes again at once would go on for ever; NoApp.
    """
    options.whole(limit, "limit", 1, MOST)
    runtime = cast(Runtime, current.get())
    names = runtime.connections() if connection is None else (connection,)
    ran: list[Ran] = []
    with current.use(runtime), captured(runtime.settings.LOG_LEVEL):
        hands = [_Hands(runtime, name, tuple(map(options.queue, queues))) for name in names]
        try:
            while sum(_drain(one, ran, limit) for one in hands):
                pass
        finally:
            for one in hands:
                one.close()
    return Worked(ran)


def _drain(hands: _Hands, ran: list[Ran], limit: int) -> int:
    """Run what one store has; how many attempts that were."""
    before = len(ran)
    for one in hands.run():
        ran.append(one)
        if len(ran) >= limit and hands.backend.remaining(hands.queues):
            raise HorizonError(
                f"{limit} attempts have run, and there is still something to do; the last one was {ran[-1]}. Does a job come again at "
                "once, for ever? Where there really is that much, say work_all(limit=...)"
            )
    return len(ran) - before


class _Hands:
    """A worker with one slot, for one store."""

    def __init__(self, runtime: Runtime, connection: str, queues: tuple[str, ...]) -> None:
        defaults = AttemptDefaults.of(runtime.settings, connection=_said(runtime, connection))
        self.backend: Backend = runtime.backend(connection)
        self.queues = queues
        self._keyring = runtime.keyring
        self._attempts = Attempts(runtime, worker="work_all", defaults=defaults, connection=connection)
        self._want = Want(
            session=f"work_all-{uuid7()}", executor=1, count=1, queues=queues,
            default_max_tries=defaults.max_tries, default_timeout=defaults.timeout,
        )  # fmt: skip
        info = SessionInfo(id=self._want.session, kind="worker", host="work_all", pid=os.getpid(), queues=queues)
        self.backend.sessions.open(info, HOUR)

    def run(self) -> Iterator[Ran]:
        """One attempt after the other, each settled before the next is reserved."""
        while (reservation := self._next()) is not None:
            outcome: Outcome | None = None
            try:
                outcome = self._attempts.prepare(reservation).run()
            finally:
                if outcome is not None:  # a test that is interrupted leaves its job to `close`
                    self.backend.turn([outcome])
            yield Ran.of(reservation, unsealing.outcome(outcome, self._keyring))

    def _next(self) -> Reservation | None:
        found = self.backend.turn([], self._want).reservations
        if not found:
            while self.backend.tick().more:
                pass
            found = self.backend.turn([], self._want).reservations
        return found[0] if found else None

    def close(self) -> None:
        """Leave the store; what was interrupted goes back."""
        self.backend.sessions.close(self._want.session)


def _said(runtime: Runtime, connection: str) -> dict[str, object]:
    """What the connection says of its jobs."""
    return {key: value for key, value in runtime.options_of(connection).items() if key in ("max_tries", "timeout", "backoff")}
