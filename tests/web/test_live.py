from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from horizon.core.clock import SECOND
from horizon.core.ids import uuid7
from horizon.web import live
from horizon.web.pages.jobs import fresh


def test_a_tag_stays_while_nothing_changed_and_changes_with_the_store_the_time_and_the_viewer():
    first = live.tag(7, 100 * SECOND, 60, "ana")
    assert live.tag(7, 101 * SECOND, 60, "ana") == first
    others = {live.tag(8, 100 * SECOND, 60, "ana"), live.tag(7, 161 * SECOND, 60, "ana"), live.tag(7, 100 * SECOND, 60, "ben")}
    assert len(others | {first}) == 4


def test_rows_come_back_as_they_were_packed():
    ids = [uuid7() for _ in range(200)]
    assert live.unpack(live.pack(ids)) == ids
    assert len(live.pack(ids)) < 4_400


@given(st.text(max_size=60))
def test_rows_that_nobody_packed_are_no_reason_to_fail(text):
    assert all(len(id) == 36 for id in live.unpack(text))


def test_new_are_those_that_come_in_above_or_between_the_rows_of_the_page():
    assert fresh(["c", "b", "a"], ["e", "d", "c", "b"], whole=False) == 2
    assert fresh(["c", "b", "a"], ["b", "a", "0"], whole=False) == 0
    assert fresh(["c", "a"], ["c", "b", "a"], whole=False) == 1
    assert fresh(["c"], ["e", "d"], whole=False) == 2
    assert fresh(["c"], [], whole=True) == 0
