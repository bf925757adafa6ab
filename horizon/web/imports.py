"""The modules of `HORIZON_IMPORTS`, imported in the web process when a job is first asked for by its name.

Not earlier: they may import the app, which imports us.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable
from threading import Lock

log = logging.getLogger("horizon.web")


class Imports:
    """Imports each module once. One that fails is logged with its trace and tried again the next time."""

    def __init__(self, names: Iterable[str]) -> None:
        self._left = list(names)
        self._lock = Lock()

    def ensure(self) -> None:
        """Have them imported, as far as they can be."""
        if not self._left:
            return
        with self._lock:
            self._left = [name for name in self._left if not _imported(name)]


def _imported(name: str) -> bool:
    try:
        importlib.import_module(name)
    except Exception:
        log.exception("the module %r of HORIZON_IMPORTS cannot be imported, so its jobs are unknown here", name)
        return False
    return True
