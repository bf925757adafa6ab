from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from horizon.core.clock import DAY, HOUR, SECOND
from horizon.core.place import DEFAULT_PATIENCE, LIMIT, TURN, fair_place, place

NOW = 1_700_000_000 * SECOND
moments = st.integers(0, 4_000_000_000 * SECOND)


def test_a_plain_job_stands_one_patience_behind_its_entry() -> None:
    assert place(NOW) == NOW + DEFAULT_PATIENCE == NOW + HOUR
    assert place(NOW, patience=5 * SECOND) == NOW + 5 * SECOND


def test_who_came_first_stands_first() -> None:
    assert place(NOW) < place(NOW + 1)


def test_a_near_deadline_overtakes_everybody_it_must() -> None:
    assert place(NOW, deadline=NOW + SECOND) < place(NOW - HOUR + 2 * SECOND)


def test_a_far_deadline_overtakes_nobody() -> None:
    assert place(NOW, deadline=NOW + 365 * DAY) == place(NOW)


def test_a_missed_deadline_stands_before_all_that_came_since() -> None:
    assert place(NOW, deadline=NOW - DAY) == NOW - DAY


@given(entry=moments, deadline=st.none() | moments, patience=st.integers(0, 10**15))
def test_a_place_is_an_integer_that_every_store_keeps_exactly(entry: int, deadline: int | None, patience: int) -> None:
    got = place(entry, deadline=deadline, patience=patience)
    assert isinstance(got, int)
    assert got < LIMIT == 2**53
    assert int(float(got)) == got


@given(entry=moments, later=st.integers(0, 10**12), deadline=st.none() | moments)
def test_coming_later_never_puts_a_job_further_ahead(entry: int, later: int, deadline: int | None) -> None:
    assert place(entry + later, deadline=deadline) >= place(entry, deadline=deadline)


def test_a_share_takes_its_part_of_the_patience() -> None:
    assert place(1_000, patience=600, share=3) == 1_200
    assert place(1_000, patience=600, share=0) == 1_600


def test_with_a_share_of_nothing_no_deadline_counts() -> None:
    assert place(1_000, deadline=1_001, patience=600, share=0) == 1_600


def test_a_key_stands_one_turn_behind_its_last_job_and_never_before_the_head() -> None:
    assert fair_place(5, head=None, last=None) == 5
    assert fair_place(5, head=40, last=None) == 40
    assert fair_place(5, head=None, last=40) == 40 + TURN
    assert fair_place(5, head=40, last=40) == 40 + TURN
    assert fair_place(5, head=9 * TURN, last=TURN) == 9 * TURN
    assert fair_place(5, head=40, last=40, share=4) == 40 + TURN // 4
    assert fair_place(5, head=40, last=LIMIT - 3) == LIMIT - 1
