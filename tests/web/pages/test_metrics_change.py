"""How a change against the stretch before is told."""

from __future__ import annotations

import pytest

from horizon.web.pages.metrics_table import pace, told_change


@pytest.mark.parametrize(
    ("grown", "told"), [(0.12, "+12 %"), (-0.4, "−40 %"), (11, "×12"), (998, "×999"), (998.9, "×1,000"), (754_676, "×1,000+")]
)
def test_growth_is_told_in_percent_then_in_times_and_no_finer_than_it_means_something(grown: float, told: str) -> None:
    assert told_change(grown) == told


def test_shares_grow_by_points() -> None:
    assert told_change(0.012, in_points=True) == "+1.2 pt"


@pytest.mark.parametrize(
    ("value", "told"), [(62.0, "62"), (0.4, "0.4"), (0.000644, "0.00064"), (0.00001, "<0.0001"), (0, "0"), (None, "–")]
)
def test_a_pace_is_told_without_powers_of_ten(value: float | None, told: str) -> None:
    assert pace(value) == told
