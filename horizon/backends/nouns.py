"""The nouns of a store that are more than jobs: sessions, locks, numbers, audit, inbox, queues, operations, progress.

One file each in every backend's folder.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from horizon.backends.dropping import Dropping
from horizon.backends.people import ApiToken, Taken, User
from horizon.backends.queueing import Noted
from horizon.backends.rollup import Roll
from horizon.backends.schedules import KEPT_RUNS, Schedule, ScheduleChange, ScheduleRun
from horizon.backends.values import (
    Lease,
    Operation,
    ProgressReport,
    QueueCount,
    QueueSettings,
    Renewed,
    Sample,
    SessionInfo,
    SessionRecord,
    SessionReport,
    Verdict,
)
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope, On
from horizon.core.group import MOST_RESULTS, GroupPage, GroupQuery, GroupRecord, Link
from horizon.core.limit import Limit, LimitRecord
from horizon.core.outcome import Answer
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.core.states import JobState


class Sessions(ABC):
    """One lease per worker session, not per job. Only an expired session, or `bury`, makes its jobs returnable."""

    @abstractmethod
    def open(self, info: SessionInfo, lease: Micros) -> Micros:
        """Start a session; returns when it expires unless renewed. The same id again replaces what it announced."""

    @abstractmethod
    def renew(self, session: str, lease: Micros, report: SessionReport | None = None) -> Renewed:
        """Prolong the lease and collect what the session is asked to do."""

    @abstractmethod
    def bury(self, session: str, executor: int | None, running: Mapping[str, Verdict]) -> int:
        """Settle and return what an executor (None: every one) of this session held, because it is gone.

        `running` maps tokens of attempts whose user code had begun to what became of them; every other attempt held
        there goes back uncharged. A crash is charged only to a job that was `only`; otherwise, and where nothing is
        known, the jobs return uncharged and suspect. At `max_crashes` charged crashes a job fails. Returns how many
        jobs moved. Calling it twice moves nothing the second time.
        """

    @abstractmethod
    def held(self, session: str, executor: int | None = None) -> Sequence[tuple[str, object, str]]:
        """(id, ref, token) of every attempt this session holds."""

    @abstractmethod
    def close(self, session: str) -> None:
        """End a session that holds nothing any more; anything it still held is returned first, uncharged."""

    @abstractmethod
    def command(self, verb: str, *, session: str | None = None, audit: AuditEntry | None = None) -> int:
        """Leave a command for one session, or for every living worker; returns for how many."""

    @abstractmethod
    def list(self, *, kind: str | None = None, dead_since: Micros | None = None) -> Sequence[SessionRecord]:
        """Living sessions, and those that ended or expired since `dead_since`."""


class Locks(ABC):
    """Named leases with a term: the leader's, and those of exclusive work. Correctness never rests on one alone."""

    @abstractmethod
    def acquire(self, name: str, holder: str, ttl: Micros) -> Lease | None:
        """Take a free or expired lock, or prolong one's own; None while another holder's stands."""

    @abstractmethod
    def renew(self, lease: Lease, ttl: Micros) -> Lease | None:
        """Prolong exactly this term; None where it is no longer ours."""

    @abstractmethod
    def release(self, lease: Lease) -> bool:
        """Give up exactly this term; False where it was no longer ours."""

    @abstractmethod
    def read(self, name: str) -> Lease | None:
        """Who holds it now, None where nobody does."""


class Numbers(ABC):
    """Counters and histograms: insert-only deltas, one group of them per act, folded by `tick`, merged on read."""

    @abstractmethod
    def counts(self) -> Sequence[QueueCount]:
        """Per queue and state, exact as of the last commit."""

    @abstractmethod
    def names(self) -> Mapping[str, Mapping[JobState, int]]:
        """Per class and state, exact as of the last commit."""

    @abstractmethod
    def samples(self, since: Micros, until: Micros | None = None, *, queue: str | None = None, name: str | None = None) -> Sequence[Sample]:
        """What happened per minute, oldest first; minutes are kept 2 hours, then hours, then days."""

    def latest(self, since: Micros) -> Sequence[Sample]:
        """The same from a moment on, for whoever asks every two seconds: to be read only, for what has not changed may be the very same."""
        return self.samples(since)

    def rolled(self, span: Micros, since: Micros, until: Micros, *, pairs: bool = True) -> Sequence[Roll]:
        """Sums of what is over that begin in this time, oldest first, as far as they are written; see `backends/rollup.py`."""
        return []

    @abstractmethod
    def recount(self) -> Mapping[str, tuple[int, int]]:
        """Count the records themselves; returns `queue/state` → (counter, truth) for every counter that drifted.

        So it does for groups that have not ended (`group:id/total`) and for limits (`limit:key/running`, mended).
        """


class Groups(Dropping):
    """Batches, chains and workflows. They come with `Backend.push`; their members are found with `JobQuery(group=...)`."""

    def get(self, id: str) -> GroupRecord | None:
        """One of them."""
        return next(iter(self.many([id])), None)

    @abstractmethod
    def many(self, ids: Sequence[str]) -> Sequence[GroupRecord]:
        """Those of up to 1,000 ids that exist, in the order asked."""

    @abstractmethod
    def find(self, query: GroupQuery) -> GroupPage:
        """One page, newest first. Raises InvalidCursor."""

    @abstractmethod
    def cancel(self, id: str, *, reason: str | None = None, audit: AuditEntry | None = None) -> GroupRecord:
        """Cancel its members, and the groups nested in it: what has not started at once, what runs is asked to stop.

        It takes no more jobs, and ends `cancelled` when the last of them has ended. Of one that ended, or is being cancelled
        already, nothing changes. Raises NotFound.
        """

    @abstractmethod
    def callbacks(self, id: str) -> Sequence[Record]:
        """The jobs that wait or waited for it to complete, fail, end or go on; the first pushed first."""

    @abstractmethod
    def parents(self, job: str, limit: int = MOST_RESULTS) -> Sequence[str]:
        """Ids of the jobs and the groups that a job waits for or waited for: first the jobs, then the groups, each in the order
        in which they were pushed."""

    def links(self, jobs: Sequence[str]) -> Sequence[Link]:
        """What each of up to 1,000 jobs waits for or waited for, with the condition. A store that has no better way asks job by job."""
        return [Link(job=job, parent=parent, on=On.COMPLETED) for job in jobs for parent in self.parents(job)]

    @abstractmethod
    def results(self, id: str, limit: int = MOST_RESULTS) -> Sequence[tuple[str, bytes]]:
        """(job id, result) of its members that completed with one, in the order in which they were pushed."""


class Inbox(ABC):
    """Jobs dispatched inside the host's own transaction: one inserted row, touching nothing else.

    The next `turn` or `tick` admits them by an ordinary push, whose refusals then end as records: a duplicate
    `cancelled(duplicate of Y)`, any other `failed(refused: ...)`; a full queue waits.
    """

    @abstractmethod
    def put(self, envelopes: Sequence[Envelope], *, connection: object) -> None:
        """Insert with the host's connection, inside whatever transaction it is in. Makes the tables where there are none."""

    @abstractmethod
    def waiting(self) -> int:
        """How many are committed and not yet admitted."""

    @abstractmethod
    def admit(self, limit: int = 500) -> int:
        """Admit some now; returns how many left the inbox."""


class Queues(ABC):
    """Settings of queues. Reading is cheap: a process may see a change up to a second late, a pause included."""

    @abstractmethod
    def define(self, settings: Sequence[QueueSettings]) -> None:
        """What the code says; a person's overrides stay on top."""

    @abstractmethod
    def get(self, name: str) -> QueueSettings:
        """Of one queue; the defaults where nobody set anything."""

    @abstractmethod
    def all(self) -> Sequence[QueueSettings]:
        """Every queue that was defined, overridden, paused, or ever held a job; by name."""

    @abstractmethod
    def override(self, name: str, changes: Mapping[str, object], *, audit: Noted = None) -> QueueSettings:
        """Set at run time; a value of None goes back to what the code says. Of two at once, neither is lost."""

    @abstractmethod
    def pause(self, name: str, *, until: Micros | None = None, reason: str | None = None, audit: Noted = None) -> int:
        """Nothing of this queue is reserved any more; returns how many of its jobs still run."""

    @abstractmethod
    def resume(self, name: str, *, audit: Noted = None) -> None:
        """Undo a pause."""


class Operations(ABC):
    """Bulk acts under way and their results."""

    @abstractmethod
    def start(
        self,
        verb: str,
        query: JobQuery,
        params: Mapping[str, object],
        *,
        actor: str,
        expected: int | None = None,
        audit: AuditEntry | None = None,
        id: str | None = None,
    ) -> Operation:
        """Store one; the next tick begins it. It acts on what matches and existed when it was stored.

        `id`: that of the same act on other connections; None makes a new one.
        """

    @abstractmethod
    def get(self, id: str) -> Operation | None:
        """One of them."""

    @abstractmethod
    def list(self, limit: int = 50) -> Sequence[Operation]:
        """Newest first."""

    @abstractmethod
    def stop(self, id: str, *, audit: AuditEntry | None = None) -> Operation:
        """Go no further; what was done stays done. Raises NotFound."""

    @abstractmethod
    def step(self) -> int:
        """Carry one running operation on by at most 500 rows; returns how many it looked at."""


class Progress(ABC):
    """Progress and log lines of running jobs; written at most once a second per executor."""

    @abstractmethod
    def report(self, reports: Sequence[ProgressReport]) -> Sequence[Answer]:
        """Keep them. `LOST` for a token that no longer holds its job."""


class Limits(ABC):
    """What holds jobs back until there is room: how many start in a stretch of time, how many run at a time.

    A job without room is parked: it costs no attempt and no slot, and is not looked at before there may be room for it.
    """

    @abstractmethod
    def define(self, limits: Sequence[Limit]) -> None:
        """Say anew what these keys allow. Where there is more room now, parked jobs go on."""

    @abstractmethod
    def get(self, key: str) -> LimitRecord | None:
        """One of them; None where no job of late carried it."""

    @abstractmethod
    def list(self, limit: int = 100) -> Sequence[LimitRecord]:
        """Those for which most jobs are parked first, then by key."""


class Schedules(ABC):
    """What is dispatched by the clock. Names are compared byte for byte; what is due is decided by whoever asks."""

    @abstractmethod
    def write(self, changes: Sequence[ScheduleChange]) -> Sequence[bool]:
        """Write each schedule whose stored version is still the one that the change was made from, its lines of history and
        its audit entry with it. False, and nothing of it is written, where somebody was faster. The versions grow by one.
        One act for all of them, but each for itself.
        """

    @abstractmethod
    def get(self, name: str) -> Schedule | None:
        """One of them."""

    @abstractmethod
    def all(self) -> Sequence[Schedule]:
        """All of them, by name."""

    @abstractmethod
    def due(self, limit: int = 100) -> Sequence[Schedule]:
        """Those whose `next_at` has come and that do not rest, the longest due first."""

    @abstractmethod
    def next_at(self) -> Micros | None:
        """When the next one comes, or came; None where none is awake. One cheap look."""

    @abstractmethod
    def runs(self, name: str, limit: int = KEPT_RUNS) -> Sequence[ScheduleRun]:
        """The history of one, newest first; `KEPT_RUNS` lines are kept."""


class Accounts(ABC):
    """Users and API tokens. Passwords and secrets come hashed; a store compares names and ids byte for byte."""

    @abstractmethod
    def add_user(self, user: User, *, audit: AuditEntry | None = None) -> bool:
        """Keep a new one; False, and nothing is changed, where the name is taken."""

    @abstractmethod
    def user(self, name: str) -> User | None:
        """By name."""

    @abstractmethod
    def users(self) -> Sequence[User]:
        """All of them, by name."""

    @abstractmethod
    def any_user(self) -> bool:
        """Whether there is one at all."""

    @abstractmethod
    def change_user(
        self, name: str, *, stamp: str, was: str | None = None, role: str | None = None, password: str | None = None, audit: AuditEntry | None = None
    ) -> bool:  # fmt: skip
        """Give a user another role or password (a hash); the new stamp ends every sign-in. False where there is none, or none with
        the stamp `was`: somebody else was quicker."""

    @abstractmethod
    def remove_user(self, name: str, *, was: str | None = None, audit: AuditEntry | None = None) -> bool:
        """False where there was none, or none with the stamp `was`."""

    @abstractmethod
    def signed_in(self, name: str, *, audit: AuditEntry | None = None) -> None:
        """Note the time of a sign-in."""

    @abstractmethod
    def sign_out(self, sign_in: str, until: Micros, *, audit: AuditEntry | None = None) -> None:
        """End one sign-in by its id. It is remembered until `until`, when it would have ended by itself."""

    @abstractmethod
    def visitor(self, name: str, sign_in: str) -> User | None:
        """The user behind a sign-in; None where there is no such user, or this sign-in was ended. One cheap look."""

    @abstractmethod
    def add_token(self, token: ApiToken, *, audit: AuditEntry | None = None) -> bool:
        """Keep a new one; False, and nothing is changed, where the id is taken."""

    @abstractmethod
    def token(self, id: str) -> ApiToken | None:
        """By id, expired ones too."""

    @abstractmethod
    def tokens(self) -> Sequence[ApiToken]:
        """All of them, the newest first."""

    @abstractmethod
    def remove_token(self, id: str, *, audit: AuditEntry | None = None) -> bool:
        """False where there was none."""

    @abstractmethod
    def used(self, token: ApiToken) -> None:
        """Note that it was used just now; written at most once a minute, whoever asks."""


class Meters(ABC):
    """Counting over all processes: within any stretch of `per`, wherever it begins, no more than the limit is granted.

    What is taken counts a little longer than `per`, at most a tenth (see `slices`). Bounded: keys for which there is no
    room any more share a few meters until a tick has forgotten slices that are over. A key is always used with one `per`.
    """

    @abstractmethod
    def take(self, key: str, limit: int, per: Micros, count: int = 1) -> Taken:
        """Take up to `count` of what is left of `limit`. Where nothing is left, nothing is written."""

    @abstractmethod
    def give_back(self, key: str, count: int = 1) -> None:
        """Undo the latest `take`, as far as it still counts; nothing is given back below zero."""
