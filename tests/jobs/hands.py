"""A worker in the hand: reserves, runs and settles what a runtime's store holds, in this thread."""

from __future__ import annotations

from dataclasses import replace

from horizon.backends.values import Reservation, SessionInfo, Want
from horizon.core.clock import SECOND
from horizon.core.outcome import Outcome
from horizon.core.settings import Settings
from horizon.jobs.attempt import AttemptDefaults, Attempts
from horizon.jobs.prepared import Prepared
from horizon.runtime import Runtime


class Hands:
    """One executor of one session."""

    def __init__(self, runtime: Runtime, connection: str | None = None) -> None:
        self.runtime = runtime
        self.backend = runtime.backend(connection)
        self.defaults = AttemptDefaults.of(runtime.settings)
        self.attempts = Attempts(runtime, worker="hands", defaults=self.defaults, connection=connection)
        self.backend.sessions.open(SessionInfo(id="hands", kind="worker", host="here", pid=1), 60 * SECOND)
        self.want = Want(
            session="hands", executor=1, count=20, default_max_tries=self.defaults.max_tries, default_timeout=self.defaults.timeout
        )

    def reserve(self) -> list[Reservation]:
        return list(self.backend.turn([], self.want).reservations)

    def prepared(self) -> list[Prepared]:
        return [self.attempts.prepare(reservation) for reservation in self.reserve()]

    def run(self) -> list[Outcome]:
        """Run what is there now, once each; the outcomes, settled."""
        outcomes = [prepared.run() for prepared in self.prepared()]
        self.backend.turn(outcomes)
        return outcomes

    def run_one(self) -> Outcome:
        (outcome,) = self.run()
        return outcome

    def last_try(self, reservation: Reservation) -> Reservation:
        return replace(reservation, attempt=reservation.max_tries or 1)


def runtime(url: str = "memory://", **settings: object) -> Runtime:
    return Runtime(Settings({f"HORIZON_{key}": value for key, value in settings.items()}, environ={}), url=url)
