"""What there is to see of a job while it runs: how long against what is usual, where, with how much memory, and its stack."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import url_for
from werkzeug.wrappers import Response

from horizon.control import stacks
from horizon.control.stacks import StackControl
from horizon.core.clock import Micros
from horizon.core.record import Record
from horizon.core.stack import Stack
from horizon.core.states import JobState
from horizon.monitor import workers
from horizon.monitor.workers import Executor, Worker
from horizon.web import render
from horizon.web.draw import trace
from horizon.web.draw.pace import Pace, pace
from horizon.web.draw.trace import Part
from horizon.web.pages import frame, job_found
from horizon.web.render import Toast
from horizon.web.state import state_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Live:
    """A running job."""

    pace: Pace
    left: Micros | None
    """Until its timeout; below zero where that is over; None where it has none."""
    worker: Worker | None
    """None where it is no longer known: its lease ran out, and the job is on its way back."""
    executor: Executor | None
    slot: int | None
    peak_kb: int
    """Of its class in the past day; 0: not known."""
    stack: Shown | None = None
    may_ask: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A stack that was asked for."""

    stack: Stack
    parts: tuple[Part, ...]
    before: bool = False
    """It was read in an attempt before the present one."""


def live(record: Record, now: Micros) -> Live | None:
    """None where the job does not run."""
    if record.state is not JobState.PROCESSING or record.started_at is None:
        return None
    stores, actor = frame.stores(), frame.actor()
    store = stores.backend(record.connection)
    usual = state_of().usuals.of(store, record.connection, record.name)
    found = next((one for one in store.sessions.list(kind="worker") if one.info.id == record.session), None)
    worker = None if found is None else workers.worker(found, record.connection)
    executor = None if worker is None else _executor(worker, record.id)
    elapsed = now - record.started_at
    return Live(
        pace=pace(elapsed, usual),
        left=None if record.timeout is None else record.timeout - elapsed,
        worker=worker,
        executor=executor,
        slot=None if worker is None else _slot(worker, record.id),
        peak_kb=usual.memory_kb,
        stack=_stack(record) if actor.can(stacks.ABILITY) else None,
        may_ask=actor.can(stacks.ABILITY) and record.session is not None,
    )


def _executor(worker: Worker, id: str) -> Executor | None:
    return next((one for one in worker.executors if any(run.job == id for run in one.running)), None)


def _slot(worker: Worker, id: str) -> int | None:
    """Which of its slots it has, from 1, as its worker reports it."""
    for executor in worker.session.report.executors:
        slots = executor.get("slots")
        for slot in slots if isinstance(slots, (list, tuple)) else ():
            if isinstance(slot, dict) and slot.get("job") == id and isinstance(slot.get("slot"), int):
                return int(slot["slot"]) + 1
    return None


def _stack(record: Record) -> Shown | None:
    found = StackControl(frame.stores()).read(frame.actor(), record)
    if found is None:
        return None
    before = found.at is not None and record.started_at is not None and found.at < record.started_at
    return Shown(stack=replace(found, text=found.text), parts=trace.parts(found.text), before=before)


def ask_stack(id: str) -> Response:
    """POST /jobs/ID/stack"""
    record = job_found.find(frame.store(), id)
    StackControl(state_of().runtime).ask(frame.actor(), record)
    back = url_for("horizon.job", id=id, connection=frame.connection()) + "#stack"
    return render.acted(Toast(text="Asked the worker for the stack; it answers within seconds"), back)
