from __future__ import annotations

import pytest

from horizon.control.queues import QueueControl
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidOption, PermissionDenied
from tests.shop import ANA, OTTO, VERA, Shop


@pytest.fixture
def control(shop: Shop) -> QueueControl:
    return QueueControl(shop)


def test_pausing_answers_how_many_still_run_and_keeps_the_reason(shop, control):
    shop.push(2)
    shop.start()
    assert control.pause(OTTO, "mail", reason="SMTP is down") == 1
    settings = shop.backend().queues.get("mail")
    assert (settings.paused, settings.paused_reason) == (True, "SMTP is down")
    entry = shop.backend().audit.list()[0]
    assert (entry.actor, entry.verb, entry.target, entry.detail) == ("otto", "pause", "queue:mail", "SMTP is down")


def test_a_pause_can_end_by_itself(shop, control, clock):
    until = clock() + 900 * SECOND
    control.pause(OTTO, "mail", until=until)
    assert shop.backend().queues.get("mail").paused_until == until
    assert "until 2023" in shop.backend().audit.list()[0].detail


def test_resuming_undoes_it(shop, control):
    control.pause(OTTO, "mail")
    control.resume(OTTO, "mail")
    assert shop.backend().queues.get("mail").paused is False
    assert [entry.verb for entry in shop.backend().audit.list()] == ["resume", "pause"]


def test_what_the_code_says_can_be_overridden_and_given_back(shop, control):
    assert control.override(ANA, "mail", {"max_jobs": 5, "priority_weight": 3}).max_jobs == 5
    assert "max_jobs" in shop.backend().queues.get("mail").overridden
    assert control.override(ANA, "mail", {"max_jobs": None}).max_jobs is None


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, None, "a\nb"])
def test_a_name_that_no_queue_can_have_is_refused(control, name):
    for act in (control.pause, control.resume):
        with pytest.raises(InvalidOption, match="queue"):
            act(ANA, name)


@pytest.mark.parametrize(
    "changes", [{}, {"max_jobs": 0}, {"max_jobs": "5"}, {"priority_weight": -1}, {"patience": 1.5}, {"colour": 1}, {"paused": True}]
)
def test_an_unknown_or_improper_setting_is_refused(shop, control, changes):
    with pytest.raises(InvalidOption):
        control.override(ANA, "mail", changes)
    assert shop.backend().audit.list() == []


def test_a_pause_until_the_past_or_for_an_endless_reason_is_refused(control, clock):
    with pytest.raises(InvalidOption, match="past"):
        control.pause(OTTO, "mail", until=clock() - 1)
    with pytest.raises(InvalidOption, match="500"):
        control.pause(OTTO, "mail", reason="x" * 501)


def test_a_viewer_may_not_pause_and_an_operator_may_not_override(control):
    with pytest.raises(PermissionDenied):
        control.pause(VERA, "mail")
    with pytest.raises(PermissionDenied):
        control.resume(VERA, "mail")
    with pytest.raises(PermissionDenied):
        control.override(OTTO, "mail", {"max_jobs": 1})
