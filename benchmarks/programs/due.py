"""Jobs for later, and schedules: prints what promoting, an idle tick and many schedules at once take, as JSON.

Run as `python -m benchmarks.programs.due COUNT`; the store comes from HORIZON_URL. Beside wall-clock times stands the processor
time of this process, which says something on a busy machine too.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import median, quantiles

from benchmarks.programs.ours import create_app
from horizon import job
from horizon.backends.base import Backend
from horizon.backends.schedules import ScheduleChange
from horizon.backends.values import PUSH_LIMIT
from horizon.core.clock import DAY, SECOND
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.jobs.codec import encode
from horizon.runtime import Runtime
from horizon.schedule.dispatcher import Dispatcher, Turn
from horizon.schedule.punctual import Punctual
from horizon.timetable import planning
from horizon.timetable.wanted import Wanted

DUE = 1_000
IDLE_TICKS = 200
SCHEDULES = 200
AHEAD = 1.5
"""Seconds until what is to be due together is due."""


@job(name="benchmarks-nothing")
def nothing() -> None:
    """Dispatched by schedules."""


def fill(backend: Backend, count: int) -> None:
    """Jobs that come some day of the next thirty, the first one tomorrow."""
    draw, payload = random.Random(7), encode({"to": "x" * 60})
    for start in range(0, count, PUSH_LIMIT):
        delays = [DAY + draw.randrange(30 * DAY) for _ in range(min(PUSH_LIMIT, count - start))]
        backend.push([Envelope(id=uuid7(), name="shop:Later", queue="later", payload=payload, delay=delay) for delay in delays])
    while (ticked := backend.tick()).more or ticked.folded:
        pass


def promote(backend: Backend) -> dict[str, float]:
    """A thousand jobs have become due at the same moment."""
    payload = encode({})
    backend.push([Envelope(id=uuid7(), name="shop:Due", queue="due", payload=payload, delay=round(AHEAD * SECOND)) for _ in range(DUE)])
    time.sleep(AHEAD + 0.1)
    wall, cpu, promoted, ticks = time.perf_counter(), time.process_time(), 0, 0
    while promoted < DUE:
        promoted += backend.tick().promoted
        ticks += 1
    return {"promote_s": time.perf_counter() - wall, "promote_cpu_s": time.process_time() - cpu, "promote_ticks": ticks}


def idle(backend: Backend) -> dict[str, float]:
    """Nothing is to be done."""
    while (ticked := backend.tick()).more or ticked.folded or ticked.promoted:
        pass
    took, cpu = [], time.process_time()
    for _ in range(IDLE_TICKS):
        wall = time.perf_counter()
        backend.tick()
        took.append((time.perf_counter() - wall) * 1000)
    return {"idle_ms": median(took), "idle_cpu_ms": (time.process_time() - cpu) / IDLE_TICKS * 1000}


def schedules(runtime: Runtime) -> dict[str, float]:
    """Two hundred schedules due at the same moment: how late each job was pushed."""
    backend, late = runtime.backend(), []
    due = backend.now() + round(AHEAD * SECOND)
    made = planning.settle(Wanted(target="benchmarks-nothing", when="every 1h"), runtime)
    changes = [
        ScheduleChange(name=f"s{at}", version=0, schedule=replace(made, name=f"s{at}", due_at=due, next_at=due)) for at in range(SCHEDULES)
    ]
    backend.schedules.write(changes)
    genuine = Dispatcher._push

    def pushing(self: Dispatcher, turns: Sequence[Turn], now: int) -> None:
        genuine(self, turns, now)
        late.extend([(backend.now() - due) / 1000] * len(turns))

    Dispatcher._push = pushing  # type: ignore[method-assign]
    punctual = Punctual(runtime, lambda: 1)
    punctual.look(1)  # what is done once a term
    cpu = time.process_time()
    punctual.start()
    while len(late) < SCHEDULES and backend.now() < due + 30 * SECOND:
        time.sleep(0.02)
    punctual.stop()
    return {"schedule_p95_ms": quantiles(late, n=20)[-1], "schedules": len(late), "schedule_cpu_ms": (time.process_time() - cpu) * 1000}


def main() -> None:
    """All of it, one after the other."""
    runtime = create_app().extensions["horizon"].runtime
    fill(runtime.backend(), int(sys.argv[1]))
    print(json.dumps({**promote(runtime.backend()), **idle(runtime.backend()), **schedules(runtime)}))


if __name__ == "__main__":
    main()
