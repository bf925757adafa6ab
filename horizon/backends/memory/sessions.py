"""Worker sessions: one lease each, and what becomes of their jobs when a worker is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.memory.kernel.settle import end_attempt
from horizon.backends.memory.kernel.store import Session, Store
from horizon.backends.nouns import Sessions
from horizon.backends.values import Renewed, SessionInfo, SessionRecord, SessionReport, Verdict, VerdictKind
from horizon.backends.verdicts import LOST_TOUCH, outcome_of
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros

# what becomes of an attempt whose worker is gone ----------------------------------------------------


def give_back(store: Store, session: str, now: Micros, *, executor: int | None = None, running: Mapping[str, Verdict] | None = None) -> int:
    """Settle and return what a session (or one executor of it) held; returns how many jobs moved."""
    held = [job for job in store.held.get(session, {}).values() if executor is None or job.executor == executor]
    for job in held:
        end_attempt(store, job, outcome_of(job, (running or {}).get(job.token or ""), id=job.id), now)
    return len(held)


# leases ---------------------------------------------------------------------------------------------


def is_open(store: Store, session: str) -> bool:
    """Whether the store still counts on this session; expiry alone does not end it, being reaped does."""
    row = store.sessions.get(session)
    return row is not None and row.ended_at is None


def watch_clock(store: Store, now: Micros) -> None:
    """Notice that nobody was here for a lease, or that the clock jumped: then everybody gets one lease to renew."""
    lease = store.options.lease
    if store.seen_at is not None and not -lease <= now - store.seen_at <= lease:
        store.no_reaping_before = now + lease
        for row in store.sessions.values():
            row.expires_at = min(row.expires_at, now + lease)
    store.seen_at = now


def reap(store: Store, now: Micros, limit: int) -> int:
    """End sessions whose lease ran out, and return what they held; nobody knows what was running, so all of it is suspect."""
    if now < store.no_reaping_before:
        return 0
    moved = 0
    for id, row in store.sessions.items():
        if row.ended_at is not None or row.expires_at > now:
            continue
        if moved >= limit:
            break
        unknown = Verdict(kind=VerdictKind.CRASH, only=False, reason=LOST_TOUCH)
        moved += give_back(store, id, now, running=dict.fromkeys(store.held.get(id, {}), unknown))
        row.ended_at = now
        store.changed()
    return moved


class MemorySessions(Sessions):
    """See `Sessions`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, info: SessionInfo, lease: Micros) -> Micros:
        """See `Sessions.open`."""
        with self._store.act() as now:
            watch_clock(self._store, now)
            before = self._store.sessions.get(info.id)
            row = Session(info=info, report=SessionReport(), started_at=now, renewed_at=now, expires_at=now + lease)
            if before is not None and before.ended_at is None:
                row.started_at, row.report, row.commands = before.started_at, before.report, before.commands
            self._store.sessions[info.id] = row
            self._store.changed()
            return row.expires_at

    def renew(self, session: str, lease: Micros, report: SessionReport | None = None) -> Renewed:
        """See `Sessions.renew`."""
        with self._store.act() as now:
            watch_clock(self._store, now)
            row = self._store.sessions.get(session)
            if row is None or row.ended_at is not None:
                return Renewed(alive=False, expires_at=now)
            row.renewed_at, row.expires_at = now, now + lease
            if report is not None and report != row.report:
                row.report = report
                self._store.changed()
            commands, row.commands = tuple(row.commands), []
            held = self._store.held.get(session, {})
            return Renewed(
                alive=True,
                expires_at=row.expires_at,
                commands=commands,
                stops={token: job.cancel_reason for token, job in held.items() if job.cancel_reason is not None},
                paused_queues=tuple(name for name in sorted(self._store.queues) if self._store.settings(name, now).paused),
            )

    def bury(self, session: str, executor: int | None, running: Mapping[str, Verdict]) -> int:
        """See `Sessions.bury`."""
        with self._store.act() as now:
            return give_back(self._store, session, now, executor=executor, running=running)

    def held(self, session: str, executor: int | None = None) -> Sequence[tuple[str, object, str]]:
        """See `Sessions.held`."""
        with self._store.act():
            held = self._store.held.get(session, {})
            return [(job.id, job.n, token) for token, job in held.items() if executor is None or job.executor == executor]

    def close(self, session: str) -> None:
        """See `Sessions.close`."""
        with self._store.act() as now:
            give_back(self._store, session, now)
            row = self._store.sessions.get(session)
            if row is not None and row.ended_at is None:
                row.ended_at = now
                self._store.changed()

    def command(self, verb: str, *, session: str | None = None, audit: AuditEntry | None = None) -> int:
        """See `Sessions.command`."""
        with self._store.act() as now:
            rows = [row for id, row in self._store.sessions.items() if self._listens(row, now) and session in (None, id)]
            for row in rows:
                row.commands.append(verb)
            if rows:
                self._store.keep(audit, now, len(rows))
            return len(rows)

    def list(self, *, kind: str | None = None, dead_since: Micros | None = None) -> Sequence[SessionRecord]:
        """See `Sessions.list`."""
        with self._store.act() as now:
            records = [_shown(row, now) for row in self._store.sessions.values() if kind in (None, row.info.kind)]
            return [
                record for record in records if record.alive or (dead_since is not None and self._died(record.info.id, now) >= dead_since)
            ]

    @staticmethod
    def _listens(row: Session, now: Micros) -> bool:
        return row.info.kind == "worker" and row.ended_at is None and row.expires_at > now

    def _died(self, id: str, now: Micros) -> Micros:
        row = self._store.sessions[id]
        return row.expires_at if row.ended_at is None else row.ended_at


def _shown(row: Session, now: Micros) -> SessionRecord:
    return SessionRecord(
        info=row.info,
        report=row.report,
        started_at=row.started_at,
        renewed_at=row.renewed_at,
        expires_at=row.expires_at,
        alive=row.ended_at is None and row.expires_at > now,
        ended_at=row.ended_at,
    )
