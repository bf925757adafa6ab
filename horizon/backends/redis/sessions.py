"""Worker sessions: one lease each. What becomes of their jobs is in `scripts/parts/sessions.lua`."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from horizon.backends.nouns import Sessions
from horizon.backends.redis import header
from horizon.backends.redis.store import Store, audit_of, encode
from horizon.backends.values import Renewed, SessionInfo, SessionRecord, SessionReport, Verdict
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros


class RedisSessions(Sessions):
    """See `Sessions`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, info: SessionInfo, lease: Micros) -> Micros:
        """See `Sessions.open`."""
        what = {
            "id": info.id, "kind": info.kind, "worker": f"{info.host}:{info.pid}", "info": encode(asdict(info)),
            "report": write_report(SessionReport()), "lease": lease, "limits": self._store.limits,
        }  # fmt: skip
        return int(self._store.run("session_open", what, safe=True))

    def renew(self, session: str, lease: Micros, report: SessionReport | None = None) -> Renewed:
        """See `Sessions.renew`. Not sent twice: commands are handed out once."""
        text = False if report is None else write_report(report)
        now, *rest = self._store.run("session_renew", {"id": session, "lease": lease, "report": text, "limits": self._store.limits})
        if not rest:
            self._store.forget()
            return Renewed(alive=False, expires_at=now)
        commands, stops, paused = rest
        return Renewed(
            alive=True,
            expires_at=now + lease,
            commands=tuple(verb.decode() for verb in commands),
            stops={token.decode(): reason.decode() for token, reason in zip(stops[::2], stops[1::2], strict=True)},
            paused_queues=tuple(sorted(name.decode() for name in paused)),
        )

    def bury(self, session: str, executor: int | None, running: Mapping[str, Verdict]) -> int:
        """See `Sessions.bury`."""
        fates = {token: _fate(verdict) for token, verdict in running.items()}
        return self._end(session, executor, fates, close=False)

    def _end(self, session: str, executor: int | None, running: Mapping[str, Sequence[object]], *, close: bool) -> int:
        which = False if executor is None else executor
        what = {"id": session, "executor": which, "running": running, "close": close, "limits": self._store.limits}
        return int(self._store.run("session_end", what, safe=True))

    def held(self, session: str, executor: int | None = None) -> Sequence[tuple[str, object, str]]:
        """See `Sessions.held`."""
        flat = self._store.run("session_held", {"id": session, "executor": False if executor is None else executor}, safe=True)
        return [(header.unpack_id(flat[at]), int(flat[at + 1]), flat[at + 2].decode()) for at in range(0, len(flat), 3)]

    def close(self, session: str) -> None:
        """See `Sessions.close`."""
        self._end(session, None, {}, close=True)

    def command(self, verb: str, *, session: str | None = None, audit: AuditEntry | None = None) -> int:
        """See `Sessions.command`."""
        what = {"verb": verb, "session": False if session is None else session, "audit": audit_of(audit)}
        return int(self._store.run("session_command", what))

    def list(self, *, kind: str | None = None, dead_since: Micros | None = None) -> Sequence[SessionRecord]:
        """See `Sessions.list`."""
        what = {"kind": False if kind is None else kind, "since": False if dead_since is None else dead_since}
        now, rows = self._store.run("session_list", what, safe=True)
        records: builtins.list[SessionRecord] = [_shown(row, now) for row in rows]
        return [one for one in records if one.alive or (dead_since is not None and (one.ended_at or one.expires_at) >= dead_since)]


def _fate(verdict: Verdict) -> list[object]:
    delay, reason = verdict.delay, verdict.reason
    return [
        str(verdict.kind), False if delay is None else delay, verdict.started_after, verdict.runtime, False if reason is None else reason,
        verdict.only,
    ]  # fmt: skip


def write_report(report: SessionReport) -> str:
    """As stored."""
    return json.dumps(asdict(report), default=dict)


def read_report(text: bytes) -> SessionReport:
    """What `write_report` wrote."""
    given = json.loads(text)
    return SessionReport(
        state=given["state"], memory_kb=given["memory_kb"], executors=tuple(given["executors"]), problems=tuple(given["problems"]),
        limits=given.get("limits") or {},
    )  # fmt: skip


def _shown(row: Sequence[Any], now: Micros) -> SessionRecord:
    _, info, report, started_at, renewed_at, expires_at, ended_at = row
    given = json.loads(info)
    return SessionRecord(
        info=SessionInfo(**{**given, "queues": tuple(given["queues"])}),
        report=read_report(report),
        started_at=int(started_at),
        renewed_at=int(renewed_at),
        expires_at=int(expires_at),
        alive=ended_at is None and int(expires_at) > now,
        ended_at=None if ended_at is None else int(ended_at),
    )
