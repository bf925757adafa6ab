"""Verbs that are programs of their own: `work` and `demo`. This process becomes them, and keeps neither Flask nor click."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

MODULES = {"work": "horizon.worker.guardian", "demo": "horizon.demo"}
"""By name, since the demo is the floor above. Each checks its own arguments and exits with 2 for wrong ones."""


def become(verb: str, arguments: Sequence[str]) -> NoReturn:
    """Replace this process: same id, same terminal, so signals reach the right one."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", MODULES[verb], *arguments])
