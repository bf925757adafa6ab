"""What a long run of tests spends on nothing: searches for garbage among what stays, and folders on a disk that must be flushed.

Tests that are about a disk start servers that are `durable`, which keep their folders where they are.
"""

from __future__ import annotations

import gc
import os

import pytest

from tests.servers.server import quick_folder

SELDOM = (10_000, 10, 5)
"""Objects more than went, then rounds, until the collector looks: each of thousands of apps brings so many that it would look all the time."""


def pytest_configure(config: pytest.Config) -> None:
    """`tmp_path` lies in memory where there is plenty: SQLite flushes at every commit."""
    gc.set_threshold(*SELDOM)
    if folder := quick_folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests and all modules stay until the end: the collector need not look at them again and again."""
    leave_alone_what_stays()


def leave_alone_what_stays() -> None:
    """For the tests after this one too, where one has thawed everything."""
    gc.collect()
    gc.freeze()
