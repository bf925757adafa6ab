from __future__ import annotations

import copy
import json
import pickle
import threading

import pytest

from horizon import JobState
from horizon.backends.values import Verb
from horizon.core.errors import JobTimeout, NotFound
from horizon.core.query import Selection
from horizon.jobs.jobid import JobId
from horizon.runtime import Runtime
from tests.jobs.hands import Hands
from tests.jobs.sample import SendEmail


def dispatched() -> JobId:
    id = SendEmail.dispatch("a")
    assert id is not None
    return id


def test_an_id_is_text(here: Runtime) -> None:
    id = dispatched()
    assert len(id) == 36
    assert json.loads(json.dumps(id)) == id
    assert type(pickle.loads(pickle.dumps(id))) is str
    assert copy.copy(id) == id


def test_waiting_returns_the_record_of_a_job_that_has_ended(hands: Hands) -> None:
    id = dispatched()
    hands.run()
    assert id.wait(0).state is JobState.COMPLETED


def test_waiting_sees_the_end_while_it_waits(hands: Hands) -> None:
    id = dispatched()
    ended: list[JobState] = []
    waiter = threading.Thread(target=lambda: ended.append(id.wait(30).state))
    waiter.start()
    hands.run()
    waiter.join(30)
    assert ended == [JobState.COMPLETED]


def test_waiting_longer_than_the_timeout_says_where_the_job_stands(here: Runtime) -> None:
    with pytest.raises(JobTimeout, match=r"not ended within 0.01 s; it is pending"):
        dispatched().wait(0.01)
    with pytest.raises(TimeoutError):
        dispatched().wait(0)


def test_waiting_for_a_job_that_is_gone_is_told(here: Runtime) -> None:
    with pytest.raises(NotFound, match="there is no job"):
        JobId("01a200d0-fbe0-72e0-ba06-294a1b4f9a28", here, "default").wait(1)


def test_cancelling_answers_whether_anything_was_left_to_cancel(hands: Hands) -> None:
    id = dispatched()
    assert id.cancel("not needed") is True
    record = id.record()
    assert record is not None
    assert (record.state, record.reason) == (JobState.CANCELLED, "not needed")
    assert id.cancel() is False


def test_a_record_that_a_person_removed_for_good_is_none(here: Runtime) -> None:
    id = dispatched()
    here.backend().act(Selection(ids=(id,)), Verb.CANCEL)
    assert id.record() is not None
    assert JobId("01a200d0-fbe0-72e0-ba06-294a1b4f9a28", here, "default").record() is None
