"""The pytest plugin, found by pytest itself: the fixture `queue_fake`, and no fake that outlives its test.

It loads nothing of ours until a test uses it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from horizon.testing.fake import QueueFake


@pytest.fixture
def queue_fake() -> Iterator[QueueFake]:
    """Catches every dispatch of the test; see `horizon.testing.QueueFake`."""
    from horizon.testing.fake import QueueFake

    with QueueFake() as fake:
        yield fake


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """End fakes that a test made as plain objects: of a test that failed, its traceback would keep them alive."""
    fakes = sys.modules.get("horizon.testing.fake")
    if fakes is not None:
        fakes.stop_loose()
