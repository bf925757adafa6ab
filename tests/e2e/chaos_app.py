"""Jobs of every temper for the storm; each writes when it starts (S) and when it has had its effect (E)."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from horizon import Job, ShouldBeUnique
from tests.e2e.worker_app import create_app as create_app
from tests.e2e.worker_app import note


class Tempered(Job):
    """No crash is one too many here: the storm kills as it likes."""

    backoff = 0.05
    max_tries = 4
    max_crashes = 1000
    timeout = 60

    def handle(self) -> None:
        note("S", self.job_id, time.time())
        self.act()
        note("E", self.job_id, time.time())

    def act(self) -> None:
        """What it does."""


class Quick(Tempered):
    def __init__(self, n: int) -> None:
        self.n = n


class Slow(Tempered):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def act(self) -> None:
        time.sleep(self.seconds)


class Flaky(Tempered):
    """Succeeds at its third try, whatever else happens to it."""

    def act(self) -> None:
        if self.attempts < 3:
            raise ConnectionError("not yet")


class Hopeless(Tempered):
    max_tries = 1

    def act(self) -> None:
        raise ValueError("never")


class Suicidal(Tempered):
    """Kills its process when it starts for the first time."""

    def act(self) -> None:
        if Path(os.environ["EFFECTS"]).read_text().count(f"S {self.job_id} ") == 1:
            os.kill(os.getpid(), signal.SIGKILL)


class Only(Tempered, ShouldBeUnique):
    """One of a key at a time."""

    def __init__(self, key: int, seconds: float) -> None:
        self.key, self.seconds = key, seconds

    def unique_id(self) -> str:
        return str(self.key)

    def act(self) -> None:
        time.sleep(self.seconds)
