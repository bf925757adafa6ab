"""How long ago something happened, and when something is due, where clocks disagree."""

from __future__ import annotations

from horizon.core.clock import SECOND


def test_what_a_clock_ahead_of_the_servers_has_noted_was_just_now_and_not_in_some_seconds(look, stage):
    stage.worker()
    id = stage.done()
    stage.clock.advance(-40)
    page = look(f"/jobs/{id}")
    assert "in 40 s" not in page.text
    assert "Completedjust now" in page.text
    assert "in 40 s" not in look("/jobs").text
    assert "in 40 s" not in look("/workers").text


def test_what_is_due_still_lies_ahead(look, stage):
    id = stage.push(delay=40 * SECOND)
    assert "in 40 s" in look(f"/jobs/{id}").text
    assert "in 40 s" in look("/jobs").text
