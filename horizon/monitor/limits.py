"""What holds jobs back, as people see it: limits with what is used of them and who waits, circuits with how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from horizon.backends import circuits as kept
from horizon.backends.base import Backend
from horizon.backends.circuits import CircuitRecord
from horizon.backends.together.members import Members, Stores
from horizon.core.limit import CONCURRENT, LimitRecord, told
from horizon.core.record import Record
from horizon.jobs.limiting import keys_of_queue

MOST = 100
"""Limits of one store that are looked at; those for which most jobs wait come first."""
WINDOWS = {"sliding": "", "fixed": " of the clock", "bucket": ", evenly"}


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitFigures:
    """One limit of one store."""

    connection: str
    limit: LimitRecord

    @property
    def allows(self) -> str:
        """How often, or how many at a time, in words."""
        return allows(self.limit)


@dataclass(frozen=True, kw_only=True, slots=True)
class CircuitFigures:
    """One circuit of one store."""

    connection: str
    record: CircuitRecord


def limits(stores: Stores, connection: str | None = None, most: int = MOST) -> list[LimitFigures]:
    """Those of all stores, or of one; where most jobs wait first, then by key. Raises BackendUnavailable."""
    answers = Members(stores).all(lambda store: store.limits.list(most), None if connection is None else (connection,))
    found = [LimitFigures(connection=name, limit=limit) for name, several in answers.items() for limit in several]
    return sorted(found, key=lambda one: (-one.limit.waiting, one.limit.key, one.connection))


def circuits(stores: Stores, connection: str | None = None) -> list[CircuitFigures]:
    """Those of all stores, or of one; what is not closed first. Raises BackendUnavailable."""
    answers = Members(stores).all(kept.circuits, None if connection is None else (connection,))
    found = [CircuitFigures(connection=name, record=record) for name, several in answers.items() for record in several]
    return sorted(found, key=lambda one: (one.record.state is kept.State.CLOSED, one.record.circuit.service, one.connection))


def of_queue(store: Backend, queue: str) -> list[LimitFigures]:
    """What is said of a queue itself, as far as any of its jobs has met it."""
    return _those(store, keys_of_queue(queue))


def of_job(store: Backend, record: Record) -> list[LimitFigures]:
    """What a job needs room in; the one it waits for first."""
    found = _those(store, record.limits)
    return sorted(found, key=lambda one: one.limit.key != record.waits_for_limit)


def _those(store: Backend, keys: Sequence[str]) -> list[LimitFigures]:
    return [LimitFigures(connection=store.name, limit=limit) for key in keys if (limit := store.limits.get(key)) is not None]


def allows(limit: LimitRecord) -> str:
    """How often, or how many at a time, in words. Pure."""
    words = told(limit.most, limit.per)
    return words if limit.strategy == CONCURRENT else words + WINDOWS.get(limit.strategy, "")
