from __future__ import annotations

import pytest

from horizon.core.scaling import BACK, Scale, heard, reported


@pytest.mark.parametrize("scale", [Scale(to=3, by="ana"), Scale(to=1, by="o:t:to", until=1_700_000_000_000_000), Scale(to=12, by="")])
def test_what_is_asked_is_heard_and_what_is_told_is_read(scale: Scale) -> None:
    assert heard(scale.word) == scale
    assert reported(scale.told) == scale


def test_a_long_name_is_cut_and_the_word_stays_short_enough_for_every_store() -> None:
    assert len(Scale(to=256, by="x" * 300, until=2**60).word) < 100


@pytest.mark.parametrize("word", [BACK, "scale:", "scale:x::ana", "scale:-1::ana"])
def test_anything_else_means_as_it_was_started(word: str) -> None:
    assert heard(word) is None


@pytest.mark.parametrize("said", [None, 3, "3", [], {}, {"to": "3"}, {"to": True}])
def test_a_report_of_another_version_tells_nothing(said: object) -> None:
    assert reported(said) is None
