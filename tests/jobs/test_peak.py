from __future__ import annotations

import pytest

from horizon.jobs import peak
from horizon.jobs.peak import BRIEF, STALE, Peak


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the system will answer, one look after the other."""
    left = [100, 200, 300]
    monkeypatch.setattr(peak, "peak_kb", lambda: left.pop(0))
    return left


def test_short_runs_close_together_share_one_look_at_the_size(sizes: list[int]) -> None:
    seen = Peak()
    assert [seen.after(at, at + 10) for at in (1_000, 2_000, STALE - 1)] == [100, 100, 100]
    assert sizes == [200, 300]


def test_a_longer_run_is_looked_at_for_itself(sizes: list[int]) -> None:
    seen = Peak()
    assert seen.after(1_000, 1_010) == 100
    assert seen.after(2_000, 2_001 + BRIEF) == 200


def test_a_look_grows_stale(sizes: list[int]) -> None:
    seen = Peak()
    assert seen.after(1_000, 1_010) == 100
    assert seen.after(1_020 + STALE, 1_030 + STALE) == 200
