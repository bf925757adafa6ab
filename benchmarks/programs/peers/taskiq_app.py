"""The no-op on taskiq with Redis streams."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from taskiq_redis import RedisStreamBroker

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run_async, store

broker = RedisStreamBroker(store())


@broker.task(task_name="noop")
async def noop(text: str, sent_ns: int) -> None:
    """Nothing."""
    mark(sent_ns)


@asynccontextmanager
async def started() -> AsyncIterator[Program]:
    """The broker makes the consumers' group when it starts."""
    await broker.startup()
    yield Program(push=noop.kiq)
    await broker.shutdown()


if __name__ == "__main__":
    run_async(started)
