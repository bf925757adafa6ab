from __future__ import annotations

from collections.abc import Iterator

import pytest

from horizon.core import current
from horizon.runtime import Runtime
from tests.jobs.groups import sample
from tests.jobs.hands import runtime
from tests.stores.lending import fresh


@pytest.fixture
def here() -> Iterator[Runtime]:
    """A runtime on a store in memory, or of the kind that was asked for, which is the one that is meant."""
    made = runtime(fresh("memory"))
    with current.use(made):
        yield made
    made.close()


@pytest.fixture(autouse=True)
def _nothing_seen() -> Iterator[None]:
    sample.seen.clear()
    sample.acts.clear()
    yield
    sample.seen.clear()
    sample.acts.clear()
