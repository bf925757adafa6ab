from __future__ import annotations

import pytest

from horizon.worker import warden
from tests.worker.fake_executors import FakeChild, make


@pytest.fixture
def keep(monkeypatch):
    """A warden of two executors with two slots each."""
    monkeypatch.setattr(warden, "Child", FakeChild)
    return make()


@pytest.fixture
def few(monkeypatch):
    """Two executors that may start three jobs together."""
    monkeypatch.setattr(warden, "Child", FakeChild)
    return make("--max-jobs", "3")
