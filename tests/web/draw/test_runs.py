from __future__ import annotations

from horizon.web.draw.runs import strip


def test_nothing_is_drawn_of_a_schedule_that_never_ran():
    assert strip([]) is None


def test_each_run_has_a_bar_of_its_colour_and_failures_are_the_tallest():
    drawn = strip(["completed", "refused", "completed"])
    assert drawn is not None
    assert drawn.width == 13
    assert dict(drawn.paths) == {"completed": "M0 6h3v8h-3zM10 6h3v8h-3z", "failed": "M5 0h3v14h-3z"}
    assert drawn.label == "Last 3 runs: 2 completed, 1 refused; the latest completed"


def test_what_is_no_state_has_a_colour_all_the_same():
    drawn = strip(["no longer kept", "missed", "skipped"])
    assert drawn is not None
    assert {state for state, _ in drawn.paths} == {"cancelled", "retrying"}
