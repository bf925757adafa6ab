"""An app whose jobs are in the middle of something, each in a way of its own."""

from __future__ import annotations

import asyncio
import time

from flask import Flask

from horizon import job
from tests.e2e.worker_app import create_app as create
from tests.e2e.worker_app import note, wait_for


def create_app() -> Flask:
    return create()


@job(timeout=600)
def waits(key: str, password: str = "") -> None:
    note("waits", key)
    in_a_call(key)


def in_a_call(key: str) -> None:
    wait_for(key)


@job(timeout=600)
def computes(key: str) -> int:
    """Never lets go of the interpreter."""
    note("computes", key)
    return in_c_code()


def in_c_code() -> int:
    return sum(range(10**13))


@job(timeout=600)
async def awaits(key: str) -> None:
    note("awaits", key)
    await deeper()


async def deeper() -> None:
    await asyncio.gather(asleep(), asleep())


async def asleep() -> None:
    await asyncio.sleep(600)


@job(timeout=600)
async def blocks(key: str) -> None:
    """Keeps the loop to itself."""
    note("blocks", key)
    time.sleep(600)
