from __future__ import annotations

import itertools

import pytest

from horizon.core.errors import InvalidTransition
from horizon.core.states import BY_CODE, CODES, LIVE, MOVES, TERMINAL, JobState, Priority, check_move

S = JobState
ALLOWED = {
    (None, S.PENDING), (None, S.SCHEDULED), (None, S.BLOCKED), (None, S.CANCELLED), (None, S.FAILED),
    (S.BLOCKED, S.PENDING), (S.BLOCKED, S.SCHEDULED), (S.BLOCKED, S.CANCELLED),
    (S.SCHEDULED, S.PENDING), (S.SCHEDULED, S.SCHEDULED), (S.SCHEDULED, S.CANCELLED),
    (S.PENDING, S.PROCESSING), (S.PENDING, S.SCHEDULED), (S.PENDING, S.CANCELLED), (S.PENDING, S.FAILED),
    (S.RETRYING, S.PENDING), (S.RETRYING, S.RETRYING), (S.RETRYING, S.CANCELLED),
    (S.PROCESSING, S.COMPLETED), (S.PROCESSING, S.FAILED), (S.PROCESSING, S.CANCELLED),
    (S.PROCESSING, S.RETRYING), (S.PROCESSING, S.SCHEDULED), (S.PROCESSING, S.PENDING),
    (S.COMPLETED, S.PENDING), (S.COMPLETED, S.SCHEDULED), (S.COMPLETED, S.BLOCKED),
    (S.FAILED, S.PENDING), (S.FAILED, S.SCHEDULED), (S.FAILED, S.BLOCKED),
    (S.CANCELLED, S.PENDING), (S.CANCELLED, S.SCHEDULED), (S.CANCELLED, S.BLOCKED),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), list(itertools.product([None, *JobState], JobState)))
def test_exactly_the_moves_of_the_contract_are_allowed(old: JobState | None, new: JobState) -> None:
    if (old, new) in ALLOWED:
        check_move(old, new)
    else:
        with pytest.raises(InvalidTransition):
            check_move(old, new)


def test_the_only_way_into_processing_is_from_pending() -> None:
    assert [old for old, news in MOVES.items() if S.PROCESSING in news] == [S.PENDING]


def test_a_forbidden_move_says_what_is_allowed_instead() -> None:
    with pytest.raises(InvalidTransition, match=r"completed cannot become processing.*blocked, pending, scheduled"):
        check_move(S.COMPLETED, S.PROCESSING)


def test_the_numbers_on_disk_never_change() -> None:
    assert {state.value: state.code for state in JobState} == {
        "pending": 1, "processing": 2, "scheduled": 3, "retrying": 4, "blocked": 5, "completed": 6, "failed": 7, "cancelled": 8,
    }  # fmt: skip
    assert {BY_CODE[code] for code in CODES.values()} == set(JobState)


def test_every_state_is_either_live_or_terminal() -> None:
    assert set(JobState) == LIVE | TERMINAL
    assert not LIVE & TERMINAL
    assert {state for state in JobState if state.terminal} == {S.COMPLETED, S.FAILED, S.CANCELLED}


def test_states_read_as_words() -> None:
    assert str(S.PROCESSING) == "processing"
    assert JobState("failed") is S.FAILED


def test_priorities_have_their_published_numbers() -> None:
    assert (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.CRITICAL) == (-10, 0, 10, 20)
