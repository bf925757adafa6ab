"""Workers: by host, with their executors and what every slot runs; and one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.backends.together.members import Members
from horizon.backends.values import SessionRecord
from horizon.core.clock import DAY, Micros
from horizon.core.errors import NotFound
from horizon.core.record import Record
from horizon.monitor import workers
from horizon.monitor.workers import Worker
from horizon.web import render
from horizon.web.pages import frame
from horizon.web.pages.workers import code_of, names
from horizon.web.state import State, state_of

GONE_SINCE = DAY
"""How long workers that ended are listed; each keeps a page of its own until `HORIZON_KEEP_SESSIONS` is over."""
PAGE = 12
"""Workers on one page, where they are small."""
WEIGHT = 96
"""Lines on one page, about 300 bytes each: it stays below 40 kB. A worker takes six, each executor and each job one more."""
EXECUTORS, ALONE = 12, 20
"""Executors shown of one worker in the list, and on a page of its own."""
RUNS = 4
"""Jobs shown of one executor."""
GONE = 15
LOOKS = {
    "running": "s-completed", "starting": "s-processing", "paused": "s-retrying", "draining": "s-scheduled", "lost": "s-failed",
    "ended": "s-cancelled",
}  # fmt: skip
"""The colour of each state."""


def show() -> Response:
    """GET /workers"""
    standing = frame.standing()
    now, found = standing["figures"].at, read(state_of(), GONE_SINCE)
    living = [worker for worker in found if worker.session.alive]
    gone = sorted((worker for worker in found if not worker.session.alive), key=lambda worker: -(worker.ended_at or 0))
    shown, next_ = _page(living, request.args.get("cursor", ""))
    return render.page(
        "workers/page.html", at=now, hosts=workers.hosts(shown), living=living, gone=gone[:GONE], more_gone=len(gone[GONE:]),
        next_cursor=next_, jobs=jobs_of(shown), most=EXECUTORS, **_words(now), **standing,
    )  # fmt: skip


def show_one(id: str) -> Response:
    """GET /workers/ID"""
    standing = frame.standing()
    worker = next((worker for worker in read(state_of(), None) if worker.id == id), None)
    if worker is None:
        raise NotFound(f"there is no worker {id[:40]!r}; it may have ended longer ago than workers are remembered (HORIZON_KEEP_SESSIONS)")
    now = standing["figures"].at
    return render.page("workers/one.html", at=now, worker=worker, jobs=jobs_of([worker]), most=ALONE, **_words(now), **standing)


def read(state: State, gone_for: Micros | None) -> list[Worker]:
    """Every worker on every connection that answers, with those that ended within that time; None: all that are known."""

    def known(store: Backend) -> Sequence[SessionRecord]:
        return store.sessions.list(kind="worker", dead_since=0 if gone_for is None else store.now() - gone_for)

    found = [(name, session) for name, sessions in Members(frame.stores()).all(known).items() for session in sessions]
    return workers.workers(found, code_of(state))


def jobs_of(shown: Iterable[Worker]) -> dict[str, Record]:
    """The jobs that run on these, by id."""
    wanted: dict[str, list[str]] = {}
    for worker in shown:
        if worker.session.alive:
            wanted.setdefault(worker.connection, []).extend(run.job for executor in worker.executors for run in executor.running)
    stores, found = frame.stores(), {}
    for connection, ids in wanted.items():
        found.update(names(stores.backend(connection), ids))
    return found


def _page(living: list[Worker], cursor: str) -> tuple[list[Worker], str | None]:
    """The workers that follow the one with this id (or the first ones), and the cursor of the next page."""
    start = next((index + 1 for index, worker in enumerate(living) if worker.id == cursor), 0)
    shown: list[Worker] = []
    lines = 0
    for worker in living[start : start + PAGE]:
        lines += _lines(worker)
        if shown and lines > WEIGHT:
            break
        shown.append(worker)
    return shown, shown[-1].id if len(living) > start + len(shown) else None


def _lines(worker: Worker) -> int:
    """What it takes of a page."""
    return 6 + sum(1 + min(len(executor.running), RUNS) for executor in worker.executors[:EXECUTORS])


def _words(now: Micros) -> Mapping[str, Any]:
    return {"looks": LOOKS, "now": now, "buttons": buttons, "most_runs": RUNS}


def buttons(worker: Worker) -> tuple[tuple[str, str, str], ...]:
    """(verb, label, icon) of what a worker in its state can be asked."""
    restart, stop = ("restart", "Restart", "retry"), ("stop", "Stop", "cancel")
    if worker.state == "paused":
        return (("resume", "Resume", "play"), restart, stop)
    if worker.state in ("running", "starting"):
        return (("pause", "Pause", "pause"), restart, stop)
    return ()
