"""For tests of what uses Horizon: `from horizon.testing import QueueFake, JobTester, work_all, travel, freeze`.

Names are loaded when first used, so that the pytest plugin costs a run without jobs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE: dict[str, str] = {
    "QueueFake": "horizon.testing.fake",
    "Dispatched": "horizon.testing.dispatched",
    "JobTester": "horizon.testing.tester",
    "work_all": "horizon.testing.working",
    "travel": "horizon.testing.travelling",
    "freeze": "horizon.testing.travelling",
}
__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    from horizon.core.later import missing

    where = _WHERE.get(name)
    if where is None:
        raise missing("horizon.testing", name, _WHERE, {})
    value = getattr(importlib.import_module(where), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
