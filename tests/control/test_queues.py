from __future__ import annotations

import pytest

from horizon.backends.values import ActParams, QueueSettings, Verb
from horizon.control.queues import DRAINING, LOOKED_BACK, UNLIMITED, QueueControl, is_drain, limit
from horizon.core.clock import SECOND
from horizon.core.envelope import Edge, On
from horizon.core.errors import InvalidOption, NotFound, PermissionDenied, QueueFull
from horizon.core.query import Selection
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


def test_a_limit_of_the_code_can_be_lifted_which_differs_from_going_back_to_it(shop, control):
    shop.backend().queues.define([QueueSettings(name="mail", max_jobs=1)])
    lifted = control.override(ANA, "mail", {"max_jobs": UNLIMITED})
    assert (limit(lifted.max_jobs), lifted.overridden, lifted.coded["max_jobs"]) == (None, ("max_jobs",), 1)
    shop.push(3)
    assert control.override(ANA, "mail", {"max_jobs": None}).max_jobs == 1
    with pytest.raises(QueueFull):
        shop.push(1)


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


def test_draining_is_a_pause_that_says_what_it_is_for(shop, control):
    shop.push(2)
    shop.start()
    assert control.drain(OTTO, "mail") == 1
    assert is_drain(shop.backend().queues.get("mail").paused_reason)
    assert shop.backend().audit.list()[0].verb == "drain"
    control.drain(OTTO, "mail", reason="the tables move")
    assert shop.backend().queues.get("mail").paused_reason == DRAINING + "the tables move"
    control.resume(OTTO, "mail")
    assert shop.backend().queues.get("mail").paused is False


def test_clearing_cancels_what_waits_and_nothing_else(shop, control):
    (running,) = shop.push(1)
    shop.start()
    (waits,), (later,), (elsewhere,) = shop.push(1), shop.push(1, delay=60 * SECOND), shop.push(1, queue="other")
    acted = control.clear(ANA, "mail")
    assert set(acted.done) == {waits, later}
    assert [shop.state(id) for id in (running, waits, later, elsewhere)] == ["processing", "cancelled", "cancelled", "pending"]
    entry = shop.backend().audit.list()[0]
    assert (entry.verb, entry.target, entry.count) == ("clear", "queue:mail", 2)


def test_clearing_leaves_a_job_that_waits_for_one_elsewhere_and_takes_one_along_that_waits_for_a_cleared_one(shop, control):
    (parent,), (stranger,) = shop.push(1), shop.push(1, queue="other")
    (child,) = shop.push(1, edges=(Edge(job_id=parent, on=On.COMPLETED),))
    (apart,) = shop.push(1, edges=(Edge(job_id=stranger, on=On.COMPLETED),))
    control.clear(ANA, "mail")
    assert (shop.backend().get(child).state.value, shop.state(apart)) == ("cancelled", "blocked")
    control.unclear(ANA, "mail", control.cleared("mail").mark)
    assert [shop.state(id) for id in (parent, child, apart)] == ["pending", "blocked", "blocked"]


def test_a_clear_is_found_beneath_whatever_else_was_done_since(shop, control):
    shop.push(1)
    control.clear(ANA, "mail")
    for _ in range(LOOKED_BACK):
        control.pause(OTTO, "other")
        control.resume(OTTO, "other")
    assert control.cleared("mail").actor == "ana"


def test_what_was_cleared_is_put_back_as_it_waited(shop, control, clock):
    (waits,), (later,) = shop.push(1), shop.push(1, delay=60 * SECOND)
    (mine,) = shop.push(1)
    shop.backend().act(Selection(ids=(mine,)), Verb.CANCEL, ActParams(reason="not wanted"))
    control.clear(ANA, "mail", reason="sent twice")
    clock.advance(5)
    cleared = control.cleared("mail")
    assert (cleared.actor, cleared.count) == ("ana", 2)
    assert cleared.mark.startswith("queue mail cleared by ana at 2023-")
    assert cleared.mark.endswith(": sent twice")
    assert set(control.unclear(ANA, "mail", cleared.mark).done) == {waits, later}
    assert [shop.state(id) for id in (waits, later, mine)] == ["pending", "scheduled", "cancelled"]
    assert control.cleared("mail") is None
    assert shop.backend().audit.list()[0].verb == "unclear"


def test_nothing_to_put_back_is_said(control):
    with pytest.raises(NotFound, match="nothing that was cleared from mail"):
        control.unclear(ANA, "mail", "queue mail cleared by ana at some time")


def test_clearing_an_empty_queue_does_nothing(shop, control):
    assert control.clear(ANA, "mail").done == ()
    assert control.cleared("mail") is None
    assert shop.backend().audit.list() == []


def test_clearing_and_putting_back_many_are_stored_operations(shop, control):
    shop.push(1001)
    operation = control.clear(ANA, "mail")
    assert (operation.verb, operation.expected, operation.actor) == ("cancel", 1001, "ana")
    assert shop.backend().audit.list()[0].count == 1001
    drive(shop)
    assert counts(shop, "mail") == {"cancelled": 1001}
    assert len(shop.backend().audit.list()) == 1
    control.unclear(ANA, "mail", control.cleared("mail").mark)
    drive(shop)
    assert counts(shop, "mail") == {"pending": 1001}


def test_undoing_a_clear_that_is_under_way_stops_it(shop, control):
    shop.push(1001)
    operation = control.clear(ANA, "mail")
    shop.backend().operations.step()
    acted = control.unclear(ANA, "mail", control.cleared("mail").mark)
    assert len(acted.done) == 500
    assert shop.backend().operations.get(operation.id).state == "stopped"
    assert counts(shop, "mail") == {"pending": 1001}


def test_moving_takes_all_that_waits_to_another_queue(shop, control):
    shop.push(2)
    running = shop.start()
    (later,) = shop.push(1, delay=60 * SECOND)
    assert len(control.move(OTTO, "mail", "slow").done) == 2
    assert counts(shop, "mail") == {"processing": 1}
    assert counts(shop, "slow") == {"pending": 1, "scheduled": 1}
    assert (shop.state(running), shop.state(later)) == ("processing", "scheduled")
    entry = shop.backend().audit.list()[0]
    assert (entry.verb, entry.target, entry.detail, entry.count) == ("move", "queue:mail", "to queue slow", 2)


@pytest.mark.parametrize("to", ["mail", "two words", ""])
def test_moving_to_itself_or_to_no_queue_is_refused(control, to):
    with pytest.raises(InvalidOption):
        control.move(OTTO, "mail", to)


def test_a_queue_is_known_by_its_jobs_its_workers_and_the_code(shop, control):
    assert not control.known("mail")
    control.pause(OTTO, "mail")
    assert not control.known("mail")
    shop.push(1)
    shop.worker(queues=("listed",))
    shop.backend().queues.define([QueueSettings(name="defined")])
    assert all(control.known(name) for name in ("mail", "listed", "defined"))


def test_only_an_admin_clears_and_a_viewer_changes_nothing(control):
    for act in (lambda: control.clear(OTTO, "mail"), lambda: control.unclear(OTTO, "mail", "x")):
        with pytest.raises(PermissionDenied):
            act()
    for act in (lambda: control.move(VERA, "mail", "slow"), lambda: control.drain(VERA, "mail")):
        with pytest.raises(PermissionDenied):
            act()


def drive(shop: Shop) -> None:
    """Carry every operation to its end."""
    while any(one.state == "running" for one in shop.backend().operations.list()):
        shop.backend().operations.step()


def counts(shop: Shop, queue: str) -> dict[str, int]:
    row = next(row for row in shop.backend().numbers.counts() if row.queue == queue)
    return {state.value: n for state, n in row.counts.items() if n}
