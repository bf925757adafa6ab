from __future__ import annotations

import pytest

from horizon.backends.values import Acted, Operation, QueueSettings
from horizon.control.dead import DeadControl
from horizon.core.errors import InvalidOption, NotFound, PermissionDenied
from horizon.core.outcome import Kind
from horizon.security.permissions import Actor
from tests.shop import Shop

ANA, VERA = Actor(name="ana", role="admin"), Actor(name="vera", role="viewer")


def set_aside(shop: Shop, count: int = 2, queue: str = "mail") -> list[str]:
    shop.backend().queues.define([QueueSettings(name=queue, dead_after=1)])
    ids = shop.push(count, queue=queue)
    shop.run(count, Kind.FAILED, queue=queue)
    return ids


def test_the_queues_that_have_some_are_told_with_their_number(shop: Shop) -> None:
    set_aside(shop, 2)
    set_aside(shop, 1, "reports")
    assert [(one.queue, one.count) for one in DeadControl(shop).queues()] == [("mail", 2), ("reports", 1)]
    with pytest.raises(NotFound):
        DeadControl(shop).queues("elsewhere")


def test_they_are_found_by_the_name_of_their_queue_or_by_their_own(shop: Shop) -> None:
    ids = set_aside(shop)
    for name in ("mail", "dead:mail"):
        assert {record.id for record in DeadControl(shop).find(name).items} == set(ids)


def test_requeue_runs_them_again_on_their_own_queue_and_is_audited(shop: Shop) -> None:
    ids = set_aside(shop)
    acted = DeadControl(shop).requeue(ANA, "mail")
    assert isinstance(acted, Acted)
    assert set(acted.done) == set(ids)
    assert {(shop.backend().get(id).queue, shop.state(id)) for id in ids} == {("mail", "pending")}
    assert [(entry.verb, entry.actor, entry.count, entry.target) for entry in shop.backend().audit.list()] == [
        ("retry", "ana", 2, "states:failed queue:dead:mail")
    ]


def test_requeue_at_a_pace_is_an_operation_however_few_they_are(shop: Shop) -> None:
    set_aside(shop)
    operation = DeadControl(shop).requeue(ANA, "mail", pace=1)
    assert isinstance(operation, Operation)
    assert (operation.expected, dict(operation.params)) == (2, {"per_second": 1.0})
    assert shop.backend().audit.list()[0].detail == "at 1 a second"


def test_purge_forgets_them(shop: Shop) -> None:
    set_aside(shop)
    DeadControl(shop).purge(ANA, "mail")
    assert list(DeadControl(shop).queues()) == []


def test_whoever_only_looks_may_do_neither(shop: Shop) -> None:
    set_aside(shop)
    with pytest.raises(PermissionDenied):
        DeadControl(shop).requeue(VERA, "mail")
    with pytest.raises(PermissionDenied):
        DeadControl(shop).purge(VERA, "mail")


def test_a_name_that_no_queue_can_have_is_refused(shop: Shop) -> None:
    with pytest.raises(InvalidOption):
        DeadControl(shop).requeue(ANA, "no queue")
