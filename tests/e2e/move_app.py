"""An app whose `horizon move` is killed right before or after one of the writes that carry jobs: the one of the number in DIES_AT."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from flask import Flask

from horizon.control import carrying
from horizon.core.clock import SECOND
from tests.e2e import worker_app

_steps = [0]


def strike() -> None:
    """Die here, if this is the step."""
    _steps[0] += 1
    if str(_steps[0]) == os.environ.get("DIES_AT"):
        os.kill(os.getpid(), signal.SIGKILL)


def deadly(write: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(write)
    def written(*args: Any) -> Any:
        strike()
        said = write(*args)
        said = iter(list(said)) if isinstance(said, Iterator) else said
        strike()
        return said

    return written


def create_app() -> Flask:
    carrying.TTL = SECOND  # as long as the dead keep others from carrying
    carrying._act, carrying._pushed = deadly(carrying._act), deadly(carrying._pushed)
    return worker_app.create_app()
