"""The same no-op on huey, in an environment of its own. Run as `python huey_app.py enqueue N`, or by huey's consumer."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from huey import SqliteHuey

from benchmarks.programs.marks import mark

huey = SqliteHuey(filename=os.environ["BENCH_DATABASE"])


@huey.task()
def noop(text: str, sent_ns: int = 0) -> None:
    """Nothing."""
    mark(sent_ns)


def enqueue(count: int) -> float:
    """Jobs per second, one by one."""
    started = time.monotonic()
    for _ in range(count):
        noop("x" * 200)
    return count / (time.monotonic() - started)


if __name__ == "__main__":
    import huey_app  # under the name by which the consumer knows its tasks

    print(huey_app.enqueue(int(sys.argv[2])))
