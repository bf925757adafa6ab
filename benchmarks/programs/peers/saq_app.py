"""The no-op on saq."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from saq import Queue

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run_async, store

queue = Queue.from_url(store())


async def noop(_context: Any, *, text: str, sent_ns: int) -> None:
    """Nothing."""
    mark(sent_ns)


settings = {"queue": queue, "functions": [noop], "concurrency": 10}


@asynccontextmanager
async def started() -> AsyncIterator[Program]:
    """One job a push."""
    await queue.connect()

    async def push(text: str, sent_ns: int) -> None:
        await queue.enqueue("noop", text=text, sent_ns=sent_ns)

    yield Program(push=push)
    await queue.disconnect()


if __name__ == "__main__":
    run_async(started)
