from __future__ import annotations

from collections.abc import Iterator

import pytest

from horizon.core import current
from horizon.runtime import Runtime
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import Call


@pytest.fixture
def here() -> Iterator[Runtime]:
    """A runtime on a store in memory, which is the one that is meant."""
    made = runtime()
    with current.use(made):
        yield made
    made.close()


@pytest.fixture
def hands(here: Runtime) -> Hands:
    return Hands(here)


@pytest.fixture(autouse=True)
def _fresh_sample() -> Iterator[None]:
    """What one test tells the sample job to do is unknown to the next."""
    Call.acts.clear()
    Call.ended.clear()
    yield
    Call.acts.clear()
    Call.ended.clear()
