"""Queues in three levels, as many teams have them, and a word about queues that nobody defined.

With `HORIZON_STANDARD_QUEUES` an app has them all: `emails_high` for what somebody waits for, `emails`, `emails_low` for what nobody
misses for an hour. Workers of all queues draw from them by weight; `--queue=high,emails_high,...` goes by the list.
"""

from __future__ import annotations

import difflib
import logging

from horizon.core.settings import BY_NAME
from horizon.core.states import Priority
from horizon.jobs.routing import Routing

WEIGHTS = {Priority.HIGH: 10, Priority.NORMAL: 3, Priority.LOW: 1}
NAMES: dict[Priority, tuple[str, ...]] = {
    Priority.HIGH: ("emails_high", "notifications_high", "default_high"),
    Priority.NORMAL: ("default", "emails", "notifications", "reports", "images", "data"),
    Priority.LOW: ("emails_low", "notifications_low", "default_low"),
}
USUAL = str(BY_NAME["HORIZON_QUEUE"].default)
MOST = 1_000
"""Names about which somebody wondered."""
log = logging.getLogger("horizon.jobs")
_wondered: set[str] = set()


def define(routing: Routing) -> None:
    """All of them, but for those of which the code has said something."""
    for level, names in NAMES.items():
        for name in names:
            if routing.queue(name) is None:
                routing.define_queue(name, priority_weight=WEIGHTS[level])


def wonder(queue: str, routing: Routing) -> None:
    """Say once that a job goes to a queue that nobody defined, in an app that defines queues: it may be a slip of the pen, and there may
    be no worker for it. The queue is there all the same."""
    if queue in _wondered or queue == USUAL or len(_wondered) >= MOST:
        return
    known = sorted(routing.named())
    if not routing.queues() or queue in known:
        return
    _wondered.add(queue)
    near = difflib.get_close_matches(queue, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"defined are: {', '.join(known[:20])}"
    log.warning("a job goes to the queue %r, which is not defined here; it is made, but look whether a worker serves it: %s", queue, hint)
