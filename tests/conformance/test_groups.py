"""Groups: what every store answers of a group that is not there."""

from __future__ import annotations

import pytest

from horizon.core.errors import ComesLater, NotFound
from horizon.core.group import GroupQuery
from horizon.core.ids import uuid7
from tests.conformance.driver import Driver, envelope
from tests.conformance.grouping import LATER


def test_a_store_that_keeps_no_groups_yet_says_so(drive: Driver, kind: str) -> None:
    if kind not in LATER:
        return
    made = envelope(group=uuid7())
    with pytest.raises(ComesLater, match="come to this kind of store"):
        drive.backend.push([made])
    assert drive.backend.get(made.id) is None


def test_a_group_that_is_not_there_is_answered_plainly(drive: Driver) -> None:
    groups = drive.backend.groups

    assert groups.get(uuid7()) is None
    assert list(groups.many([uuid7()])) == []
    assert list(groups.find(GroupQuery()).items) == []
    with pytest.raises(NotFound, match="no group"):
        groups.cancel(uuid7())
