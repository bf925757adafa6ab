"""Workers: who runs jobs, on what, and for how long; and asking them to pause, go on, restart or stop."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.processes import COMMANDS, SCALE, ProcessControl
from horizon.control.verbs import unknown
from horizon.core.clock import iso
from horizon.core.errors import InvalidCursor, InvalidOption, NotFound
from horizon.monitor.workers import Executor, Running, Worker
from horizon.web import filters
from horizon.web.api import answers, worker_rows
from horizon.web.api.body import Body
from horizon.web.api.shapes import Json
from horizon.web.auth import current_actor
from horizon.web.lists import WORKERS
from horizon.web.pages import worker_list
from horizon.web.state import state_of

OF_SCALE = ("processes", "until")
NAMING = ("worker", "names", "filter")
FIELDS = ("action", *NAMING, "connection", *OF_SCALE)
ALL = "all"


def list_workers() -> Response:
    """`GET /api/workers`: living ones by host; with `gone=1` also those that ended in the past day."""
    connection, limit = request.args.get("connection") or None, filters.limit_of(request.args)
    if connection is not None:
        backend_of(state_of().runtime, connection)
    gone = request.args.get("gone", "") not in ("", "0", "false")
    found = [
        worker
        for worker in worker_list.read(state_of(), worker_list.GONE_SINCE)
        if connection in (None, worker.connection) and (gone or worker.session.alive)
    ]
    found = WORKERS.understand(request.args).of(found)
    left = found[_start(found, request.args.get("cursor", "")) :]
    following = left[limit - 1].id if len(left) > limit else None
    silent = {one.session.info.id: one.kind for one in state_of().stats.overview().quiet}
    items = [shown(worker, silent.get(worker.id)) for worker in left[:limit]]
    return answers.unless_same({"items": items, "next": following, "total": len(found), "total_at_least": len(found)})


def show_worker(id: str) -> Response:
    """`GET /api/workers/ID`: one that ended too, as long as it is remembered."""
    worker = next((worker for worker in worker_list.read(state_of(), None) if worker.id == id), None)
    if worker is None:
        raise NotFound(f"there is no worker {id[:80]!r}; `GET /api/workers` lists them")
    silent = next((one.kind for one in state_of().stats.overview().quiet if one.session.info.id == id), None)
    return answers.unless_same(shown(worker, silent))


def control() -> Response:
    """`POST /api/workers/control`: `{"action", "worker"}`, where the worker is an id or `all`; or `names` or a `filter` for several."""
    body = Body.read(FIELDS)
    action, worker = body.text("action"), body.text("worker")
    if action not in (*COMMANDS, SCALE):
        raise unknown(action, [*COMMANDS, SCALE])
    if sum(body.fields.get(field) is not None for field in NAMING) != 1:
        raise InvalidOption(f'{action} needs exactly one of worker (the id of one, or "all"), names (ids) and filter (a search)')
    if action != SCALE and (named := [field for field in OF_SCALE if body.fields.get(field) is not None]):
        raise InvalidOption(f"{action} does not take {' or '.join(named)}")
    if worker is None:
        return worker_rows.act(body, str(action))
    if action == SCALE:
        return _scale(body, worker)
    session = None if worker == ALL else worker
    asked = ProcessControl(state_of().runtime).command(current_actor(), str(action), session=session, connection=body.text("connection"))
    return jsonify({"action": action, "done": asked, "skipped": []})


def _scale(body: Body, worker: str) -> Response:
    """`{"action": "scale", "worker", "processes", "until"}`; null processes: as it was started."""
    if worker == ALL:
        raise InvalidOption("scale needs worker: the id of one; each has bounds of its own")
    until, connection = body.moment("until"), body.text("connection")
    ProcessControl(state_of().runtime).scale(current_actor(), worker, body.integer("processes"), until=until, connection=connection)
    return jsonify({"action": SCALE, "done": 1, "skipped": []})


def _start(found: list[Worker], cursor: str) -> int:
    """Where the page begins that follows the worker of this id. Raises InvalidCursor."""
    if not cursor:
        return 0
    place = next((index for index, worker in enumerate(found) if worker.id == cursor), None)
    if place is None:
        raise InvalidCursor(f"the worker {cursor[:80]!r} is no longer in this list; start from its first page")
    return place + 1


def shown(worker: Worker, silent: str | None) -> Json:
    """One worker as the API shows it."""
    info, report = worker.session.info, worker.session.report
    return {
        "id": worker.id,
        "connection": worker.connection,
        "host": info.host,
        "pid": info.pid,
        "state": worker.state,
        "queues": list(info.queues),
        "fair": info.fair,
        "processes": worker.processes,
        "started_with": info.processes,
        "scaled": _scaled(worker),
        "concurrency": info.concurrency,
        "busy": worker.busy,
        "jobs_done": worker.done,
        "memory_mb": _megabytes(report.memory_kb),
        "cpu_percent": worker.cpu,
        "last": _run(worker.last),
        "recent": [_run(run) for run in worker.lately],
        "silent": silent,
        "limits": dict(report.limits),
        "code_version": info.code_version,
        "old_code": worker.old,
        "version": info.version,
        "started_at": iso(worker.session.started_at),
        "seen_at": iso(worker.session.renewed_at),
        "ended_at": iso(worker.ended_at),
        "problems": list(report.problems),
        "executors": [_executor(executor) for executor in worker.executors],
    }


def _scaled(worker: Worker) -> Json | None:
    found = worker.scaled
    return None if found is None else {"to": found.to, "by": found.by, "until": iso(found.until)}


def _executor(executor: Executor) -> Json:
    return {
        "pid": executor.pid,
        "phase": executor.phase,
        "jobs_done": executor.jobs,
        "memory_mb": _megabytes(executor.memory_kb),
        "cpu_percent": executor.cpu,
        "started_at": iso(executor.started_at),
        "last": _run(executor.last),
        "code_version": executor.code_version,
        "running": [_run(run) for run in executor.running],
    }


def _run(run: Running | None) -> Json | None:
    return None if run is None else {"job": run.job, "since": iso(run.since)}


def _megabytes(kib: int | None) -> float | None:
    return None if kib is None else round(kib / 1024, 1)
