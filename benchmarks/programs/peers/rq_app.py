"""The no-op on rq."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from rq import Queue

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run, store


def noop(text: str, sent_ns: int) -> None:
    """Nothing."""
    mark(sent_ns)


NAME = "benchmarks.programs.peers.rq_app.noop"


@contextmanager
def started() -> Iterator[Program]:
    """`enqueue`, and `enqueue_many` in one pipeline."""
    queue = Queue(connection=Redis.from_url(store()))
    yield Program(
        push=lambda text, sent_ns: queue.enqueue(NAME, text, sent_ns),
        push_many=lambda texts: queue.enqueue_many([Queue.prepare_data(NAME, (text, 0)) for text in texts]),
    )


if __name__ == "__main__":
    run(started)
