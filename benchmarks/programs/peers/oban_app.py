"""The no-op on oban for Python. `work N` runs a worker of N jobs at a time."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from oban import Oban, worker
from oban.schema import install
from psycopg_pool import AsyncConnectionPool

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run_async, store


@worker(queue="default")
class NoOp:
    """Nothing."""

    async def process(self, job: Any) -> None:
        """Nothing."""
        mark(job.args["sent_ns"])


@asynccontextmanager
async def started() -> AsyncIterator[Program]:
    """A client over a pool."""
    async with AsyncConnectionPool(store(), min_size=1, max_size=4, open=False) as pool:
        oban = Oban(pool=pool)

        async def push(text: str, sent_ns: int) -> None:
            await NoOp.enqueue({"text": text, "sent_ns": sent_ns})

        async def push_many(texts: list[str]) -> None:
            await oban.enqueue_many([NoOp.new({"text": text, "sent_ns": 0}) for text in texts])

        yield Program(push=push, push_many=push_many, prepare=lambda: install(pool))


async def work(limit: int) -> None:
    """Until TERM."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    pool = AsyncConnectionPool(store(), min_size=1, max_size=10, open=False)
    async with pool, Oban(pool=pool, queues={"default": limit}):
        await over.wait()


if __name__ == "__main__":
    from benchmarks.programs.peers import oban_app  # under the name by which the worker knows the job

    if sys.argv[1] == "work":
        asyncio.run(oban_app.work(int(sys.argv[2])))
    else:
        run_async(oban_app.started)
