from __future__ import annotations

import pytest

from horizon.core import current


@pytest.fixture(autouse=True)
def _no_app_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is still alive would be meant where a test names none."""
    monkeypatch.setattr(current, "_known", [])
