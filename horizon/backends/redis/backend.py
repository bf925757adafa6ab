"""The store in a Redis (or a Valkey): every promise of `backends/base.py`, one Lua script an act.

What each key holds is told in docs/redis.md; `scripts/parts/record.lua` and `places.lua` are the only code that enters or
leaves a state. Beside them stand the acts and nouns of the contract, in the same names as in the other wings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.base import Backend
from horizon.backends.placing import Noted
from horizon.backends.redis import read
from horizon.backends.redis.accounts import RedisAccounts
from horizon.backends.redis.act import act
from horizon.backends.redis.address import locate
from horizon.backends.redis.audit import RedisAudit
from horizon.backends.redis.effects import RedisEffects
from horizon.backends.redis.envelopes import envelopes
from horizon.backends.redis.find import find
from horizon.backends.redis.groups import RedisGroups
from horizon.backends.redis.hidden import hidden
from horizon.backends.redis.inbox import RedisInbox
from horizon.backends.redis.limits import RedisLimits
from horizon.backends.redis.link import Link
from horizon.backends.redis.locks import RedisLocks
from horizon.backends.redis.meters import RedisMeters
from horizon.backends.redis.notes import RedisNotes
from horizon.backends.redis.numbers import RedisNumbers
from horizon.backends.redis.operations import RedisOperations
from horizon.backends.redis.progress import RedisProgress
from horizon.backends.redis.push import push
from horizon.backends.redis.queues import RedisQueues
from horizon.backends.redis.safety import check, warnings
from horizon.backends.redis.schedules import RedisSchedules
from horizon.backends.redis.sessions import RedisSessions
from horizon.backends.redis.store import Store
from horizon.backends.redis.tags import RedisTags
from horizon.backends.redis.tick import tick
from horizon.backends.redis.turn import ask, turn
from horizon.backends.redis.wait import Waiting
from horizon.backends.spread import Spread, Tally
from horizon.backends.values import Acted, ActParams, Asked, Cause, Pushed, StoreOptions, Ticked, Turned, Verb, Want
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.group import NewGroup
from horizon.core.outcome import Outcome
from horizon.core.query import JobQuery, Page, Selection
from horizon.core.record import Record


class RedisBackend(Backend):
    """See `Backend`. Nothing is opened before the first act."""

    kind = "redis"

    def __init__(self, url: str, options: StoreOptions) -> None:
        """Raises ConfigurationError for an address that cannot be used."""
        self._link = Link(locate(url, options.extra))
        self._store = Store(self._link, options)
        self._waiting = Waiting()
        self.name = options.name
        self.location = self._link.address.location
        self.sessions = RedisSessions(self._store)
        self.locks = RedisLocks(self._store)
        self.numbers = RedisNumbers(self._store)
        self.audit = RedisAudit(self._store)
        self.groups = RedisGroups(self._store)
        self.inbox = RedisInbox(self._store)
        self.queues = RedisQueues(self._store)
        self.operations = RedisOperations(self._store)
        self.progress = RedisProgress(self._store)
        self.limits = RedisLimits(self._store)
        self.schedules = RedisSchedules(self._store)
        self.accounts = RedisAccounts(self._store)
        self.meters = RedisMeters(self._store)
        self.effects = RedisEffects(self._store)
        self.notes = RedisNotes(self._store)
        self.tags = RedisTags(self._store)

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

    def ask(self, outcomes: Sequence[Outcome], want: Want) -> Asked:
        """See `Backend.ask`."""
        return ask(self._store, outcomes, want)

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
        """See `Backend.wake`. Whoever waits elsewhere is told by the act that brings a job."""
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
        """See `Backend.ready`. Raises ConfigurationError where the server may throw keys away."""
        check(self._store)

    def warnings(self) -> Sequence[str]:
        """See `Backend.warnings`."""
        return warnings(self._store)

    def close(self) -> None:
        """See `Backend.close`."""
        self._waiting.close()
        self._link.close()
