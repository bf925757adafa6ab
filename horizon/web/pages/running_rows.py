"""What a list of jobs says of those that run: how long each has, against what is usual for its class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.core.clock import Micros
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.web.draw.pace import Pace, pace
from horizon.web.pages import frame
from horizon.web.state import state_of


def paces(rows: Sequence[Record], now: Micros) -> Mapping[str, Pace]:
    """By id, of those that run."""
    stores, usuals = frame.stores(), state_of().usuals
    return {
        one.id: pace(now - one.started_at, usuals.of(stores.backend(one.connection), one.connection, one.name))
        for one in rows
        if one.state is JobState.PROCESSING and one.started_at is not None
    }


def longest_first(rows: Sequence[Record], states: tuple[JobState, ...]) -> list[Record]:
    """The rows of a list of what runs, by when they started; those of every other list as they are."""
    if states != (JobState.PROCESSING,):
        return list(rows)
    return sorted(rows, key=lambda one: (one.started_at is None, one.started_at or 0))
