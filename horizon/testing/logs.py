"""Keeping what jobs log, for as long as a test runs them, and not a moment longer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from horizon.jobs import logcapture


@contextmanager
def captured(level: str) -> Iterator[None]:
    """Within the block, jobs' log lines are kept as in a worker; afterwards all loggers are as they were."""
    root = logging.getLogger()
    if any(isinstance(handler, logcapture.Capture) for handler in root.handlers):
        yield
        return
    before, handlers = root.level, [(handler, handler.level) for handler in root.handlers]
    logcapture.install(level)
    try:
        yield
    finally:
        logcapture.uninstall()
        root.setLevel(before)
        for handler, own in handlers:
            handler.setLevel(own)
