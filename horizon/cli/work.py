"""`horizon work`: this process becomes the worker's guardian, which keeps neither Flask nor click in memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from horizon.worker.options import parse

GUARDIAN = "horizon.worker.guardian"


def become_guardian(arguments: Sequence[str]) -> NoReturn:
    """Replace this process, after the arguments were found to be proper; prints what is wrong and exits with 2 otherwise."""
    parse(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", GUARDIAN, *arguments])
