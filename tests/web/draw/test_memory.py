from __future__ import annotations

from horizon.web.draw.memory import POINTS, memory


def test_too_few_figures_are_no_trend():
    assert memory([5, 6], 5) is None
    assert memory([0, 0, 0], 5) is None


def test_a_line_stands_on_zero_and_is_told_in_words():
    drawn = memory([1024, 2048, 1024], 60)
    assert drawn.path == "M0 8L30 1L60 8"
    assert drawn.label == "Memory over 2 min: 1 MB at first, at most 2 MB, now 1 MB"


def test_a_long_life_keeps_its_peaks():
    figures = [10] * 100
    figures[57] = 90
    drawn = memory(figures, 5)
    assert drawn.path.count("L") == POINTS - 1
    assert " 1L" in drawn.path
