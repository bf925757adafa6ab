"""Whether anything that an act has cancelled still waits to be put back, as far as searches tell that look at so many rows."""

from __future__ import annotations

from dataclasses import replace

from horizon.backends.base import Backend
from horizon.backends.values import ACT_LIMIT
from horizon.core.clock import MINUTE, Micros
from horizon.core.query import JobQuery

NEAR = MINUTE
"""How long after its mark was made an act of up to `ACT_LIMIT` jobs, or on a group, is done, at the most."""


def stands(store: Backend, marked: JobQuery, at: Micros, count: int) -> bool:
    """Whether any job is left of the `count` that were cancelled at `at`, or soon after, under the mark that `marked` asks for.

    What had not started ended with the act itself: it is looked for there first, where later cancels do not hide it. Where a search
    stops before it is sure, an act counts as standing: to offer what finds nothing is better than to hide what can be brought back.
    """
    asked = replace(marked, after=at, limit=1)
    near = store.find(replace(asked, before=at + NEAR))
    if near.items or near.searched_back_to is not None:
        return True
    page = store.find(asked)
    return bool(page.items) or (page.searched_back_to is not None and count > ACT_LIMIT)
