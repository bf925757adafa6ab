from __future__ import annotations

import pytest

from horizon.core import lanes
from horizon.core.errors import InvalidOption


def test_a_lanes_name_says_where_it_leads() -> None:
    name = lanes.lane(lanes.TO, "red:is", "mails:high")
    assert lanes.is_lane(name)
    assert lanes.read(name, ("red", "red:is")) == lanes.Lane(lanes.TO, "red:is", "mails:high")
    assert lanes.read(name, ("other",)) is None
    assert lanes.read("mails", ("red",)) is None


@pytest.mark.parametrize(("to", "queue"), [("redis", "q" * 60), ("the redis", "mails")])
def test_what_makes_no_queue_name_is_refused(to: str, queue: str) -> None:
    with pytest.raises(InvalidOption, match="shorten the name"):
        lanes.lane(lanes.ASK, to, queue)
