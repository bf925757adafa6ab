"""Worker sessions: one lease each."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from horizon.backends.database.audit import keep
from horizon.backends.database.db import Row, change, insert
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.rows import PROCESSING
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.leases import END, give_back, held_by, watch_clock
from horizon.backends.database.store import Store
from horizon.backends.nouns import Sessions
from horizon.backends.values import Renewed, SessionInfo, SessionRecord, SessionReport, Verdict
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros

COLUMNS = (
    "id, kind, host, pid, queues, fair, processes, concurrency, code_version, version, report, started_at, renewed_at, expires_at, ended_at"
)
INSERT = insert("horizon_session", COLUMNS)
DELETE = "DELETE FROM horizon_session WHERE id = ?"
OPEN = f"SELECT {COLUMNS} FROM horizon_session WHERE id = ? AND ended_at IS NULL /*hold*/"
RENEW = "UPDATE horizon_session SET renewed_at = ?, expires_at = ?, report = ? WHERE id = ?"
LISTENING = "SELECT id FROM horizon_session WHERE kind = 'worker' AND ended_at IS NULL AND expires_at > ?"
LIVING = f"SELECT {COLUMNS} FROM horizon_session WHERE ended_at IS NULL ORDER BY started_at, id"
ENDED = f"SELECT {COLUMNS} FROM horizon_session WHERE ended_at >= ? ORDER BY started_at, id"
COMMANDS = "SELECT seq, verb FROM horizon_command WHERE session = ? ORDER BY seq"
NO_COMMANDS = "DELETE FROM horizon_command WHERE session = ?"
TAKEN_COMMANDS = "DELETE FROM horizon_command WHERE seq IN ({in})"
COMMAND = insert("horizon_command", "session verb")
STOPS = f"SELECT token, cancel_reason FROM horizon_live WHERE session = ? AND state = {PROCESSING} AND cancel_reason IS NOT NULL"
HELD_IDS = (
    f"SELECT j.id, l.n, l.token, l.executor FROM horizon_live l JOIN horizon_job j ON j.n = l.n "
    f"WHERE l.session = ? AND l.state = {PROCESSING} ORDER BY l.n"
)


class DatabaseSessions(Sessions):
    """See `Sessions`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, info: SessionInfo, lease: Micros) -> Micros:
        """See `Sessions.open`."""

        def act(scope: Scope) -> Micros:
            watch_clock(self._store, scope)
            before = scope.db.one(OPEN, (info.id,))
            report, started_at = (before[10], before[11]) if before else (write_report(SessionReport()), scope.now)
            scope.db.run(DELETE, (info.id,))
            if before is None:
                scope.db.run(NO_COMMANDS, (info.id,))
            scope.db.run(INSERT, (*_announced(info), report, started_at, scope.now, scope.now + lease, None))
            touch(scope.db, scope.now)
            return scope.now + lease

        return self._store.act(act)

    def renew(self, session: str, lease: Micros, report: SessionReport | None = None) -> Renewed:
        """See `Sessions.renew`."""
        return self._store.act(lambda scope: self._renew(scope, session, lease, report))

    def _renew(self, scope: Scope, session: str, lease: Micros, report: SessionReport | None) -> Renewed:
        watch_clock(self._store, scope)
        before = scope.db.one(OPEN, (session,))
        if before is None:
            return Renewed(alive=False, expires_at=scope.now)
        text = before[10] if report is None else write_report(report)
        scope.db.run(RENEW, (scope.now, scope.now + lease, text, session))
        if text != before[10]:
            touch(scope.db, scope.now)
        commands = scope.db.all(COMMANDS, (session,))
        change(scope.db, TAKEN_COMMANDS, [seq for seq, _ in commands])
        return Renewed(
            alive=True,
            expires_at=scope.now + lease,
            commands=tuple(verb for _, verb in commands),
            stops=dict(scope.db.all(STOPS, (session,))),
            paused_queues=tuple(sorted(self._store.book.read(scope.db).paused(scope.now))),
        )

    def bury(self, session: str, executor: int | None, running: Mapping[str, Verdict]) -> int:
        """See `Sessions.bury`."""

        def act(scope: Scope) -> int:
            scope.db.bury(session, executor)
            return give_back(scope, held_by(scope.db, session, executor), running)

        return self._store.act(act)

    def held(self, session: str, executor: int | None = None) -> Sequence[tuple[str, object, str]]:
        """See `Sessions.held`."""
        rows = self._store.read_plainly(lambda db: db.all(HELD_IDS, (session,)))
        return [(id, n, token) for id, n, token, its in rows if executor is None or its == executor]

    def close(self, session: str) -> None:
        """See `Sessions.close`."""

        def act(scope: Scope) -> None:
            scope.db.bury(session, None)
            give_back(scope, held_by(scope.db, session), {})
            if scope.db.run(END, (scope.now, session)):
                touch(scope.db, scope.now)

        self._store.act(act)

    def command(self, verb: str, *, session: str | None = None, audit: AuditEntry | None = None) -> int:
        """See `Sessions.command`."""

        def act(scope: Scope) -> int:
            ids = [id for (id,) in scope.db.all(LISTENING, (scope.now,)) if session in (None, id)]
            scope.db.many(COMMAND, [(id, verb) for id in ids])
            keep(scope, audit, len(ids))
            return len(ids)

        return self._store.act(act)

    def list(self, *, kind: str | None = None, dead_since: Micros | None = None) -> Sequence[SessionRecord]:
        """See `Sessions.list`."""
        now = self._store.now()
        if dead_since is None:
            rows: builtins.list[Row] = self._store.read_plainly(lambda db: db.all(LIVING))
        else:
            rows = self._store.read(lambda db: db.all(LIVING) + db.all(ENDED, (dead_since,)))
        return [
            _shown(row, now)
            for row in rows
            if kind in (None, row[1]) and (_is_alive(row, now) or (dead_since is not None and _died(row) >= dead_since))
        ]


def _announced(info: SessionInfo) -> tuple[object, ...]:
    return (
        info.id, info.kind, info.host, info.pid, json.dumps(info.queues), int(info.fair), info.processes, info.concurrency,
        info.code_version, info.version,
    )  # fmt: skip


def write_report(report: SessionReport) -> str:
    """As stored."""
    return json.dumps(asdict(report), default=dict)


def read_report(text: str) -> SessionReport:
    """What `write_report` wrote."""
    given = json.loads(text)
    return SessionReport(
        state=given["state"], memory_kb=given["memory_kb"], executors=tuple(given["executors"]), problems=tuple(given["problems"]),
        limits=given.get("limits") or {},
    )  # fmt: skip


def _is_alive(row: Row, now: Micros) -> bool:
    return row[14] is None and bool(row[13] > now)


def _died(row: Row) -> Micros:
    return int(row[13] if row[14] is None else row[14])


def _shown(row: Row, now: Micros) -> SessionRecord:
    (
        id, kind, host, pid, queues, fair, processes, concurrency, code_version, version, report, started_at, renewed_at, expires_at, ended_at,
    ) = row  # fmt: skip
    info = SessionInfo(
        id=id,
        kind=kind,
        host=host,
        pid=pid,
        queues=tuple(json.loads(queues)),
        fair=bool(fair),
        processes=processes,
        concurrency=concurrency,
        code_version=code_version,
        version=version,
    )
    return SessionRecord(
        info=info,
        report=read_report(report),
        started_at=started_at,
        renewed_at=renewed_at,
        expires_at=expires_at,
        alive=_is_alive(row, now),
        ended_at=ended_at,
    )
