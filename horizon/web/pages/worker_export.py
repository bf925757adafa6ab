"""The list of workers as a file."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from horizon.web.api import workers as api
from horizon.web.lists import WORKERS
from horizon.web.pages import listing, worker_list
from horizon.web.state import state_of

COLUMNS = (
    "id", "connection", "host", "pid", "state", "queues", "processes", "concurrency", "busy", "jobs_done", "memory_mb", "cpu_percent", "silent",
    "code_version", "old_code", "version", "started_at", "seen_at",
)  # fmt: skip


def take_away() -> Response:
    """GET /export/workers: the living ones that the filters name, as a file; `format` is `csv` or `json`. Raises InvalidFilter."""
    living = [worker for worker in worker_list.read(state_of(), 0) if worker.session.alive]
    silent = {one.session.info.id: one.kind for one in state_of().stats.overview().quiet}
    return listing.taken("workers", COLUMNS, [api.shown(one, silent.get(one.id)) for one in WORKERS.understand(request.args).of(living)])
