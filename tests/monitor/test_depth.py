from __future__ import annotations

from horizon.core.states import JobState
from horizon.monitor.depth import depth
from horizon.monitor.figures import QueueFigures
from horizon.monitor.history import Step

ROW = QueueFigures(name="q", connection="default", counts={JobState.PENDING: 5, JobState.PROCESSING: 2, JobState.COMPLETED: 99})


def test_how_deep_it_was_follows_from_now_and_from_what_came_and_ended_since():
    steps = [Step(at=0, entered=9), Step(at=1, entered=4, completed=1, failed=1, cancelled=1), Step(at=2, completed=3)]
    assert depth(steps, ROW) == [9, 10, 7]


def test_it_never_was_below_nothing():
    assert depth([Step(at=0), Step(at=1, entered=20)], ROW) == [0, 7]
