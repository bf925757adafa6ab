"""How long ago something happened, and when something is due, where clocks disagree."""

from __future__ import annotations

import re

from horizon.core.clock import SECOND
from horizon.core.outcome import Kind
from tests.web.pages.conftest import SAME

AHEAD = re.compile(r"\bin \d+ (?:s|min)\b")


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


def test_why_a_job_ended_late_never_names_a_moment_to_come(look, stage):
    stage.worker()
    id = stage.push()
    stage.clock.advance(300)
    stage.client.post("/horizon/queues/act", data={"do": "pause:emails"}, headers=SAME)
    stage.client.post("/horizon/queues/act", data={"do": "resume:emails"}, headers=SAME)
    stage.clock.advance(300)
    stage.run(id, Kind.FAILED)
    stage.clock.advance(-1200)
    paused = "Its queue was paused by ana just now, while it waited."
    page = look(f"/jobs/{id}")
    assert paused in page.text
    assert AHEAD.search(page.text) is None
    told = [point["text"] for point in stage.client.get(f"/horizon/api/jobs/{id}/why").json["points"]]
    assert paused in told
    assert AHEAD.search(" ".join(told)) is None
