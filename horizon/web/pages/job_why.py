"""Why a job stands as it does, as far as whoever asks may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from horizon.control.acting import Stores
from horizon.core.clock import Micros
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.monitor.figures import Overview
from horizon.monitor.why import asking
from horizon.monitor.why.facts import Mark, Point
from horizon.web import sight

TOLD_ALREADY = 1
"""A job that simply completed raises no question."""


def of(stores: Stores, record: Record, figures: Overview, now: Micros) -> Sequence[Point]:
    """The list for the job's page; empty where there is nothing to ask."""
    found = every(stores, record, figures, now)
    plain = record.state in (JobState.PROCESSING, JobState.COMPLETED)
    if plain and len(found) <= TOLD_ALREADY and all(point.mark is Mark.OK for point in found):
        return ()
    return found


def every(stores: Stores, record: Record, figures: Overview, now: Micros) -> Sequence[Point]:
    """Every point; the words of the job as the actor of this request sees them."""
    known = asking.facts(stores, figures, record, now)
    return asking.points(replace(known, record=sight.of(record.name).record(record)))
