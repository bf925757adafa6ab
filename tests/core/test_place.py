from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from horizon.core.clock import DAY, HOUR, SECOND
from horizon.core.place import DEFAULT_PATIENCE, LIMIT, place

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
