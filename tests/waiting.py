"""Waiting for something real (a thread, a process) without sleeping for luck."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(true: Callable[[], object], timeout: float = 30.0) -> object:
    """Ask again and again until the answer is true, and return it; fail loudly after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        if answer := true():
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {timeout:g} s")
        time.sleep(0.02)
