"""The store in an SQL database. What differs between their kinds stands in `dialects.py` and behind `db.Db`.

Every act is one short transaction of named statements; `kernel/` decides and moves, the files beside this one are the
acts and nouns of the contract, in the same names as in the memory store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.base import Backend
from horizon.backends.database import migrate, read
from horizon.backends.database.accounts import DatabaseAccounts
from horizon.backends.database.act import act
from horizon.backends.database.audit import DatabaseAudit
from horizon.backends.database.dialects import dialect_of
from horizon.backends.database.effects import DatabaseEffects
from horizon.backends.database.envelopes import envelopes
from horizon.backends.database.find import find
from horizon.backends.database.groups import DatabaseGroups
from horizon.backends.database.hidden import hidden
from horizon.backends.database.inbox import DatabaseInbox
from horizon.backends.database.limits import DatabaseLimits
from horizon.backends.database.locks import DatabaseLocks
from horizon.backends.database.meters import DatabaseMeters
from horizon.backends.database.notes import DatabaseNotes
from horizon.backends.database.numbers import DatabaseNumbers
from horizon.backends.database.operations import DatabaseOperations
from horizon.backends.database.progress import DatabaseProgress
from horizon.backends.database.push import push
from horizon.backends.database.queues import DatabaseQueues
from horizon.backends.database.schedules import DatabaseSchedules
from horizon.backends.database.sessions import DatabaseSessions
from horizon.backends.database.tags import DatabaseTags
from horizon.backends.database.tick import tick
from horizon.backends.database.turn import turn
from horizon.backends.placing import Noted
from horizon.backends.spread import Spread, Tally
from horizon.backends.values import Acted, ActParams, Asked, Cause, Pushed, StoreOptions, Ticked, Turned, Verb, Want
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.group import NewGroup
from horizon.core.outcome import Outcome
from horizon.core.query import JobQuery, Page, Selection
from horizon.core.record import Record


class DatabaseBackend(Backend):
    """See `Backend`. Nothing is opened before the first act."""

    def __init__(self, url: str, options: StoreOptions) -> None:
        """Raises ConfigurationError for an address or an option that could lose jobs."""
        self._dialect = dialect_of(url)
        self._place = self._dialect.locate(url, options.extra)
        self._access = self._dialect.app_access(self._place)
        self._store = self._dialect.store(self._place, self._access, options)
        self._waiting = self._dialect.waiter(self._place, self._access)
        self.kind = self._dialect.kind
        self.name = options.name
        self.location = self._place.location
        self.at_once = self._dialect.at_once
        self.sessions = DatabaseSessions(self._store)
        self.locks = DatabaseLocks(self._store)
        self.numbers = DatabaseNumbers(self._store)
        self.audit = DatabaseAudit(self._store)
        self.groups = DatabaseGroups(self._store)
        self.inbox = DatabaseInbox(self._store)
        self.queues = DatabaseQueues(self._store)
        self.operations = DatabaseOperations(self._store)
        self.progress = DatabaseProgress(self._store)
        self.limits = DatabaseLimits(self._store)
        self.schedules = DatabaseSchedules(self._store)
        self.accounts = DatabaseAccounts(self._store)
        self.meters = DatabaseMeters(self._store)
        self.effects = DatabaseEffects(self._store)
        self.notes = DatabaseNotes(self._store)
        self.tags = DatabaseTags(self._store)

    def push(
        self,
        envelopes: Sequence[Envelope],
        *,
        groups: Sequence[NewGroup] = (),
        seal: Sequence[str] = (),
        audit: AuditEntry | None = None,
    ) -> list[Pushed]:
        """See `Backend.push`."""
        return push(self._store, envelopes, groups=groups, seal=seal, audit=audit)

    def turn(self, outcomes: Sequence[Outcome], want: Want | None = None) -> Turned:
        """See `Backend.turn`."""
        return turn(self._store, outcomes, want)

    def ask(self, outcomes: Sequence[Outcome], want: Want) -> Asked | None:
        """See `Backend.ask`."""
        return self._store.ask(outcomes, want)

    def tick(self, *, limit: int = 500) -> Ticked:
        """See `Backend.tick`."""
        return tick(self._store, limit)

    def act(self, selection: Selection, verb: Verb, params: ActParams | None = None, *, audit: Noted = None) -> Acted:
        """See `Backend.act`."""
        return act(self._store, selection, verb, params or ActParams(), audit)

    def wait(self, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`."""
        return self._waiting.wait(self._store, queues, timeout)

    def wake(self) -> None:
        """See `Backend.wake`."""
        self._waiting.wake()

    def get(self, id: str) -> Record | None:
        """See `Backend.get`."""
        return read.get(self._store, id)

    def many(self, ids: Sequence[str]) -> list[Record]:
        """See `Backend.many`."""
        return read.many(self._store, ids)

    def envelopes(self, ids: Sequence[str]) -> list[Envelope]:
        """See `Backend.envelopes`."""
        return envelopes(self._store, ids)

    def hidden(self, *, before: tuple[Micros, int] | None = None, limit: int = 50) -> list[tuple[Micros, Record]]:
        """See `Backend.hidden`."""
        return hidden(self._store, before, limit)

    def find(self, query: JobQuery) -> Page:
        """See `Backend.find`."""
        return find(self._store, query)

    def causes(self, since: Micros, limit: int = 20) -> list[Cause]:
        """See `Backend.causes`."""
        return read.causes(self._store, since, limit)

    def spread(self, since: Micros, until: Micros, spans: int = 30) -> Mapping[str, Spread]:
        """See `Backend.spread`."""
        return read.spread_of(self._store, since, until, spans)

    def tally(self, causes: Sequence[str]) -> Mapping[str, Tally]:
        """See `Backend.tally`."""
        return read.tally(self._store, causes)

    def ahead(self, record: Record) -> int | None:
        """See `Backend.ahead`."""
        return read.ahead(self._store, record)

    def oldest(self, queues: Sequence[str] | None = None) -> dict[str, Micros]:
        """See `Backend.oldest`."""
        return read.oldest(self._store, queues)

    def remaining(self, queues: Sequence[str] = ()) -> int:
        """See `Backend.remaining`."""
        return read.remaining(self._store, queues)

    def version(self) -> int:
        """See `Backend.version`."""
        return read.version(self._store)

    def now(self) -> Micros:
        """See `Backend.now`."""
        return self._store.now()

    def ready(self) -> None:
        """See `Backend.ready`. Two processes at once take turns."""
        migrate.make_ready(self._dialect, self._access, self._place)

    def warnings(self) -> Sequence[str]:
        """See `Backend.warnings`."""
        return self._dialect.warnings(self._place)

    def close(self) -> None:
        """See `Backend.close`."""
        self._waiting.close()
        self._access.close()
