"""Fills a store as a busy shop would in a year: many jobs of many classes on many queues with many tags, a tenth failed.

Run as `python -m benchmarks.programs.million COUNT SEED`; the store comes from HORIZON_URL. Several may run side by side.
"""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Iterator

from horizon.backends.base import Backend
from horizon.backends.values import PUSH_LIMIT, Reservation, SessionInfo, Want
from horizon.core.clock import HOUR
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.core.outcome import Failure, Kind, Outcome
from horizon.jobs.codec import encode

QUEUES, CLASSES, TAGS = 50, 200, 1_000
GROUP = 500


def fill(backend: Backend, count: int, seed: int = 7) -> None:
    """Push so many jobs and end them all; every tenth as failed."""
    draw, session = random.Random(seed), f"filler-{seed}"
    backend.sessions.open(SessionInfo(id=session, kind="worker", host="bench", pid=1), HOUR)
    for start in range(0, count, PUSH_LIMIT):
        backend.push([_envelope(draw, start + index) for index in range(min(PUSH_LIMIT, count - start))])
        _end_all(backend, session)
    backend.sessions.close(session)
    while (ticked := backend.tick()).more or ticked.folded:  # as the ticker of a running product has long done
        pass


def _envelope(draw: random.Random, number: int) -> Envelope:
    kind = draw.randrange(CLASSES)
    payload = encode({"order": number, "to": f"customer{number % 9973}@example.com", "note": "x" * 120})
    return Envelope(
        id=uuid7(),
        name=f"shop.area{kind % 20}:Job{kind}",
        queue=f"queue-{(kind + draw.randrange(2)) % QUEUES:02}",
        payload=payload,
        tags=(f"customer:{draw.randrange(TAGS)}",),
        max_tries=1,
    )


def _end_all(backend: Backend, session: str) -> None:
    outcomes: list[Outcome] = []
    want = Want(session=session, executor=0, count=GROUP, max_bytes=10**9, default_max_tries=1)
    while True:
        turned = backend.turn(outcomes, want)
        if not turned.reservations:
            return
        outcomes = list(_ends(turned.reservations))


def _ends(taken: list[Reservation] | tuple[Reservation, ...]) -> Iterator[Outcome]:
    for one in taken:
        failed = zlib.crc32(one.id.encode()) % 10 == 0
        kind = Kind.FAILED if failed else Kind.COMPLETED
        yield Outcome(
            id=one.id, ref=one.ref, token=one.token, kind=kind, runtime=20_000, memory_kb=60_000, error=_error(one) if failed else None
        )


def _error(one: Reservation) -> Failure:
    cause = f"cause{one.run * 7 % 40}-{zlib.crc32(one.name.encode()) % 40}"
    trace = f'Traceback (most recent call last):\n  File "/srv/shop/{one.queue}.py", line 24, in handle\n    deliver()\nOSError: no answer from {cause}\n'
    return Failure(type="OSError", message=f"no answer from {cause}", traceback=trace, cause=cause)


if __name__ == "__main__":
    from benchmarks.programs.ours import create_app

    fill(create_app().extensions["horizon"].runtime.backend(), int(sys.argv[1]), int(sys.argv[2]))
