"""Workers: by host, with their executors and what every slot runs; and one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.backends.together.members import Members
from horizon.backends.values import SessionRecord
from horizon.core.audit import AuditEntry
from horizon.core.clock import DAY, Micros
from horizon.core.errors import NotFound
from horizon.core.record import Record
from horizon.core.states import MAX_PRIORITY, Priority
from horizon.monitor import asked, workers
from horizon.monitor.figures import Overview
from horizon.monitor.notices import said
from horizon.monitor.workers import Worker
from horizon.web import render
from horizon.web.draw.memory import memory
from horizon.web.lists import WORKERS
from horizon.web.pages import frame, listing, picking, worker_fates
from horizon.web.pages.picking import PickedAct
from horizon.web.pages.workers import code_of, names
from horizon.web.state import State, state_of

GONE_SINCE = DAY
"""How long workers that ended are listed; each keeps a page of its own until `HORIZON_KEEP_SESSIONS` is over."""
PAGE = 12
"""Workers on one page, where they are small."""
WEIGHT = 27_000
"""Bytes that the workers of one page take at the most: it stays below 40 kB."""
A_WORKER, AN_EXECUTOR, A_RUN = 2_000, 700, 240
"""Bytes that each of them takes."""
EXECUTORS, ALONE = 12, 14
"""Executors shown of one worker in the list, and on a page of its own."""
ACTS = (
    PickedAct(verb="pause", label="Pause", one="Pause 1 worker", many="Pause {n} workers"),
    PickedAct(verb="resume", label="Resume", one="Resume 1 worker", many="Resume {n} workers"),
    PickedAct(verb="restart", label="Restart", one="Restart 1 worker", many="Restart {n} workers"),
    PickedAct(verb="stop", label="Stop", one="Stop 1 worker", many="Stop {n} workers", danger=True),
)
RUNS = 4
"""Jobs shown of one executor."""
GONE = 15
LOOKS = {
    "running": "s-completed", "starting": "s-processing", "paused": "s-retrying", "draining": "s-scheduled", "lost": "s-failed",
    "ended": "s-cancelled",
}  # fmt: skip
"""The colour of each state."""
LIMITS = (
    ("max_jobs", "--max-jobs", "ends after {:,} jobs"), ("max_time", "--max-time", "ends after {:g} s"), ("timeout", "--timeout", "{:g} s for jobs that say nothing"),
    ("tries", "--tries", "{:,} for jobs that say nothing"), ("memory", "--memory", "a process beyond {:,} MB is replaced"),
    ("stop_when_empty", "--stop-when-empty", "ends once nothing waits"),
)  # fmt: skip
"""Per limit of a worker its flag, and what it means."""


def show() -> Response:
    """GET /workers"""
    standing = frame.standing()
    now, found = standing["figures"].at, read(state_of(), GONE_SINCE)
    living = [worker for worker in found if worker.session.alive]
    gone = sorted((worker for worker in found if not worker.session.alive), key=lambda worker: -(worker.ended_at or 0))
    fit, around = listing.narrowed(WORKERS, living)
    shown, next_ = _page(fit, request.args.get("cursor", ""))
    told = gone[:GONE]
    return render.page(
        "workers/page.html", at=now, hosts=workers.hosts(shown), living=living, fit=len(fit), rows_named=picking.joined([one.id for one in _in_order(shown)]),
        acts=acts_for(fit), gone=told, more_gone=len(gone[GONE:]),
        next_cursor=next_, jobs=jobs_of(shown), unheard=unheard(shown), most=EXECUTORS, on_host=Counter(worker.session.info.host for worker in living),
        fates=worker_fates.fates(told, worker_fates.jobs(told)), **_words(standing["figures"]), **around, **standing,
    )  # fmt: skip


def _in_order(shown: list[Worker]) -> list[Worker]:
    """As the page has them, host by host."""
    return [worker for host in workers.hosts(shown) for worker in host.workers]


def acts_for(living: Sequence[Worker]) -> list[PickedAct]:
    """What any of these can be asked."""
    known = {verb for worker in living for verb, _, _ in buttons(worker)}
    return [act for act in ACTS if act.verb in known]


def show_one(id: str) -> Response:
    """GET /workers/ID"""
    standing = frame.standing()
    worker = next((worker for worker in read(state_of(), None) if worker.id == id), None)
    if worker is None:
        raise NotFound(f"there is no worker {id[:40]!r}; it may have ended longer ago than workers are remembered (HORIZON_KEEP_SESSIONS)")
    held = worker_fates.jobs_held(worker) if worker.state == workers.LOST else []
    return render.page(
        "workers/one.html", at=standing["figures"].at, worker=worker, unheard=unheard([worker]), jobs={**jobs_of([worker]), **worker_fates.jobs([worker]), **worker_fates.lately(worker)}, held=held,
        most=ALONE, most_held=worker_fates.SHOWN, **_words(standing["figures"]), **standing,
    )  # fmt: skip


def read(state: State, gone_for: Micros | None) -> list[Worker]:
    """Every worker on every connection that answers, with those that ended within that time; None: all that are known."""

    def known(store: Backend) -> Sequence[SessionRecord]:
        return store.sessions.list(kind="worker", dead_since=0 if gone_for is None else store.now() - gone_for)

    found = [(name, session) for name, sessions in Members(frame.stores()).all(known).items() for session in sessions]
    return workers.workers(found, code_of(state))


def jobs_of(shown: Iterable[Worker]) -> dict[str, Record]:
    """The jobs that run on these, and those that they began last, by id."""
    wanted: dict[str, list[str]] = {}
    for worker in shown:
        if worker.session.alive:
            ids = wanted.setdefault(worker.connection, [])
            ids += [run.job for executor in worker.executors for run in executor.running]
            ids += [worker.last.job] if worker.last else []
    stores, found = frame.stores(), {}
    for connection, ids in wanted.items():
        found.update(names(stores.backend(connection), ids))
    return found


def unheard(shown: Iterable[Worker]) -> dict[str, AuditEntry]:
    """What was asked of these and waits for their next heartbeat, by id."""
    living = [worker for worker in shown if worker.session.alive]
    after = asked.since(living)
    if after is None:
        return {}
    names = {worker.connection for worker in living}
    return asked.unheard(living, Members(frame.stores()).all(lambda store: asked.entries(store.audit, after), names))


def _page(living: list[Worker], cursor: str) -> tuple[list[Worker], str | None]:
    """The workers that follow the one with this id (or the first ones), and the cursor of the next page."""
    start = next((index + 1 for index, worker in enumerate(living) if worker.id == cursor), 0)
    shown: list[Worker] = []
    weight = 0
    for worker in living[start : start + PAGE]:
        weight += _weight(worker)
        if shown and weight > WEIGHT:
            break
        shown.append(worker)
    return shown, shown[-1].id if len(living) > start + len(shown) else None


def _weight(worker: Worker) -> int:
    """What it takes of a page."""
    return A_WORKER + sum(AN_EXECUTOR + A_RUN * min(len(executor.running), RUNS) for executor in worker.executors[:EXECUTORS])


def _words(figures: Overview) -> Mapping[str, Any]:
    quiet = {one.session.info.id: said(one, figures.at) for one in figures.quiet}
    return {
        "looks": LOOKS, "now": figures.at, "buttons": buttons, "most_runs": RUNS, "quiet": quiet, "memory_line": memory, "limited": limited,
    }  # fmt: skip


def limited(worker: Worker) -> list[tuple[str, str]]:
    """What it was started with that limits it: flag, and what it means, in the order of the help."""
    given = worker.session.report.limits
    floors = Counter(worker.reserve)
    found = [("--reserve", ", ".join(f"{count} for {_level(floor)}" for floor, count in floors.items()))] if floors else []
    return found + [(flag, told.format(given[name])) for name, flag, told in LIMITS if isinstance(given.get(name), (int, float))]


def _level(floor: int) -> str:
    return next((level.name.lower() for level in Priority if level == floor), f"priority {floor}") + (
        " and above" if floor < MAX_PRIORITY else ""
    )


def buttons(worker: Worker) -> tuple[tuple[str, str, str], ...]:
    """(verb, label, icon) of what a worker in its state can be asked."""
    restart, stop = ("restart", "Restart", "retry"), ("stop", "Stop", "cancel")
    if worker.state == "paused":
        return (("resume", "Resume", "play"), restart, stop)
    if worker.state in ("running", "starting"):
        return (("pause", "Pause", "pause"), restart, stop)
    return ()
