from __future__ import annotations

import pytest

from horizon.core.errors import ComesLater
from tests.conformance.driver import Driver, envelope


def test_schedules_come_later_and_say_so(drive: Driver) -> None:
    with pytest.raises(ComesLater, match="come with"):
        drive.backend.schedules.define("nightly", "0 0 * * *", envelope())
