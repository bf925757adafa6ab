"""How each measured system is filled and drained: a folder of its own, real processes, everything stopped at the end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import children, rate, until
from benchmarks.programs import marks

ROOT = Path(__file__).resolve().parents[1]
TEXT = "x" * 200


@contextlib.contextmanager
def process(argv: list[str], env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child of ours, ended by its process id at the latest when the block ends."""
    with log.open("ab") as out:
        child = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            yield child
        finally:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                try:
                    child.wait(15)
                except subprocess.TimeoutExpired:
                    for pid in [*children(child.pid), child.pid]:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                    child.wait()


@dataclass
class Ours:
    """Horizon, the worker as a user starts it."""

    folder: Path
    synchronous: str = "FULL"
    label: str = "horizon"
    env: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.marks = self.folder / "marks"
        self.env = {
            "HORIZON_URL": f"sqlite:///{self.folder}/horizon.db",
            "HORIZON_SQLITE_SYNCHRONOUS": self.synchronous,
            "HORIZON_KEEP_COMPLETED_JOBS": "10000000",
            marks.ENV: str(self.marks),
            "PYTHONPATH": str(ROOT),
        }
        os.environ.update(self.env)
        from benchmarks.programs.ours import NoOp, create_app

        self.app, self.job = create_app(), NoOp

    def enqueue_one(self, count: int) -> float:
        """Jobs per second, each dispatch its own transaction."""
        with self.app.app_context():
            self.job.dispatch(TEXT)
            started = time.monotonic()
            for _ in range(count):
                self.job.dispatch(TEXT)
        return count / (time.monotonic() - started)

    def enqueue_many(self, count: int, group: int = 500) -> float:
        """Jobs per second through `dispatch_many`."""
        with self.app.app_context():
            self.job.dispatch(TEXT)
            started = time.monotonic()
            for start in range(0, count, group):
                self.job.dispatch_many([(TEXT,)] * min(group, count - start))
        return count / (time.monotonic() - started)

    def worker(self, *more: str) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
        """`horizon work` with one executor of one slot."""
        argv = [sys.executable, "-m", "horizon.cli.main", "--app", "benchmarks.programs.ours:create_app", "work", *more]
        return process(argv, self.env, self.folder / "worker.log")

    def drain(self, count: int) -> float:
        """Jobs per second of one worker that meets `count` stored jobs."""
        self.marks.unlink(missing_ok=True)
        with self.worker("--stop-when-empty") as child:
            until(lambda: child.poll() is not None, 60 + count / 500, f"the worker to finish (see {self.folder}/worker.log)")
        return rate([started for started, _ in marks.read(self.marks)][-count:])


@dataclass
class Bare:
    """The bare program."""

    folder: Path
    synchronous: str = "FULL"

    def __post_init__(self) -> None:
        from benchmarks.programs import bare

        self.folder.mkdir(parents=True, exist_ok=True)
        self.path, self.marks = self.folder / "bare.db", self.folder / "marks"
        self.engine = bare.engine(str(self.path), self.synchronous)
        bare.meta.create_all(self.engine)

    def enqueue_one(self, count: int) -> float:
        """Jobs per second, each insert its own transaction."""
        from benchmarks.programs import bare

        bare.enqueue_one(self.engine, TEXT.encode(), 1)
        started = time.monotonic()
        bare.enqueue_one(self.engine, TEXT.encode(), count)
        return count / (time.monotonic() - started)

    def enqueue_many(self, count: int) -> float:
        """Jobs per second, 500 to a transaction."""
        from benchmarks.programs import bare

        bare.enqueue_one(self.engine, TEXT.encode(), 1)
        started = time.monotonic()
        bare.enqueue_many(self.engine, TEXT.encode(), count)
        return count / (time.monotonic() - started)

    def drain(self, count: int) -> float:
        """Jobs per second of one process."""
        self.marks.unlink(missing_ok=True)
        argv = [sys.executable, "-m", "benchmarks.programs.bare", str(self.path), self.synchronous]
        with process(argv, {marks.ENV: str(self.marks), "PYTHONPATH": str(ROOT)}, self.folder / "worker.log") as child:
            until(lambda: child.poll() is not None, 60 + count / 500, "the bare program to finish")
        return rate([started for started, _ in marks.read(self.marks)][-count:])


@dataclass
class Huey:
    """huey 3.5 on SQLite with one worker process, as its documentation starts it."""

    folder: Path
    python: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.marks = self.folder / "marks"
        self.env = {
            "BENCH_DATABASE": str(self.folder / "huey.db"),
            marks.ENV: str(self.marks),
            "PYTHONPATH": f"{ROOT}:{ROOT}/benchmarks/programs",
        }
        self.program = str(ROOT / "benchmarks/programs/huey_app.py")

    def enqueue_one(self, count: int) -> float:
        """Jobs per second, one by one."""
        done = subprocess.run(
            [str(self.python), self.program, "enqueue", str(count)],
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            check=True,
        )
        return float(done.stdout)

    def drain(self, count: int) -> float:
        """Jobs per second of one worker that meets `count` stored jobs."""
        self.marks.unlink(missing_ok=True)
        argv = [str(self.python), str(self.python.parent / "huey_consumer"), "huey_app.huey", "-w", "1", "-k", "process", "-q"]
        with process(argv, self.env, self.folder / "worker.log"):
            until(lambda: len(marks.read(self.marks)) >= count, 60 + count / 300, f"huey to finish (see {self.folder}/worker.log)")
        return rate([started for started, _ in marks.read(self.marks)])
