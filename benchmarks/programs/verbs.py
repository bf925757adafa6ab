"""What every measured program can be told on its command line; the answer is one line of JSON on standard output.

    prepare            make what the store needs first
    one N              push N jobs one by one: jobs per second
    many N             push N jobs in groups of 500: jobs per second
    send N SECONDS     push one job every so often, with the time in it: milliseconds that each push took

The store's address is in BENCH_STORE. Standard library only: programs of peers run in environments of their own.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import Any

TEXT = "x" * 200
GROUP = 500


@dataclass(frozen=True, kw_only=True)
class Program:
    """How one system takes jobs: `push(text, sent_ns)` one, `push_many(texts)` a group. Functions or coroutine functions."""

    push: Callable[[str, int], Any]
    push_many: Callable[[list[str]], Any] | None = None
    prepare: Callable[[], Any] | None = None


def store() -> str:
    """The address of the store."""
    return os.environ["BENCH_STORE"]


def run(start: Callable[[], AbstractContextManager[Program]]) -> None:
    """Obey the command line; for programs without an event loop."""
    with start() as program:
        print(json.dumps(_drive(_obey(program, time.sleep))))


def run_async(start: Callable[[], AbstractAsyncContextManager[Program]]) -> None:
    """The same for programs with one."""

    async def obeyed() -> Any:
        async with start() as program:
            return await _obey(program, asyncio.sleep)

    print(json.dumps(asyncio.run(obeyed())))


def _drive(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never waits for anything."""
    try:
        work.send(None)
    except StopIteration as ended:
        return ended.value
    raise RuntimeError("expected a program without an event loop; this one waits for something: use run_async")


async def _obey(program: Program, sleep: Callable[[float], Any]) -> Any:
    verb, *given = sys.argv[1:]
    if verb == "prepare":
        return program.prepare and await _done(program.prepare())
    if verb == "one":
        return await _one(program, int(given[0]))
    if verb == "many":
        return await _many(program, int(given[0]))
    if verb == "send":
        return await _send(program, int(given[0]), float(given[1]), sleep)
    raise SystemExit(f"expected one of prepare, one, many, send; got {verb!r}")


async def _one(program: Program, count: int) -> float:
    waits = inspect.iscoroutinefunction(program.push)
    await _done(program.push(TEXT, 0))  # the first pays for connecting
    started = time.monotonic()
    for _ in range(count):
        made = program.push(TEXT, 0)
        if waits:
            await made
    return count / (time.monotonic() - started)


async def _many(program: Program, count: int) -> float:
    assert program.push_many is not None
    await _done(program.push(TEXT, 0))
    started = time.monotonic()
    for start in range(0, count, GROUP):
        await _done(program.push_many([TEXT] * min(GROUP, count - start)))
    return count / (time.monotonic() - started)


async def _send(program: Program, count: int, every: float, sleep: Callable[[float], Any]) -> list[float]:
    await _done(program.push(TEXT, 0))
    took = []
    for _ in range(count):
        await _done(sleep(every))
        started = time.monotonic_ns()
        await _done(program.push(TEXT, started))
        took.append((time.monotonic_ns() - started) / 1e6)
    return took


async def _done(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result
