from __future__ import annotations

import pytest

from horizon.web import typed


@pytest.mark.parametrize(("text", "meant"), [("0", 0), ("12", 12), ("0012", 12), ("999999999", 999_999_999)])
def test_a_whole_number_is_read(text, meant):
    assert typed.whole(text) == meant


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 1", "١٢", "²", "1" * 10, "0" * 5_000, "9" * 5_000])
def test_whatever_else_came_is_none_and_no_error(text):
    assert typed.whole(text) is None


@pytest.mark.parametrize(("text", "at"), [("0", 0), ("2", 2), ("3", None), ("0003", None), ("x", None)])
def test_a_place_lies_in_its_list(text, at):
    assert typed.place(text, 3) == at
