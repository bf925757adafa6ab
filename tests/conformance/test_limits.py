from __future__ import annotations

import pytest

from horizon.core.clock import MINUTE
from horizon.core.errors import ComesLater
from horizon.core.limit import Limit
from tests.conformance.driver import Driver


def test_limits_come_later_and_say_so(drive: Driver) -> None:
    with pytest.raises(ComesLater, match="come with"):
        drive.backend.limits.define([Limit(key="smtp", most=10, per=MINUTE)])
