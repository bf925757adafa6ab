from __future__ import annotations

from collections.abc import Iterator

import pytest

from horizon.core.clock import ManualClock
from tests.shop import Shop


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def shop(clock: ManualClock) -> Iterator[Shop]:
    made = Shop(clock)
    yield made
    for store in made.stores.values():
        store.close()
