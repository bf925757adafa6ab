"""The no-op on pgqueuer. `work N` runs a worker with batches of N."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run_async, store


@asynccontextmanager
async def started() -> AsyncIterator[Program]:
    """One connection; the payload is the text and the time."""
    connection = await asyncpg.connect(store())
    queries = Queries(AsyncpgDriver(connection))

    async def push(text: str, sent_ns: int) -> None:
        await queries.enqueue("noop", f"{text} {sent_ns}".encode())

    async def push_many(texts: list[str]) -> None:
        await queries.enqueue(["noop"] * len(texts), [f"{text} 0".encode() for text in texts], [0] * len(texts))

    yield Program(push=push, push_many=push_many, prepare=queries.install)
    await connection.close()


async def work(batch: int) -> None:
    """Until TERM."""
    connection = await asyncpg.connect(store())
    queuer = PgQueuer(AsyncpgDriver(connection))

    @queuer.entrypoint("noop")
    async def noop(job: Job) -> None:
        assert job.payload is not None
        mark(int(job.payload.rsplit(b" ", 1)[1]))

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, queuer.shutdown.set)
    await queuer.run(batch_size=batch)


if __name__ == "__main__":
    if sys.argv[1] == "work":
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work(int(sys.argv[2])))
    else:
        run_async(started)
