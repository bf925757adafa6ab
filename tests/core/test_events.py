from __future__ import annotations

import logging

import pytest

from horizon.core.events import NAMES, Events


def test_a_listener_hears_what_it_listens_to_with_every_detail() -> None:
    events, heard = Events(), []
    events.listen("job_failed", lambda **details: heard.append(details))
    events.send("job_failed", job_id="1", error="x")
    events.send("job_processed", job_id="2")
    assert heard == [{"job_id": "1", "error": "x"}]


def test_listeners_are_called_in_the_order_in_which_they_came() -> None:
    events, heard = Events(), []
    for number in range(3):
        events.listen("job_queued", lambda number=number, **_: heard.append(number))
    events.send("job_queued")
    assert heard == [0, 1, 2]


def test_a_listener_that_raises_is_logged_and_the_others_still_hear(caplog: pytest.LogCaptureFixture) -> None:
    events, heard = Events(), []

    def broken(**_: object) -> None:
        raise ValueError("broken listener")

    events.listen("job_queued", broken)
    events.listen("job_queued", lambda **_: heard.append(1))
    with caplog.at_level(logging.ERROR, logger="horizon.events"):
        events.send("job_queued")
    assert heard == [1]
    assert "job_queued" in caplog.text
    assert "broken listener" in caplog.text


def test_a_name_that_is_never_announced_cannot_be_listened_to() -> None:
    with pytest.raises(ValueError, match="job_exploded"):
        Events().listen("job_exploded", lambda: None)


def test_senders_can_ask_whether_anybody_listens() -> None:
    events = Events()
    assert not events.heard("job_queued")
    events.listen("job_queued", lambda **_: None)
    assert events.heard("job_queued")


def test_the_names_are_those_of_the_published_signals() -> None:
    assert {"job_queued", "job_processing", "job_processed", "job_failed", "job_retrying", "job_cancelled"} <= set(NAMES)
    assert {"worker_started", "worker_stopped"} <= set(NAMES)
