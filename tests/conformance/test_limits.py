from __future__ import annotations

import pytest

from horizon.core.clock import MINUTE
from horizon.core.errors import ComesLater
from tests.conformance.driver import Driver


def test_limits_come_later_and_say_so(drive: Driver) -> None:
    with pytest.raises(ComesLater, match="come with"):
        drive.backend.limits.define("smtp", max_jobs=10, per=MINUTE)
