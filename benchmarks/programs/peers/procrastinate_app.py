"""The no-op on procrastinate. `work N` runs a worker of N jobs at a time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from procrastinate import App, PsycopgConnector

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run_async, store

app = App(connector=PsycopgConnector(conninfo=store()))


@app.task(name="noop")
async def noop(text: str, sent_ns: int) -> None:
    """Nothing."""
    mark(sent_ns)


@asynccontextmanager
async def started() -> AsyncIterator[Program]:
    """A client over a pool."""
    async with app.open_async():

        async def push(text: str, sent_ns: int) -> None:
            await noop.defer_async(text=text, sent_ns=sent_ns)

        async def push_many(texts: list[str]) -> None:
            await noop.batch_defer_async(*[{"text": text, "sent_ns": 0} for text in texts])

        yield Program(push=push, push_many=push_many, prepare=app.schema_manager.apply_schema_async)


async def work(limit: int) -> None:
    """Until TERM."""
    async with app.open_async():
        await app.run_worker_async(concurrency=limit)


if __name__ == "__main__":
    if sys.argv[1] == "work":
        asyncio.run(work(int(sys.argv[2])))
    else:
        run_async(started)
