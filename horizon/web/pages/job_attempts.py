"""What sets the attempts of a job apart: other exceptions, other machines, other lengths. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from horizon.core.clock import Micros
from horizon.core.record import Attempt

APART = 3
"""Times as long as the shortest: from there on the longest is told."""
NAMED = 4
"""Exceptions or hosts that are named at the most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """Attempts that have something in common."""

    what: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Apart:
    """What is told of several attempts."""

    errors: tuple[Kind, ...] = ()
    """By cause, as they came up first."""
    failed: int = 0
    hosts: tuple[Kind, ...] = ()
    """Only where there are several."""
    shortest: Micros = 0
    longest: Micros = 0
    """Both 0 where they are alike."""
    more: int = 0
    """Kinds of exceptions beyond those named."""

    @property
    def anything(self) -> bool:
        """Whether there is something to say."""
        return bool(self.errors or self.hosts or self.longest)


def apart(history: Sequence[Attempt]) -> Apart | None:
    """Of the attempts of a job that has had several; None where there is nothing to compare."""
    ran = [one for one in history if one.started_at is not None]
    if len(ran) < 2:
        return None
    errors = _kinds((one.error.cause or one.error.type, one.error.type, one.number) for one in ran if one.error is not None)
    hosts = _kinds((host, host, one.number) for one in ran if (host := (one.worker or "").partition(":")[0]))
    took = sorted(one.finished_at - one.started_at for one in ran if one.finished_at is not None and one.started_at is not None)
    differ = len(took) > 1 and took[-1] > APART * max(1, took[0])
    found = Apart(
        errors=errors[:NAMED],
        failed=sum(one.error is not None for one in ran),
        hosts=hosts[:NAMED] if len(hosts) > 1 else (),
        shortest=took[0] if differ else 0,
        longest=took[-1] if differ else 0,
        more=max(0, len(errors) - NAMED),
    )
    return found if found.anything else None


def _kinds(said: Iterable[tuple[str, str, int]]) -> tuple[Kind, ...]:
    groups: dict[str, tuple[str, list[int]]] = {}
    for key, what, number in said:
        groups.setdefault(key, (what, []))[1].append(number)
    return tuple(Kind(what=what, numbers=tuple(numbers)) for what, numbers in groups.values())
