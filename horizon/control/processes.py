"""Commands to workers: each is left in the store and handed out with the worker's next renewal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.base import Backend
from horizon.backends.together.members import Members
from horizon.backends.values import SessionRecord
from horizon.control import differing
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.verbs import moment, unknown
from horizon.core.clock import DAY, Micros
from horizon.core.errors import InvalidOption, NotFound
from horizon.core.scaling import BACK, Scale, reported
from horizon.monitor.asked import target
from horizon.monitor.workers import most
from horizon.security.permissions import Ability, Actor, require

COMMANDS: Mapping[str, str] = {
    "pause": "start no further job; what runs goes on",
    "resume": "start jobs again",
    "restart": "replace each executor as soon as it has finished what it runs; the new ones load the code as it is then",
    "stop": "finish what runs, then end; whatever keeps the worker alive may start it again",
}
"""What a worker can be asked, and what it then does."""
SCALE = "scale"
"""A command of its own: it says how many processes."""
ABILITY = Ability.ADMIN
LONGEST: Micros = 30 * DAY


class ProcessControl:
    """The verbs on workers of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def command(self, actor: Actor, verb: str, *, session: str | None = None, connection: str | None = None) -> int:
        """Ask one worker, or every living one, to do something; returns how many were asked.

        Without a connection every one is meant. Raises UnknownAction, PermissionDenied, NotFound where the worker named
        is not alive.
        """
        if verb not in COMMANDS:
            raise unknown(verb, list(COMMANDS))
        require(actor, ABILITY)
        audit = entry(actor, verb, target(session))
        names = self.stores.connections() if connection is None else (connection,)
        if session is not None:
            names = (self._home_of(session, names),)
        asked = Members(self.stores).all(lambda store: store.sessions.command(verb, session=session, audit=audit), names)
        return sum(asked.values())

    def scale(
        self, actor: Actor, session: str, to: int | None, *, until: Micros | None = None, connection: str | None = None
    ) -> Scale | None:
        """Let one worker have so many processes, until a time or until it is taken back; None: as it was started.

        Each beyond that finishes what it runs first. Returns what was asked. Raises PermissionDenied, NotFound, InvalidOption for what
        lies outside of its bounds.
        """
        require(actor, ABILITY)
        home = self._home_of(session, self.stores.connections() if connection is None else (connection,))
        store = self.stores.backend(home)
        record = next((one for one in living(store) if one.info.id == session), None)
        if record is None:
            raise NotFound(f"the worker {session[:80]!r} has ended meanwhile; there is nobody to ask")
        wanted = None if to is None else _within(record, Scale(to=to, by=actor.name, until=until), store.now())
        before = reported(record.report.limits.get("scaled"))
        changed = differing.changes(_told(record, before), _told(record, wanted))
        audit = entry(actor, "scale", target(session), detail=f"{record.info.host}:{record.info.pid}", changes=changed)
        if not store.sessions.command(BACK if wanted is None else wanted.word, session=session, audit=audit):
            raise NotFound(f"the worker {session[:80]!r} has ended meanwhile; there is nobody to ask")
        return wanted

    def _home_of(self, session: str, names: Sequence[str]) -> str:
        """The connection on which the worker lives. Raises NotFound."""
        for name in names:
            backend_of(self.stores, name)
        for name, found in Members(self.stores).all(living, names).items():
            if any(record.info.id == session for record in found):
                return name
        raise NotFound(f"no living worker has the session {session[:80]!r}; the page Workers and `horizon status` list them")


def _within(record: SessionRecord, wanted: Scale, now: Micros) -> Scale:
    """What was asked, if this worker can do it. Raises InvalidOption."""
    limit = most(record)
    if limit is None:
        raise InvalidOption("this worker runs a version of Horizon that cannot be scaled; restart it with the present one")
    if isinstance(wanted.to, bool) or not isinstance(wanted.to, int) or not 1 <= wanted.to <= limit:
        raise InvalidOption(
            f"this worker can have 1 to {limit} processes; got {wanted.to}. Its bound is --max-processes, with which it was started"
        )
    if wanted.until is not None and moment(wanted.until, now) - now > LONGEST:
        raise InvalidOption(
            f"a number of processes is set for {LONGEST // DAY} days at the most; leave the time out to keep it while the worker lives"
        )
    return wanted


def _told(record: SessionRecord, scale: Scale | None) -> dict[str, object]:
    if scale is None:
        return {"processes": record.info.processes}
    return {"processes": scale.to, "until": differing.moment(scale.until)}


def living(backend: Backend) -> list[SessionRecord]:
    """Workers whose lease stands."""
    return [record for record in backend.sessions.list(kind="worker") if record.alive]
