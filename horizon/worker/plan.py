"""What one worker is going to be: flags over settings, decided once."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from horizon.worker import reserve
from horizon.worker.judge import Limits
from horizon.worker.options import Options
from horizon.worker.orders import Orders
from horizon.worker.told import Told


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The worker as planned."""

    app: str | None
    worker: str
    """Its name, for people: host and process id."""
    options: Options
    queues: tuple[str, ...]
    fair: bool
    processes: int
    most_processes: int
    """As many as people may set it to while it runs."""
    concurrency: int
    reserve: tuple[int, ...]
    """Floors of the slots that are kept for urgent jobs."""
    memory: int
    limits: Limits
    store: Mapping[str, object]
    """What the guardian's own connection is opened with."""
    code_version: str | None
    connection: str | None
    """The one it works for; None: the default one."""
    problems: tuple[str, ...]

    @property
    def finite(self) -> bool:
        """Whether it is meant to end by itself."""
        asked = self.options
        return asked.once or asked.stop_when_empty or bool(asked.max_jobs or asked.max_time)

    @property
    def max_jobs(self) -> int:
        """Jobs after which it ends; 0: no limit."""
        return 1 if self.options.once else self.options.max_jobs

    @property
    def limited(self) -> Mapping[str, object]:
        """What it was started with that limits it, for people: numbers, seconds and MB; what does not limit is left out."""
        asked = self.options
        said = {
            "reserve": list(self.reserve), "max_jobs": self.max_jobs, "max_time": asked.max_time, "timeout": asked.timeout, "tries": asked.tries,
            "memory": self.memory, "stop_when_empty": asked.stop_when_empty,
        }  # fmt: skip
        return {**{name: value for name, value in said.items() if value}, "max_processes": self.most_processes}

    def orders(self, session: str, number: int, place: int) -> Orders:
        """The part of one executor."""
        asked = self.options
        return Orders(
            session=session,
            number=number,
            worker=self.worker,
            guardian=os.getpid(),
            queues=self.queues,
            fair=self.fair,
            concurrency=self.concurrency,
            reserve=reserve.dealt(self.reserve, place, self.processes),
            timeout=asked.timeout,
            tries=asked.tries,
            sleep=asked.sleep,
            memory=self.memory,
            place=place,
            max_jobs=self.max_jobs,
            once=asked.once,
            stop_when_empty=asked.stop_when_empty,
            verbose=asked.verbose,
            connection=self.connection,
        )


def _most(options: Options, processes: int) -> int:
    """One that ends by itself when its jobs are done counts by its executors: it never gets more than it began with."""
    if options.once or options.stop_when_empty or options.max_jobs:
        return processes
    return max(processes, options.max_processes or 2 * (os.cpu_count() or 1))


def plan(options: Options, told: Told) -> Plan:
    """Flags where they were given, settings otherwise; `--once` needs no more than one slot. Raises InvalidOption."""
    processes = 1 if options.once else options.processes or int(told.number("processes"))
    concurrency = 1 if options.once else options.concurrency or int(told.number("concurrency"))
    floors = () if options.once else options.reserve
    reserve.check(floors, processes * concurrency)
    lease = told.number("lease")
    patience = min(told.number("busy_timeout"), max(0.2, lease / 15))
    version = told.values.get("code_version")
    return Plan(
        app=options.app,
        worker=f"{socket.gethostname()}:{os.getpid()}",
        options=options,
        queues=options.queues,
        fair=options.fair,
        processes=processes,
        most_processes=_most(options, processes),
        concurrency=concurrency,
        reserve=floors,
        memory=int(told.number("memory")) if options.memory is None else options.memory,
        limits=Limits(
            lease=lease,
            grace=told.number("grace"),
            cancel_grace=told.number("cancel_grace"),
            boot_timeout=told.number("boot_timeout"),
        ),
        # a guardian that waits long for a lock would be late for everything else it looks after
        store={**told.values, "busy_timeout": patience},
        code_version=None if version is None else str(version),
        connection=options.connection,
        problems=told.problems,
    )
