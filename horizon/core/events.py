"""Announcements inside one process: a name and keywords, to whoever listens. Listeners are fenced: one that raises is
logged and touches nothing. `horizon.events` makes blinker signals of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

NAMES = (
    "job_queued", "job_processing", "job_deadline_missed", "job_processed", "job_failed", "job_retrying", "job_cancelled", "batch_finished",
    "chain_finished", "workflow_finished", "worker_started", "worker_stopped", "alert_raised", "alert_resolved",
)  # fmt: skip

Listener = Callable[..., object]


class Events:
    """Listeners by name. Sending to nobody costs one dictionary look-up."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}

    def listen(self, name: str, listener: Listener) -> None:
        """Call `listener(**details)` whenever `name` is announced. Raises ValueError for a name that never is."""
        if name not in NAMES:
            raise ValueError(f"there is no event {name!r}; there are: {', '.join(NAMES)}")
        self._listeners.setdefault(name, []).append(listener)

    def forget(self, name: str, listener: Listener) -> None:
        """Call this listener no more."""
        left = [one for one in self._listeners.get(name, ()) if one != listener]
        if left:
            self._listeners[name] = left
        else:
            self._listeners.pop(name, None)

    def heard(self, name: str) -> bool:
        """Whether anybody listens, for senders that would have to prepare something. A listener that only passes on may have a
        `heard` of its own, which says whether there is anybody behind it."""
        for listener in self._listeners.get(name, ()):  # asked twice for each job that runs
            asked = getattr(listener, "heard", None)
            if asked is None or asked():
                return True
        return False

    def send(self, name: str, /, **details: Any) -> None:
        """Announce."""
        for listener in self._listeners.get(name, ()):
            try:
                listener(**details)
            except Exception:
                logging.getLogger("horizon.events").exception("a listener of %s raised; the job is not touched by it", name)


PROCESS = Events()
"""The process's own; runtimes announce here."""
