"""The job of the bare programs: a name and arguments in JSON, decoded, looked up, called and timed, as any queue has to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable

from benchmarks.programs.marks import mark


def noop(text: str, sent_ns: int) -> None:
    """Nothing."""
    mark(sent_ns)


HANDLERS = {"noop": noop}


def encode(text: str, sent_ns: int = 0) -> str:
    """The payload of one job."""
    return json.dumps({"name": "noop", "args": [text, sent_ns]})


def perform(payloads: Iterable[bytes]) -> tuple[int, int]:
    """Run these jobs: (how many, microseconds of all of them together)."""
    count = spent = 0
    for payload in payloads:
        job = json.loads(payload)
        started = time.perf_counter_ns()
        HANDLERS[job["name"]](*job["args"])
        spent += time.perf_counter_ns() - started
        count += 1
    return count, spent // 1000
