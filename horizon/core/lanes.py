"""Lanes: queues of our own in which jobs of one store wait to be carried to another.

No worker ever takes a job from one, and no pause or resume changes that: a job in a lane is parked, for as long as it takes.
The lane's name says where it goes and to which queue: `horizon:to:redis:emails`. In `horizon:ask:redis:emails` wait jobs
that may have arrived there already: the push was sent and its answer never came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from horizon.core.errors import InvalidOption

PREFIX = "horizon:"
"""Of every queue of our own; nobody else's may begin like this."""
TO, ASK = "to", "ask"
LONGEST = 64
_FITS = re.compile(r"[A-Za-z0-9_.:-]+")


class Lane(NamedTuple):
    """What a lane's name says."""

    kind: str
    """`TO`: certainly not there; `ASK`: perhaps there."""
    to: str
    """The connection."""
    queue: str

    @property
    def name(self) -> str:
        """Of its queue."""
        return f"{PREFIX}{self.kind}:{self.to}:{self.queue}"


def lane(kind: str, to: str, queue: str) -> str:
    """The lane to a queue of another connection. Raises InvalidOption where its name would be none."""
    name = Lane(kind, to, queue).name
    if len(name) > LONGEST or not _FITS.fullmatch(name):
        raise InvalidOption(
            f"jobs of the queue {queue!r} cannot be carried to the connection {to!r}: on their way they wait in the queue {name!r}, "
            f"and a queue's name has at most {LONGEST} letters, digits or any of _ . : -; shorten the name of the queue or of the connection"
        )
    return name


def is_lane(queue: str) -> bool:
    """Whether nobody may take jobs from this queue."""
    return queue.startswith(PREFIX)


def read(queue: str, connections: Iterable[str]) -> Lane | None:
    """What a lane's name says; None for a queue that is none, or leads to a connection that there is not."""
    for kind in (TO, ASK):
        for name in sorted(connections, key=len, reverse=True):  # one name may begin with another
            start = f"{PREFIX}{kind}:{name}:"
            if queue.startswith(start):
                return Lane(kind, name, queue[len(start) :])
    return None
