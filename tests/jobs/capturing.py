"""The capture of log lines, for the length of a test."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from horizon.jobs import logcapture


@contextmanager
def capturing() -> Iterator[None]:
    """What jobs log is kept within the block; then the root logger, its handlers and the way threads start are as they were."""
    root = logging.getLogger()
    before, handlers = root.level, [(handler, handler.level) for handler in root.handlers]
    root.setLevel(logging.WARNING)
    logcapture.install()
    try:
        yield
    finally:
        logcapture.uninstall()
        root.setLevel(before)
        for handler, level in handlers:
            handler.setLevel(level)
