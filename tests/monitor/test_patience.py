"""How much is read for one answer."""

from __future__ import annotations

import pytest

from horizon.monitor.patience import FIRST, Patience, Unfinished

PIECES = range(10)


def test_without_a_limit_everything_is_read_at_once():
    assert Patience().portion(PIECES, None) == PIECES


def test_few_pieces_are_read_until_it_is_known_how_many_sums_one_has():
    assert len(Patience(100).portion(PIECES, None)) == FIRST


def test_then_as_many_as_there_is_room_for_and_one_at_the_least():
    assert len(Patience(100).portion(PIECES, 30)) == 3
    assert len(Patience(100).portion(PIECES, 300)) == 1
    assert Patience(100).portion(PIECES, 0) == PIECES


def test_when_all_of_it_is_spent_the_rest_is_for_another_time():
    patience = Patience(100)
    patience.spend(99)
    assert len(patience.portion(PIECES, 50)) == 1
    patience.spend(1)
    with pytest.raises(Unfinished):
        patience.portion(PIECES, 50)
