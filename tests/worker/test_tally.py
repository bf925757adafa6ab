from __future__ import annotations

import os
import threading

import pytest

from horizon.worker.tally import Tally


@pytest.fixture
def tally():
    made = Tally.create(3, 5)
    yield made
    made.close()


def test_so_many_starts_are_granted_to_all_places_together_and_not_one_more(tally):
    granted = [tally.claim(n % 3) for n in range(9)]
    assert granted == [True] * 5 + [False] * 4
    assert [tally.at(place) for place in range(3)] == [2, 2, 1]
    assert tally.left() == 0


def test_a_start_that_did_not_happen_is_free_again(tally):
    for _ in range(5):
        tally.claim(0)
    tally.release(0)
    assert tally.left() == 1
    assert tally.claim(2)
    assert not tally.claim(2)


def test_what_is_only_reached_for_is_still_left(tally):
    for _ in range(4):
        tally.claim(0)
    told = []

    class Reaching(Tally):
        """Asks, as its guardian may, in the middle of another one's reach for the last start."""

        @property
        def _words(self):
            told.append(tally.left())
            return tally._words

        @_words.setter
        def _words(self, words):
            words.release()

    other = Reaching(os.dup(tally.fd), 4)  # one fewer than are granted: it is told no
    assert not other.claim(1)
    assert told == [1]
    assert tally.left() == 1
    assert tally.claim(2)


def test_the_other_side_of_the_descriptor_counts_the_same(tally):
    other = Tally(os.dup(tally.fd), 5)
    other.claim(1)
    assert tally.left() == 4
    tally.correct(1, 3)
    assert (other.at(1), other.left()) == (3, 2)
    other.close()


def test_places_that_reach_for_the_last_ones_at_the_same_time_never_take_too_many():
    most, granted = 300, [0, 0, 0]
    tally = Tally.create(3, most)

    def reach(place):
        while tally.left():
            granted[place] += tally.claim(place)

    threads = [threading.Thread(target=reach, args=(place,)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == most
