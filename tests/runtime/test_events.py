from __future__ import annotations

from typing import Any

import pytest

from horizon import events as signals
from horizon.core import current, events
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import SendEmail


def test_there_is_a_signal_for_every_event() -> None:
    assert [name for name in events.NAMES if not hasattr(signals, name)] == []


def test_signals_carry_the_app_as_sender_and_the_details_as_keywords() -> None:
    here, heard = runtime(), []
    here.sender = "the app"

    def listen(sender: Any, **details: Any) -> None:
        heard.append((sender, details["name"], details["job_id"]))

    with signals.job_queued.connected_to(listen), signals.job_processed.connected_to(listen), current.use(here):
        id = SendEmail.dispatch("a")
        Hands(here).run()
    assert heard == [("the app", "tests.jobs.sample:SendEmail", id)] * 2


def test_a_receiver_may_listen_to_one_app_alone() -> None:
    one, two, heard = runtime(), runtime(), []
    one.sender, two.sender = "one", "two"

    def listen(sender: Any, **details: Any) -> None:
        heard.append(sender)

    with signals.job_queued.connected_to(listen, sender="one"):
        for here in (one, two):
            with current.use(here):
                SendEmail.dispatch("a")
    assert heard == ["one"]


def test_a_receiver_that_raises_is_logged_and_the_others_are_told(caplog: pytest.LogCaptureFixture) -> None:
    here, heard = runtime(), []

    def broken(sender: Any, **details: Any) -> None:
        raise RuntimeError("receiver down")

    def listen(sender: Any, **details: Any) -> None:
        heard.append(details["queue"])

    with signals.job_queued.connected_to(broken), signals.job_queued.connected_to(listen), current.use(here):
        assert SendEmail.dispatch("a") is not None
    assert heard == ["emails"]
    assert "receiver of job_queued raised" in caplog.text
