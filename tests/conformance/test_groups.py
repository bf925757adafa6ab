"""Groups: what every store answers of a group that is not there."""

from __future__ import annotations

import pytest

from horizon.core.errors import NotFound
from horizon.core.group import GroupQuery
from horizon.core.ids import uuid7
from tests.conformance.driver import Driver


def test_a_group_that_is_not_there_is_answered_plainly(drive: Driver) -> None:
    groups = drive.backend.groups

    assert groups.get(uuid7()) is None
    assert list(groups.many([uuid7()])) == []
    assert list(groups.find(GroupQuery()).items) == []
    with pytest.raises(NotFound, match="no group"):
        groups.cancel(uuid7())
