from __future__ import annotations

import pytest

from horizon.control import pacing
from horizon.core.errors import InvalidOption


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        ("50/s", 50),
        ("600/m", 10),
        ("36/h", 0.01),
        ("50", 50),
        (" 2.5 / s ", 2.5),
        ("50 per second", 50),
        ("10 a minute", 1 / 6),
        (7, 7),
        ("", None),
        (None, None),
    ],
)
def test_a_pace_is_read_as_people_write_it(given: object, rate: float | None) -> None:
    assert pacing.read(given) == (None if rate is None else pytest.approx(rate))


@pytest.mark.parametrize("wrong", ["soon", "50/day", "0/s", "-1/s", "1000001/s", "50//s", True, 0, [50], "50/s; 1/s"])
def test_anything_else_is_refused_with_how_it_is_written(wrong: object) -> None:
    with pytest.raises(InvalidOption, match="50/s, 600/m or 20/h"):
        pacing.read(wrong)


@pytest.mark.parametrize(
    ("rate", "words"), [(50, "50 a second"), (1 / 6, "10 a minute"), (1 / 3600, "1 an hour"), (1500, "1,500 a second")]
)
def test_a_pace_is_told_in_the_unit_that_one_can_imagine(rate: float, words: str) -> None:
    assert pacing.told(rate) == words
