"""An app that has its executor killed at one step of the worker's own: the one named in the file beside the effects.

With `guardian:` before it the guardian is killed instead, with `both:` the guardian first and then the executor.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Flask

from horizon.worker.page import Page
from horizon.worker.shelf import Shelf
from tests.e2e import worker_app

POINTS = {
    "reserved": (Shelf, "put", "before"),
    "laid out": (Shelf, "put", "after"),
    "picked": (Shelf, "pick", "after"),
    "begun": (Page, "begin", "after"),
    "ended": (Page, "end", "before"),
    "marked as ended": (Page, "end", "after"),
    "kept": (Shelf, "keep", "after"),
    "settled": (Shelf, "sent", "before"),
}


def strike(point: str) -> None:
    """Die here, once, if this is the point."""
    file = Path(f"{os.environ['EFFECTS']}.point")
    whom, _, where = file.read_text().rpartition(":") if file.exists() else ("", "", "")
    if where == point:
        file.unlink()
        if whom:
            os.kill(os.getppid(), signal.SIGKILL)
        if whom != "guardian":
            os.kill(os.getpid(), signal.SIGKILL)


def deadly(point: str, step: Callable[..., Any], when: str) -> Callable[..., Any]:
    @wraps(step)
    def stepped(self: object, *args: Any) -> Any:
        if when == "before" and args != ([],):
            strike(point)
        answer = step(self, *args)
        if when == "after" and not (step.__name__ == "pick" and answer is None):
            strike(point)
        return answer

    return stepped


def create_app() -> Flask:
    for point, (cls, name, when) in POINTS.items():
        setattr(cls, name, deadly(point, getattr(cls, name), when))
    return worker_app.create_app()
