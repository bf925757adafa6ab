from __future__ import annotations

import pytest

from horizon.control.jobs import JobControl
from horizon.control.operations import OperationControl
from horizon.control.store import StoreControl
from horizon.core.clock import DAY, SECOND
from horizon.core.errors import NotFound, PermissionDenied
from horizon.core.query import JobQuery, Selection
from tests.shop import ANA, OTTO, VERA, Shop


@pytest.fixture
def control(shop: Shop) -> OperationControl:
    return OperationControl(shop)


def started(shop: Shop, connection: str | None = None):
    shop.push(700, connection=connection)
    return JobControl(shop).act(ANA, "cancel", Selection(query=JobQuery(queue="mail")), connection=connection)


def test_an_operation_is_found_on_whichever_connection_it_runs(shop, control):
    there = started(shop, "archive")
    assert control.get(there.id).id == there.id
    assert [one.id for one in control.list(connection="archive")] == [there.id]


def test_one_that_does_not_exist_is_refused(control):
    with pytest.raises(NotFound):
        control.get("none")
    with pytest.raises(NotFound):
        control.stop(ANA, "none")


def test_stopping_leaves_the_rest_alone(shop, control):
    one = started(shop)
    assert control.stop(OTTO, one.id).state == "stopped"
    for _ in range(5):
        shop.backend().tick()
    assert shop.backend().remaining() == 700
    assert shop.backend().audit.list()[0].target == f"operation:{one.id}"


def test_a_viewer_may_not_stop_one(shop, control):
    with pytest.raises(PermissionDenied):
        control.stop(VERA, started(shop).id)


def test_cleaning_up_removes_what_was_kept_long_enough_and_says_how_much(shop, clock):
    shop.push(3)
    shop.run(3)
    shop.push(1)
    clock.advance(400 * DAY / SECOND)
    assert StoreControl(shop).cleanup(OTTO) == 3
    assert shop.backend().remaining() == 1
    entry = shop.backend().audit.list()[0]
    assert (entry.actor, entry.verb, entry.count) == ("otto", "cleanup", 3)


def test_a_viewer_may_not_clean_up(shop):
    with pytest.raises(PermissionDenied):
        StoreControl(shop).cleanup(VERA)
