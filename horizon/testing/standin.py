"""Which runtime a test means: its app's, or, where it has none, one made for it that keeps everything in memory."""

from __future__ import annotations

from typing import cast

from horizon.core import current
from horizon.core.settings import Settings
from horizon.jobs.ambient import RuntimeLike
from horizon.runtime import Runtime
from horizon.security import keys


def meant() -> RuntimeLike:
    """The runtime that is meant here; where there is no app, or several and none is the current one, one that is meant for
    as long as somebody keeps it: tests that make an app each leave some behind that live on for a while.
    """
    found = current.clear()
    if found is None:
        made = Runtime(Settings({"HORIZON_KEYS": [keys.generate()]}, environ={}), url="memory://testing", name="testing")
        current.stand_in(made)
        return made
    return cast(RuntimeLike, found)
