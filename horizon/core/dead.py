"""Dead letters: jobs that failed for good so often that nobody should try them again without having looked at them.

A queue with `dead_after=3` sets a job aside when its third round has failed: in the act that records the failure it moves to the
queue `dead:<queue>`. Only failed jobs ever stand there, no worker takes from it, and whatever opens such a job again (a retry, a
callback that is due once more) takes it back to its own queue in the same act.
"""

from __future__ import annotations

from horizon.core.errors import InvalidOption

PREFIX = "dead:"
"""Of every queue of dead letters; nobody else's may begin like this."""
LONGEST = 64 - len(PREFIX)
"""Letters that the name of a queue with dead letters may have."""


def letters(queue: str) -> str:
    """Where the dead letters of a queue stand."""
    return PREFIX + queue


def is_dead(queue: str) -> bool:
    """Whether this queue holds dead letters, and nobody may put jobs there or take any."""
    return queue.startswith(PREFIX)


def own(queue: str) -> str:
    """The queue that a job belongs to, wherever it stands."""
    return queue.removeprefix(PREFIX)


def is_due(round: int, after: int | None) -> bool:
    """Whether a job that fails for good in this round (from 0) is set aside by a queue that says so."""
    return after is not None and round + 1 >= after


def refuse(queue: str) -> None:
    """Let nobody put a job among dead letters, or ask for what only a queue with work has. Raises InvalidOption."""
    if queue == PREFIX:
        raise InvalidOption(f"{PREFIX!r} is how queues of dead letters begin, and no name of a queue")
    if is_dead(queue):
        raise InvalidOption(
            f"{queue} holds the dead letters of the queue {own(queue)}: jobs come there by failing too often, and leave it by `horizon dead "
            f"requeue {own(queue)}` or `horizon dead purge {own(queue)}`. Queues whose name begins with {PREFIX!r} are Horizon's own; name {own(queue)} instead"
        )


def check_name(queue: str) -> None:
    """A queue with dead letters needs room in its name for theirs. Raises InvalidOption."""
    if len(queue) > LONGEST:
        raise InvalidOption(
            f"the dead letters of {queue!r} would stand in a queue with a longer name than there may be: dead_after takes queues whose name has "
            f"at most {LONGEST} letters; this one has {len(queue)}"
        )
