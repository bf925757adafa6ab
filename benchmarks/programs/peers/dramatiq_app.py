"""The no-op on dramatiq."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run, store

dramatiq.set_broker(RedisBroker(url=store()))


@dramatiq.actor
def noop(text: str, sent_ns: int) -> None:
    """Nothing."""
    mark(sent_ns)


@contextmanager
def started() -> Iterator[Program]:
    """One message a push."""
    yield Program(push=lambda text, sent_ns: noop.send(text, sent_ns))


if __name__ == "__main__":
    run(started)
