"""What is measured, all of it in the same way: a program that pushes, worker processes that drain, marks that tell when."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.environments import python_of
from benchmarks.measure import rate, until
from benchmarks.peers import Peer
from benchmarks.processes import ROOT, Failed, last, process, told
from benchmarks.programs import marks
from benchmarks.stores import Store

OURS = "benchmarks.programs.ours"


@dataclass(frozen=True, kw_only=True)
class System:
    """One thing that takes and runs jobs. `module` obeys `programs/verbs.py`; `worker` is the command of a worker process.

    A command with `{processes}` starts so many by itself, one without is started so many times."""

    name: str
    module: str
    worker: Sequence[str]
    one: int
    many: int
    drain: int
    """How many jobs each measurement takes; `many` 0: no call for that."""
    setting: str = ""
    keeps: str = ""
    python: str = sys.executable
    prepares: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


def ours(name: str = "horizon", *flags: str, one: int, many: int, env: Mapping[str, str] | None = None) -> System:
    """Horizon, the worker as a user starts it."""
    return System(
        name=name,
        module=f"{OURS}_push",
        worker=(sys.executable, "-m", "horizon.cli.main", "--app", f"{OURS}:create_app", "work", "--processes", "{processes}", *flags),
        one=one,
        many=many,
        drain=many,
        setting=" ".join(flags) or "its defaults: one slot a process",
        keeps="killed worker: its jobs run again within 15 s; state, history and figures of each job",
        prepares=True,
        env={"HORIZON_KEEP_COMPLETED_JOBS": "10000000", **(env or {})},
    )


def bare(store: str, name: str = "bare", *, one: int, many: int, env: Mapping[str, str] | None = None) -> System:
    """The least conceivable work on this store."""
    module = f"benchmarks.programs.bare_{store}"
    return System(
        name=name,
        module=module,
        worker=(sys.executable, "-m", module, "drain"),
        one=one,
        many=many,
        drain=many,
        setting="50 at a time",
        keeps="killed worker: its leases run out, nobody looks; state of each job, nothing else",
        env=env or {},
    )


def tracked(*, one: int, many: int) -> System:
    """The least conceivable work on MySQL and MariaDB that keeps the rows and indexes that we keep."""
    module = "benchmarks.programs.tracked_mysql"
    return replace(
        bare("mysql", "tracked", one=one, many=many),
        module=module,
        worker=(sys.executable, "-m", module, "drain"),
        keeps="the rows of Horizon's tables, and no more of what it promises",
        prepares=True,
    )


def peer(of: Peer) -> System:
    """Another queue, in its environment. Raises NotMade."""
    python = python_of(of.pins, of.least)
    return System(
        name=of.name,
        module=of.module,
        worker=[part.replace("{bin}", str(python.parent)) for part in of.worker],
        one=of.one,
        many=of.many,
        drain=of.drain,
        setting=f"{of.pins[0]}, {of.setting}",
        keeps=of.keeps,
        python=str(python),
        prepares=of.prepares,
    )


class Running:
    """A system on an empty database of a store."""

    def __init__(self, system: System, address: str, folder: Path) -> None:
        self.system, self.address, self.folder = system, address, folder
        self.marks = folder / "marks"
        self.pushed = 0
        self.env = {"HORIZON_URL": address, "BENCH_STORE": address, "PYTHONPATH": str(ROOT), marks.ENV: str(self.marks), **system.env}
        if system.prepares:
            self._tell("prepare")

    def one(self, count: int) -> float:
        """Jobs per second, one by one."""
        self.pushed += count + 1
        return float(self._tell("one", count))

    def many(self, count: int) -> float:
        """Jobs per second, 500 at a time."""
        self.pushed += count + 1
        return float(self._tell("many", count))

    def fill(self, count: int) -> None:
        """Have so many jobs waiting, those included that are."""
        missing = count - self.pushed
        if missing > 0:
            self.many(missing) if self.system.many else self.one(missing)

    def send(self, count: int, every: float) -> list[float]:
        """Push a job every so many seconds; the milliseconds that each push took."""
        self.pushed += count + 1
        took: list[float] = json.loads(self._told("send", count, every))
        return took

    def drain(self, processes: int = 1) -> float:
        """Jobs per second of so many worker processes that meet everything pushed so far."""
        with self.workers(processes):
            until(self.drained, 60 + self.pushed / 25, f"{self.system.name} to finish (see {self.folder}/worker.log)")
        self.pushed, seen = 0, [started for started, _ in marks.read(self.marks)]
        self.marks.unlink()
        return rate(seen)

    def started(self) -> int:
        """How many jobs began so far."""
        return os.path.getsize(self.marks) // marks.SIZE if self.marks.exists() else 0

    def drained(self) -> bool:
        """Whether as many jobs began as were pushed."""
        return self.started() >= self.pushed

    @contextlib.contextmanager
    def workers(self, processes: int = 1) -> Iterator[list[subprocess.Popen[bytes]]]:
        """So many worker processes."""
        several = not any("{processes}" in part for part in self.system.worker)
        argv = [part.replace("{processes}", str(processes)).replace("{store}", self.address) for part in self.system.worker]
        with contextlib.ExitStack() as stack:
            log = self.folder / "worker.log"
            yield [stack.enter_context(process(argv, self.env, log)) for _ in range(processes if several else 1)]

    def program(self, module: str, *given: object, seconds: float = 120) -> str:
        """Run another program of ours on the same database."""
        return told([sys.executable, "-m", module, *map(str, given)], self.env, seconds)

    def _tell(self, *words: object) -> str:
        return self._told(*words).strip()

    def _told(self, *words: object) -> str:
        said = told([self.system.python, "-m", self.system.module, *map(str, words)], self.env, 120)
        return said.strip().rpartition("\n")[2]


@contextlib.contextmanager
def running(system: System, store: Store) -> Iterator[Running]:
    """The system on an empty database, which is dropped at the end."""
    address = store.fresh()
    with tempfile.TemporaryDirectory(prefix="horizon-bench-") as folder:
        try:
            yield Running(system, address, Path(folder))
        except (Failed, RuntimeError) as error:
            log = Path(folder) / "worker.log"
            said = last(log.read_text(errors="replace")) if log.exists() else ""
            raise Failed(f"{error}; {said}" if said else str(error)) from error
        finally:
            store.drop(address)
