"""The no-op on celery, with acknowledgement after the job, as it is advised where jobs must not be lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run, store

app = Celery("bench", broker=store())
app.conf.update(task_acks_late=True, task_ignore_result=True, broker_connection_retry_on_startup=True)


@app.task(name="noop")
def noop(text: str, sent_ns: int) -> None:
    """Nothing."""
    mark(sent_ns)


@contextmanager
def started() -> Iterator[Program]:
    """One message a push."""
    yield Program(push=lambda text, sent_ns: noop.delay(text, sent_ns))


if __name__ == "__main__":
    run(started)
