"""The tests of a file leave the process as they found it: what they leave behind fails another file, in another order, some day.

Threads that only wait for their end may stay, such as those of an executor, which die with its process; a clockwork may not, for it
goes on keeping house in stores that are lent to others.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import copy_context
from pathlib import Path

import pytest

from horizon.core import current
from horizon.jobs.registry import REGISTRY
from horizon.timetable import wanted

OF_PYTEST = ("PYTEST_CURRENT_TEST", "PYTEST_XDIST_TESTRUNUID")
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGALRM, signal.SIGCHLD, signal.SIGUSR1, signal.SIGUSR2)
PATIENCE = 20.0
"""Seconds within which a thread must be gone that was told to end."""
Found = Mapping[str, object]
FOUND = pytest.StashKey[tuple[Path, Found]]()
CHANGED = pytest.StashKey[dict[str, str]]()


def found() -> Found:
    """What a process has only one of, and who goes on acting in it."""
    root = logging.getLogger()
    return {
        "an exception that is being handled": sys.exc_info()[1],
        "the current folder": os.getcwd(),
        "the root logger": (root.level, root.manager.disable, *(handler for handler in root.handlers if _is_ours(handler))),
        "schedules of the code": tuple(wanted.PROCESS.all()),
        **{f"the environment's {name}": value for name, value in os.environ.items() if name not in OF_PYTEST},
        **{f"the handler of {number.name}": signal.getsignal(number) for number in HANDLED},
        **{f"the context's {word.name}": value for word, value in copy_context().items() if word.name.startswith(("horizon", "flask"))},
        **{f"a clockwork ({one.ident})": True for one in threading.enumerate() if one.name == "APScheduler"},
    }


def _is_ours(handler: logging.Handler) -> bool:
    return not type(handler).__module__.startswith("_pytest")


def differing(before: Found, after: Found) -> set[str]:
    """What is there now and was not, is another one, or is gone; a clockwork may go."""
    return {what for what in {*before, *after} if before.get(what) != after.get(what) and (what in after or "clockwork" not in what)}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    session = item.session
    if FOUND not in session.stash or session.stash[FOUND][0] != item.path:
        session.stash[FOUND] = (item.path, found())
        session.stash[CHANGED] = {}
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    result = yield
    path, before = item.session.stash[FOUND]
    for what in differing(before, found()):
        item.session.stash[CHANGED].setdefault(what, item.name)
    if nextitem is None or nextitem.path != path:
        _check(before, item.session.stash[CHANGED])
    return result


def _check(before: Found, changed: Mapping[str, str]) -> None:
    """After the last test of a file, and all that its fixtures put away. What is on its way to its end may take its time."""
    end = time.monotonic() + PATIENCE
    while (left := differing(before, found())) and time.monotonic() < end:
        time.sleep(0.05)
    if left:
        told = "; ".join(f"{what} (first seen after {changed.get(what, 'the last of them')})" for what in sorted(left))
        pytest.fail(f"the tests of this file leave behind: {told}. Undo it where it is done: a later test would meet it.", pytrace=False)


@pytest.fixture(autouse=True)
def _jobs_made_in_a_test_end_with_it() -> Iterator[None]:
    """A class that a test makes for itself is registered for the test: another one may use its name, and no page offers it."""
    before = set(REGISTRY._classes)
    yield
    for name in REGISTRY._classes.keys() - before:
        if "<locals>" in REGISTRY._classes[name].__qualname__:
            del REGISTRY._classes[name]
            REGISTRY._names[:] = [one for one in REGISTRY._names if one != name]


@pytest.fixture(autouse=True, scope="module")
def _apps_of_a_file_end_with_it() -> Iterator[None]:
    """Whoever asks which app is meant is not told of those of another file."""
    apps, stand_ins = list(current._known), list(current._stand_ins)
    yield
    current._known[:], current._stand_ins[:] = apps, stand_ins
