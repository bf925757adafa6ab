"""Forget, and restore."""

from __future__ import annotations

import pytest

from horizon.backends.values import Verb
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from tests.conformance.driver import Driver
from tests.conformance.states import ENDED, LIVE, in_state


@pytest.mark.parametrize("state", ENDED)
def test_a_forgotten_record_leaves_lists_and_counts_and_can_be_restored(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    before = drive.get(id)
    drive.did(Verb.FORGET, id, reason="test data")
    assert (drive.get(id).forgotten, drive.get(id).state) == (True, state)
    assert drive.found() == []
    assert drive.found(include_forgotten=True) == [id]
    assert drive.counts(f"q-{state}") == {}
    drive.did(Verb.RESTORE, id)
    assert drive.get(id) == before
    assert drive.found() == [id]
    assert drive.counts(f"q-{state}") == {state: 1}


@pytest.mark.parametrize("state", [state for state in LIVE if state != "processing"])
def test_forgetting_a_live_job_cancels_it_first(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    drive.did(Verb.FORGET, id, reason="wrong")
    assert (drive.state(id), drive.get(id).forgotten, drive.get(id).reason) == ("cancelled", True, "wrong")
    drive.did(Verb.RESTORE, id)
    assert (drive.state(id), drive.get(id).forgotten) == ("cancelled", False)


def test_forgetting_a_running_job_asks_it_to_stop_and_hides_it_when_it_ended(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.FORGET, id)
    assert (drive.state(id), drive.get(id).cancel_requested) == ("processing", True)
    drive.retry(got, delay=5)
    assert (drive.state(id), drive.get(id).forgotten) == ("cancelled", True)
    assert drive.counts() == {}


def test_a_forgotten_job_must_be_restored_before_anything_else(drive: Driver) -> None:
    id = in_state(drive, "failed")
    drive.did(Verb.FORGET, id)
    for verb in (Verb.RETRY, Verb.CANCEL, Verb.FORGET):
        assert drive.refusal(verb, id)
    drive.did(Verb.RESTORE, id)
    drive.did(Verb.RETRY, id)


def test_what_was_not_forgotten_is_not_restored(drive: Driver) -> None:
    assert drive.refusal(Verb.RESTORE, in_state(drive, "failed"))
    assert drive.refusal(Verb.RESTORE, in_state(drive, "pending"))


def test_what_one_act_forgot_is_found_by_its_reason_and_comes_back_by_it(drive: Driver) -> None:
    mine, other = drive.push(), drive.push()
    drive.act(Verb.CANCEL, mine, other, reason="no use")
    drive.did(Verb.FORGET, mine, reason="forgotten by ana")
    drive.did(Verb.FORGET, other, reason="forgotten by eva")
    query = JobQuery(states=(JobState.CANCELLED,), reason="forgotten by ana", include_forgotten=True)
    assert [record.id for record in drive.backend.find(query).items] == [mine]
    assert drive.backend.act(Selection(query=query), Verb.RESTORE).done == (mine,)
    assert (drive.get(mine).forgotten, drive.get(mine).reason, drive.get(other).forgotten) == (False, "no use", True)
