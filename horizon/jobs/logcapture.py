"""Everything logged inside a job, kept with its attempt: one handler on the root logger, installed by the worker.

It asks a context variable whether a job is running where the record was made. Threads that a job starts are given its
context, so what they log is found too.
"""

from __future__ import annotations

import logging
import threading
from contextvars import copy_context
from typing import Any

from horizon.jobs.context import RUNNING

_PLAIN = logging.Formatter()


class Capture(logging.Handler):
    """Hands records to the attempt they belong to; those made outside any job pass by."""

    def emit(self, record: logging.LogRecord) -> None:
        running = RUNNING.get()
        if running is not None and not running.closed:
            running.line(record.levelname, _text(record))
        _last_resort(self, record)


def _text(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
        if record.exc_info and not record.exc_text:
            record.exc_text = _PLAIN.formatException(record.exc_info)
        return f"{text}\n{record.exc_text}" if record.exc_text else text
    except Exception as error:
        what = record.msg if isinstance(record.msg, str) else type(record.msg).__name__  # its repr may be what raised
        return f"(a record of {record.name} could not be written: {type(error).__name__}; its text was {what!r})"


def _last_resort(ours: logging.Handler, record: logging.LogRecord) -> None:
    """Python shows warnings on stderr where nobody handles them; our handler must not be the somebody that hides them."""
    if logging.lastResort is None or record.levelno < logging.lastResort.level:
        return
    logger: logging.Logger | None = logging.getLogger(record.name)
    while logger is not None:
        if any(handler is not ours for handler in logger.handlers):
            return
        logger = logger.parent if logger.propagate else None
    logging.lastResort.handle(record)


def install(level: str = "INFO") -> Capture:
    """Start capturing in this process; the second call changes nothing.

    Where the app left the root logger at its default (WARNING), records from `level` on are let through to us, and to
    us alone: handlers that were there before go on as they were.
    """
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler, Capture):
            return handler
    capture, wanted = Capture(), logging.getLevelNamesMapping()[level]
    if root.level == logging.WARNING:
        if wanted < logging.WARNING:
            for handler in root.handlers:
                handler.setLevel(max(handler.level, logging.WARNING))
            root.setLevel(wanted)
        capture.setLevel(wanted if logging.lastResort is None else min(wanted, logging.lastResort.level))
    root.addHandler(capture)
    _follow_threads()
    return capture


def uninstall() -> None:
    """Stop capturing; for tests."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, Capture):
            root.removeHandler(handler)
    threading.Thread.start = _start  # type: ignore[method-assign]


_start = threading.Thread.start


def _start_inside(self: threading.Thread, *args: Any, **kwargs: Any) -> None:
    """`Thread.start` that gives a thread started by a job the job's context."""
    if RUNNING.get() is not None:
        context, run = copy_context(), self.run
        self.run = lambda: context.run(run)  # type: ignore[method-assign]
    _start(self, *args, **kwargs)


def _follow_threads() -> None:
    threading.Thread.start = _start_inside  # type: ignore[method-assign]
