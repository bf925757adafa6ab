"""What a guardian tells an executor once, as one line of JSON over their pipe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Orders:
    """The part one executor plays in its worker."""

    session: str
    number: int
    """Of this executor in its session; never used twice."""
    worker: str
    """Name of the worker, for people."""
    guardian: int
    """Process id of the guardian."""
    queues: tuple[str, ...] = ()
    fair: bool = False
    concurrency: int = 1
    reserve: tuple[int, ...] = ()
    """Floors of the slots that are kept for urgent jobs, the highest first."""
    timeout: float | None = None
    """Seconds; for jobs that say nothing themselves. None: the app's setting."""
    tries: int | None = None
    sleep: float = 1.0
    """Longest wait between two questions for work, seconds."""
    memory: int = 0
    """MB; 0: no limit."""
    place: int = 0
    """Of this executor among those of the worker; a successor has the same."""
    max_jobs: int = 0
    """Jobs that all executors together may start; 0: no limit."""
    once: bool = False
    stop_when_empty: bool = False
    verbose: bool = False
    connection: str | None = None
    """Whose jobs to run; None: the default one's."""

    def encode(self) -> bytes:
        """One line."""
        return json.dumps(asdict(self)).encode() + b"\n"


def decode(line: bytes) -> Orders:
    """The orders written by `encode`."""
    values = json.loads(line)
    return Orders(**{**values, "queues": tuple(values["queues"]), "reserve": tuple(values["reserve"])})
