"""What a store promises, in words. Every backend keeps all of it; `tests/conformance/` proves it on each.

**Delivery: at least once.** A job that was accepted ends in exactly one terminal record; nothing the store itself kept
is ever lost; a second run happens only when a worker died, was cut off from the store, or was interrupted, and the
record says so. Logically there is one record per job; queues, lists and counters are indexes of it, changed in the
same atomic act.

1. Every act below is atomic and one round trip: all of it happens, or none of it, whatever dies in between.
2. A reply can be lost: `push` is idempotent by id, an outcome by its token (`Answer.DUP`).
3. Every change of a running job carries the token of its attempt; a stale token changes nothing (`Answer.LOST`).
4. One function per backend (`kernel/record.py`) owns every entry into and exit from a state: place, indexes, counters
   and the unique key move with it.
5. Nothing is created when a job ends: what follows it was pushed `blocked` beforehand. (The one exception: the
   follow-up that calls `failed()` after a kill is pushed by the act that records the failure.)
6. Times are the store's clock, in microseconds; a test may hand a clock in.
7. Bad input is refused before the first write.

Stores see envelopes, never Job classes; no transaction, session or pipeline appears in any signature here, except
that `inbox` speaks of the host's connection, which is its purpose.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from horizon.backends.audit import Audit
from horizon.backends.effects import Effects
from horizon.backends.notes import Notes
from horizon.backends.nouns import (
    Accounts,
    Groups,
    Inbox,
    Limits,
    Locks,
    Meters,
    Numbers,
    Operations,
    Progress,
    Queues,
    Schedules,
    Sessions,
)
from horizon.backends.placing import Noted
from horizon.backends.spread import Spread, Tally
from horizon.backends.tags import Tags
from horizon.backends.values import (
    AT_ONCE,
    Acted,
    ActParams,
    Asked,
    Cause,
    Pushed,
    Ticked,
    Turned,
    Verb,
    Want,
)
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.group import NewGroup
from horizon.core.outcome import Outcome
from horizon.core.query import JobQuery, Page, Selection
from horizon.core.record import Record

AHEAD = 10_000
"""Jobs before another that are counted; of more it is known that there are so many."""


class Backend(ABC):
    """One store. Thread-safe; a process that forks opens a new one."""

    name: str
    """The connection's name."""
    kind: str
    """`memory`, `sqlite`, `postgresql`, `mysql` or `redis`."""
    location: str
    """The address without secrets, for people."""
    at_once: int = AT_ONCE
    """How many short jobs a worker best settles and takes in one turn: more share one commit, and its way to the disk; fewer
    keep others waiting for less long."""
    sessions: Sessions
    locks: Locks
    numbers: Numbers
    audit: Audit
    groups: Groups
    inbox: Inbox
    queues: Queues
    operations: Operations
    progress: Progress
    limits: Limits
    schedules: Schedules
    accounts: Accounts
    meters: Meters
    effects: Effects
    notes: Notes
    tags: Tags

    @abstractmethod
    def push(
        self,
        envelopes: Sequence[Envelope],
        *,
        groups: Sequence[NewGroup] = (),
        seal: Sequence[str] = (),
        audit: AuditEntry | None = None,
    ) -> list[Pushed]:
        """Store jobs: pending, scheduled where a time is in the future, blocked where an edge is open.

        Idempotent by id, which is looked at before everything else. All or none per 1,000; more is sent in chunks of
        that size. Of two equal unique keys in one push the second is the duplicate; an expired holder's key is taken
        over. An edge may point to a job of the same push; a dependency that completed already counts as met.

        `groups` are stored with the first chunk, each unless it is there already; those whose ids stand in `seal` are sealed
        with the last one, and end there and then where nobody is unfinished. A duplicate is no member. A job that names
        others in `before` is waited for by these from now on. A member may wait for what ended otherwise since the chunk before it:
        it is stored cancelled by that, as if it had been there.
        Raises QueueFull, UnknownDependency, DependencyCycle, UnknownGroup, GroupEnded, StoreFull, BackendUnavailable.
        """

    @abstractmethod
    def turn(self, outcomes: Sequence[Outcome], want: Want | None = None) -> Turned:
        """Settle what ended and reserve what comes next, in one commit; see `Outcome`, `Want`, `Turned`.

        Reserving skips paused queues and lanes (`core.lanes`), hands no job to two, takes a suspect job alone, and is the only way into
        `processing`. A cancel-requested job never goes back: any outcome of it that is not terminal is `cancelled`.
        A little housekeeping (what is due, expired sessions, the inbox) is done on the way, so that nothing depends
        on anybody ticking.
        """

    def ask(self, outcomes: Sequence[Outcome], want: Want) -> Asked | None:
        """Begin a turn and leave its answer for later, so that jobs run while the store works. None: nothing was sent, and it
        has to wait for its turn, since the store has no way to, or would keep others waiting meanwhile.

        Raises BackendUnavailable; the store may have got it even then, as with `turn`.
        """
        return None

    @abstractmethod
    def tick(self, *, limit: int = 500) -> Ticked:
        """Promote what is due, return what expired sessions held, admit the inbox, fold numbers, drive operations, trim.

        Bounded by `limit` per kind. Safe from any number of processes at once. Nothing is returned until one lease
        after the store came back or its clock jumped.
        """

    @abstractmethod
    def act(self, selection: Selection, verb: Verb, params: ActParams | None = None, *, audit: Noted = None) -> Acted:
        """Do something to up to 500 jobs; the audit entry (its count filled in) is kept in the same act, if any moved.

        Of an act on one id, `audit` may be a function: it is handed where that job stood right before, and returns the entry.
        """

    @abstractmethod
    def wait(self, queues: Sequence[str], timeout: float) -> bool:
        """Block until a job of these queues (empty: of any) may be there, at most `timeout` seconds; True for a hint."""

    @abstractmethod
    def wake(self) -> None:
        """Hint to whoever waits, in this process and elsewhere where the store can tell them."""

    @abstractmethod
    def get(self, id: str) -> Record | None:
        """One job with payload, result and history; the inbox is looked into as well."""

    @abstractmethod
    def many(self, ids: Sequence[str]) -> list[Record]:
        """Those of up to 1,000 ids that exist, without payload, result and history, in the order asked."""

    @abstractmethod
    def envelopes(self, ids: Sequence[str]) -> list[Envelope]:
        """Those of up to 1,000 jobs that wait (pending, scheduled, retrying) as they could be pushed to another store, in
        the order asked: on the queue, with the priority and at the time that hold now. Tries and history stay behind.
        """

    @abstractmethod
    def hidden(self, *, before: tuple[Micros, int] | None = None, limit: int = 50) -> list[tuple[Micros, Record]]:
        """Forgotten jobs that can still be restored, the latest first, each with when it was forgotten.

        `before` is the time and the `n` of the last one seen.
        """

    @abstractmethod
    def find(self, query: JobQuery) -> Page:
        """One page. Raises InvalidCursor, InvalidFilter."""

    @abstractmethod
    def causes(self, since: Micros, limit: int = 20) -> list[Cause]:
        """Failed jobs by origin, most frequent first, among the latest 5,000 that failed since then."""

    @abstractmethod
    def spread(self, since: Micros, until: Micros, spans: int = 30) -> Mapping[str, Spread]:
        """Of the causes of the same jobs: when they failed, in which version of the code, on which hosts, of which class and queue."""

    def tally(self, causes: Sequence[str]) -> Mapping[str, Tally]:
        """How many failed jobs stand with each of up to 100 causes, however old they are; causes without any are absent.

        Counting stops somewhere (`Tally.more`). A store that does not count them tells nothing.
        """
        return {}

    def ahead(self, record: Record) -> int | None:
        """How many jobs start before this one, which is pending: those of its queue; or is parked: those of its queue with the same
        limits. Counted up to `AHEAD`; None where it does not wait so, or the store does not know.
        """
        return None

    @abstractmethod
    def oldest(self, queues: Sequence[str] | None = None) -> dict[str, Micros]:
        """Per queue, since when its oldest pending job could have run. Queues without one are absent."""

    @abstractmethod
    def remaining(self, queues: Sequence[str] = ()) -> int:
        """Pending, processing and inbox jobs of these queues (empty: all); what `--stop-when-empty` asks."""

    @abstractmethod
    def version(self) -> int:
        """A number that differs whenever anything changed since; cheap, for `nothing new`."""

    @abstractmethod
    def now(self) -> Micros:
        """The store's clock."""

    @abstractmethod
    def ready(self) -> None:
        """Make sure the store answers and its tables fit this code (creating them on SQLite).

        Raises BackendUnavailable or SchemaMismatch, saying what to run.
        """

    @abstractmethod
    def warnings(self) -> Sequence[str]:
        """Sentences about a configuration that could lose jobs; empty where all is well."""

    @abstractmethod
    def close(self) -> None:
        """Let go of every connection; the next act opens new ones."""
