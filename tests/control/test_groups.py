from __future__ import annotations

import pytest

from horizon.control.groups import GroupControl, failed_in, within
from horizon.control.jobs import JobControl
from horizon.control.marks import said
from horizon.core.envelope import Envelope
from horizon.core.errors import InvalidInput, NotFound, PermissionDenied
from horizon.core.group import GroupKind, NewGroup
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery, Selection
from tests.shop import ANA, OTTO, VERA, Shop


@pytest.fixture
def control(shop: Shop) -> GroupControl:
    return GroupControl(shop)


def pushed(shop: Shop, count: int = 2, *, parent: str | None = None, sealed: bool = True, connection: str | None = None) -> str:
    """A batch that bears any number of failures."""
    group = NewGroup(id=uuid7(), kind=GroupKind.BATCH, parent=parent, allow_all=True)
    own = [Envelope(id=uuid7(), name="shop:Send", queue="mail", payload=b'{"args":{}}', group=group.id, max_tries=1) for _ in range(count)]
    shop.backend(connection).push(own, groups=[group], seal=[group.id] if sealed else [])
    return group.id


def test_a_group_is_found_on_whichever_connection_it_lives_if_it_is_of_the_kind_asked_for(shop, control):
    there = pushed(shop, connection="archive")
    assert control.get(there, GroupKind.BATCH).connection == "archive"
    with pytest.raises(NotFound, match="there is no chain"):
        control.get(there, GroupKind.CHAIN)
    with pytest.raises(NotFound):
        control.get(uuid7())


def test_cancelling_is_kept_in_the_audit_log_with_reason_and_count(shop, control):
    id = pushed(shop, 3, connection="archive")
    assert control.cancel(OTTO, id, reason="enough").cancelled == 3
    entry = shop.backend("archive").audit.list(limit=1)[0]
    assert (entry.actor, entry.verb, entry.target, entry.count, said(entry.detail)) == ("otto", "cancel", f"batch:{id}", 3, "enough")
    control.cancel(OTTO, id)
    assert len(shop.backend("archive").audit.list()) == 1


def test_who_may_only_look_changes_nothing(shop, control):
    id = pushed(shop)
    with pytest.raises(PermissionDenied):
        control.cancel(VERA, id)
    with pytest.raises(PermissionDenied):
        control.retry_failed(VERA, id)
    assert shop.backend().groups.get(id).cancelled == 0


def test_what_failed_is_retried_in_groups_within_groups_too(shop, control):
    outer = pushed(shop, 1, sealed=False)
    middle = pushed(shop, 0, parent=outer, sealed=False)
    inner = pushed(shop, 2, parent=middle)
    shop.backend().push([], seal=[middle, outer])
    shop.run(3, Kind.FAILED)
    store = shop.backend()
    assert [one.id for one in within(store, outer)] == [middle, inner]
    assert {query.group for query in failed_in(store, store.groups.get(outer))} == {outer, inner}
    assert control.retry_failed(ANA, outer).done == 3
    assert store.groups.get(outer).failed == 0


def test_where_nothing_failed_nothing_is_retried(shop, control):
    said = control.retry_failed(ANA, pushed(shop))
    assert (said.done, said.skipped, said.operations) == (0, [], [])


def test_a_cancel_is_taken_back_in_groups_within_groups_too_and_only_what_it_ended(shop, control):
    outer = pushed(shop, 3, sealed=False)
    inner = pushed(shop, 2, parent=outer)
    shop.backend().push([], seal=[outer])
    (alone,) = shop.backend().find(JobQuery(group=outer, limit=1)).items
    JobControl(shop).act(ANA, "cancel", Selection(ids=(alone.id,)))
    control.cancel(OTTO, outer, reason="by mistake")
    assert (shop.backend().groups.get(outer).state, shop.backend().groups.get(inner).state) == ("cancelled", "cancelled")
    back = control.uncancel(OTTO, outer)
    assert (back.done, back.skipped) == (4, ())
    assert (shop.backend().groups.get(outer).state, shop.backend().groups.get(inner).pending) == ("running", 2)
    assert shop.state(alone.id) == "cancelled"
    with pytest.raises(InvalidInput, match="was not cancelled by anybody, or is back already"):
        control.uncancel(OTTO, outer)
    with pytest.raises(PermissionDenied):
        control.uncancel(VERA, outer)
