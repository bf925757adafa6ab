"""What `horizon doctor` looks at: stores, their files, their workers, the modules of HORIZON_IMPORTS."""

from __future__ import annotations

import importlib
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from horizon.backends.base import Backend
from horizon.backends.connect import scheme_of
from horizon.backends.database import migrate, sqlite
from horizon.backends.database.dialects import NAMES, dialect_of
from horizon.backends.values import SessionRecord
from horizon.control.carrying import WAITING
from horizon.core import clock, lanes
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import HorizonError
from horizon.core.lanes import is_lane
from horizon.core.states import JobState
from horizon.jobs.encrypted import ShouldBeEncrypted
from horizon.monitor.doctor.facts import FileFacts, StoreFacts, WorkerFacts
from horizon.monitor.queues import is_paused, serves
from horizon.monitor.workers import Code, Worker, workers
from horizon.runtime import Runtime
from horizon.schedule.leader import LOCK
from horizon.security.redaction import mask_text
from horizon.web.state import State


def imports(names: Sequence[str]) -> list[tuple[str, str]]:
    """(module, why) of those that cannot be imported."""
    found = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            found.append((name, f"{type(error).__name__}: {error}"))
    return found


def store(state: State, connection: str) -> StoreFacts:
    """One connection; never raises."""
    url, kind = state.runtime.url(connection), scheme_of(state.runtime.url(connection))
    try:
        schema = _schema(url, kind) if kind in NAMES else None
        if schema is not None:
            return StoreFacts(connection=connection, kind=kind, location=mask_text(url), schema=schema)
        return _answering(state, connection, kind)
    except HorizonError as error:
        instead = next((other for first, other in state.runtime.failovers() if first == connection), None)
        return StoreFacts(connection=connection, kind=kind, location=mask_text(url), error=str(error), instead=instead)


def _schema(url: str, kind: str) -> str | None:
    """What is wrong with the tables that are there; on SQLite missing or older ones are made to fit by whoever comes first."""
    if kind == "sqlite" and not Path(sqlite.locate(url, {}).path).exists():
        return None
    schema = migrate.check(url)
    if schema.newer:
        return f"they are at version {schema.current}, and this Horizon knows only {schema.head}"
    if schema.fits or dialect_of(url).makes_tables:
        return None
    return "there are none yet" if schema.current is None else f"they are at version {schema.current}, and {schema.head} is wanted"


def _answering(state: State, connection: str, kind: str) -> StoreFacts:
    runtime = state.runtime
    backend = runtime.backend(connection)
    here, now = clock.now(), backend.now()
    living = [session for session in backend.sessions.list(kind="worker") if session.alive]
    return StoreFacts(
        connection=connection,
        kind=kind,
        location=backend.location,
        skew=(now - here) / SECOND if kind != "memory" else 0.0,
        led=backend.locks.read(LOCK) is not None,
        unserved=_unserved(backend, living, now),
        parked=_parked(runtime, backend),
        waiting=sum(row.counts.get(JobState.PENDING, 0) for row in backend.numbers.counts()),
        workers=[_worker(one, now) for one in workers([(connection, session) for session in living], _code(state))],
        file=_file(runtime, connection) if kind == "sqlite" else None,
        warnings=() if kind in ("sqlite", "memory") else backend.warnings(),
    )


def _code(state: State) -> Code:
    """The code of this process. It loaded the app a moment ago, so what it has is what was deployed last."""
    return Code(version=state.settings.CODE_VERSION, since=clock.now())


def _unserved(backend: Backend, living: Sequence[SessionRecord], now: Micros) -> list[tuple[str, int]]:
    paused = {settings.name for settings in backend.queues.all() if is_paused(settings, now)}
    waiting = {row.queue: row.counts.get(JobState.PENDING, 0) for row in backend.numbers.counts()}
    return [
        (queue, count)
        for queue, count in sorted(waiting.items())
        if count and not is_lane(queue) and queue not in paused and not any(serves(session, queue) for session in living)
    ]


def _parked(runtime: Runtime, backend: Backend) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for row in backend.numbers.counts():
        lane = lanes.read(row.queue, runtime.connections())
        jobs = sum(row.counts.get(state, 0) for state in WAITING)
        if lane is not None and jobs:
            found[lane.to] = found.get(lane.to, 0) + jobs
    return sorted(found.items())


def _worker(one: Worker, now: Micros) -> WorkerFacts:
    """What its slots say they began lies in the store's future only where its clock is ahead."""
    begun = [running.since for executor in one.executors for running in executor.running if running.since is not None]
    return WorkerFacts(
        name=one.name,
        versions=one.versions,
        old=one.old,
        version=one.session.info.version,
        ahead=max(0.0, max((since - now for since in begun), default=0) / SECOND),
        problems=one.session.report.problems,
        keys=_keys(one.session),
    )


def _keys(session: SessionRecord) -> tuple[str, ...] | None:
    """Fingerprints of the keys of its executors; None where none says."""
    said = [found for one in session.report.executors if isinstance(found := one.get("keys"), (list, tuple))]
    return tuple(dict.fromkeys(str(key) for found in said for key in found)) if said else None


def encrypted(runtime: Runtime) -> list[str]:
    """Classes and queues that should be encrypted."""
    names = [name for name in runtime.registry.names() if (cls := runtime.registry.find(name)) and issubclass(cls, ShouldBeEncrypted)]
    return [*names, *(f"the queue {name}" for name, said in runtime.routing.queues().items() if said.sealed)]


def _file(runtime: Runtime, connection: str) -> FileFacts:
    place = sqlite.locate(runtime.url(connection), {"synchronous": runtime.settings.SQLITE_SYNCHRONOUS})
    log = Path(f"{place.path}-wal")
    return FileFacts(
        journal=_journal(place.path),
        synchronous=place.synchronous,
        filesystem=filesystem(place.path),
        free=shutil.disk_usage(Path(place.path).parent).free,
        log=log.stat().st_size if log.exists() else 0,
    )


def _journal(path: str) -> str:
    try:
        with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as connection:
            return str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    except sqlite3.Error:
        return "wal"  # whether it can be read at all is looked at elsewhere


def filesystem(path: str, mounts: str = "/proc/mounts") -> str:
    """The type of the file system a path lies on; empty where this machine does not tell."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found = ("", "")
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 2:
            at = fields[1].replace("\\040", " ")
            if Path(path).is_relative_to(at) and len(at) >= len(found[0]):
                found = (at, fields[2])
    return found[1]
