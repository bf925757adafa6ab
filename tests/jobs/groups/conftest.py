from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jobs.groups import sample


@pytest.fixture(autouse=True)
def _nothing_seen() -> Iterator[None]:
    sample.seen.clear()
    sample.acts.clear()
    yield
    sample.seen.clear()
    sample.acts.clear()
