"""A place for end-to-end tests of workers: a fresh store, a file of effects, and real processes, which do not outlive the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from horizon.core.query import JobQuery
from horizon.core.record import Record
from tests.e2e import worker_app
from tests.stores.lending import fresh
from tests.waiting import until

PATIENCE = 60.0
"""Seconds to wait for something that takes a moment on a machine with nothing else to do."""
ROOT = Path(__file__).resolve().parents[2]


class Worker:
    """One `horizon work`: its guardian's process."""

    def __init__(self, process: subprocess.Popen[bytes], screen: Path) -> None:
        self.process, self._screen = process, screen
        self.pid = process.pid

    @property
    def said(self) -> str:
        return self._screen.read_text()

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def executors(self) -> list[int]:
        """Process ids of its living executors: a process that loads the app for the guardian is none."""
        try:
            children = [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except FileNotFoundError:
            return []
        return [pid for pid in children if alive(pid) and is_executor(pid)]

    def ended(self) -> int:
        """Its exit code, once it has ended."""
        return self.process.wait(PATIENCE)


def is_executor(pid: int) -> bool:
    """Whether this process was started as one."""
    try:
        return b"horizon.cli.executor" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


class Site:
    """Everything one test, or one module of tests, plays with."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.effects_file = folder / "effects"
        self.effects_file.touch()
        url = settings.pop("URL", None) or fresh("sqlite")
        names = {f"HORIZON_{name}": str(value) for name, value in settings.items()}
        self.environ = {"HORIZON_URL": str(url), "EFFECTS": str(self.effects_file), **names}
        self.app = self._app()
        self.backend = self.app.extensions["horizon"].runtime.backend()
        self._workers: list[Worker] = []

    def _app(self) -> Flask:
        app = Flask("tests.e2e.worker_site")
        app.config.update(SECRET_KEY="tests only", HORIZON_URL=self.environ["HORIZON_URL"])
        worker_app.Horizon(app)
        return app

    # jobs ------------------------------------------------------------------------------------------

    def push(self, one: object, *args: object) -> str:
        """Dispatch one job; its id."""
        with self.app.app_context():
            return str(one.dispatch(*args))  # type: ignore[attr-defined]

    def push_many(self, one: object, rows: list[tuple[object, ...]]) -> list[str]:
        with self.app.app_context():
            return [str(id) for id in one.dispatch_many(rows)]  # type: ignore[attr-defined]

    def job(self, id: str) -> Record:
        record = self.backend.get(id)
        assert record is not None, f"job {id} is gone"
        return record

    def wait(self, id: str, *states: str) -> Record:
        """The job, once it is in one of these states (default: any terminal one)."""

        def there() -> Record | None:
            record = self.job(id)
            return record if (record.state in states if states else record.state.terminal) else None

        found = soon(there)
        assert isinstance(found, Record)
        return found

    def all(self) -> list[Record]:
        """Every job."""
        records, cursor = [], None
        while True:
            page = self.backend.find(JobQuery(limit=200, cursor=cursor))
            records += page.items
            cursor = page.next
            if cursor is None:
                return records

    # effects ---------------------------------------------------------------------------------------

    def effects(self, word: str) -> list[list[str]]:
        """The rest of every line that begins with this word."""
        lines = (line.split() for line in self.effects_file.read_text().splitlines())
        return [words[1:] for words in lines if words and words[0] == word]

    def let_go(self, key: str) -> None:
        Path(f"{self.effects_file}.{key}").touch()

    # workers ---------------------------------------------------------------------------------------

    def work(self, *flags: str, app: str = "tests.e2e.worker_app:create_app", screen: int | None = None, **environ: str) -> Worker:
        """Start a worker, in a process group of its own, as a shell would; its screen is a file, unless a descriptor is given."""
        said = self.folder / f"screen-{len(self._workers)}"
        with said.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "horizon.worker.guardian", "--app", app, *flags],
                cwd=ROOT,
                env={**os.environ, **self.environ, **environ},
                stdout=file if screen is None else screen,
                stderr=file if screen is None else screen,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        worker = Worker(process, said)
        self._workers.append(worker)
        return worker

    def ready(self, worker: Worker, count: int = 1) -> Worker:
        """The worker, once so many of its executors can run jobs."""

        def there() -> bool:
            assert worker.process.poll() is None, worker.said
            sessions = [s for s in self.backend.sessions.list(kind="worker") if s.info.pid == worker.pid]
            return bool(sessions) and sum(e["phase"] == "ready" for e in sessions[0].report.executors) >= count

        soon(there)
        return worker

    def close(self) -> None:
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGCONT)
                worker.process.kill()
                worker.process.wait()
        self.app.extensions["horizon"].runtime.close()


def soon(true: Callable[[], object]) -> object:
    """`until`, with the patience that real processes need on a busy machine."""
    return until(true, PATIENCE)


def alive(pid: int) -> bool:
    """Whether this process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def site(folder: Path, **settings: object) -> Iterator[Site]:
    """A site whose processes are gone at the end."""
    made = Site(folder, **settings)
    try:
        yield made
    finally:
        made.close()
