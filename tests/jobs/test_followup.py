"""What happens to `failed()` when the process that ran the job was killed: the store pushes a job that calls it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from horizon import Job, JobState
from horizon.backends.values import Verb, Verdict, VerdictKind
from horizon.core.envelope import FOLLOW_UP, Envelope
from horizon.core.errors import JobCrashed, JobExpired, JobTimeout
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import Selection
from horizon.jobs.followup import CallFailed
from horizon.jobs.plan import plan_of
from horizon.runtime import Runtime
from horizon.testing import travel
from tests.jobs.hands import Hands
from tests.jobs.sample import Call


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    Call.ended.clear()
    yield
    Call.ended.clear()


def killed(hands: Hands, kind: VerdictKind) -> str:
    """A job on its last try whose executor was killed."""
    Call("it").with_tries(1).dispatch()
    (reservation,) = hands.reserve()
    hands.backend.sessions.bury("hands", 1, {reservation.token: Verdict(kind=kind, reason="it ran 70 s")})
    return reservation.id


def test_its_name_is_the_one_stores_know() -> None:
    assert plan_of(CallFailed).name == FOLLOW_UP


def test_after_a_kill_failed_is_called_once_with_what_is_known(hands: Hands) -> None:
    id = killed(hands, VerdictKind.TIMEOUT)
    record = hands.backend.get(id)
    assert record is not None
    assert record.state is JobState.FAILED
    outcome = hands.run_one()
    assert outcome.kind is Kind.COMPLETED
    assert [type(error) for error in Call.ended] == [JobTimeout]
    assert hands.run() == []


def test_a_job_retried_by_a_person_since_is_left_alone(hands: Hands) -> None:
    id = killed(hands, VerdictKind.TIMEOUT)
    hands.backend.act(Selection(ids=(id,)), Verb.RETRY)
    Call.acts["it"] = lambda job: None
    assert sorted(outcome.kind for outcome in hands.run()) == [Kind.COMPLETED, Kind.COMPLETED]
    assert Call.ended == []


def test_a_job_that_is_gone_or_unknown_fails_the_follow_up_with_the_reason(here: Runtime, hands: Hands) -> None:
    payload = json.dumps({"args": {"job_id": uuid7(), "round": 0}}).encode()
    here.backend().push([Envelope(id=uuid7(), name=FOLLOW_UP, queue="default", payload=payload, max_tries=1)])
    outcome = hands.run_one()
    assert (outcome.kind, outcome.error.type) == (Kind.FAILED, "horizon.core.errors.NotFound")  # type: ignore[union-attr]


def test_an_async_hook_is_awaited(hands: Hands) -> None:
    seen: list[Exception] = []

    class Waits(Job, name="test-followup-async"):
        def handle(self) -> None: ...

        async def failed(self, exception: Exception) -> None:
            seen.append(exception)

    Waits().with_tries(1).dispatch()
    (reservation,) = hands.reserve()
    hands.backend.sessions.bury("hands", 1, {reservation.token: Verdict(kind=VerdictKind.TIMEOUT, reason="x")})
    hands.run()
    assert len(seen) == 1
    assert isinstance(seen[0], (JobTimeout, JobCrashed))


def test_a_job_that_expired_is_told_so_and_its_missed_deadline_is_announced(here: Runtime, hands: Hands) -> None:
    missed: list[dict[str, Any]] = []
    here.events.listen("job_deadline_missed", lambda **told: missed.append(told))
    id = Call("it").with_deadline(5, expire=True).dispatch()
    with travel(6):
        here.backend().tick()
        assert hands.run_one().kind is Kind.COMPLETED
    assert [type(error) for error in Call.ended] == [JobExpired]
    assert [(told["job_id"], round(told["late"])) for told in missed] == [(str(id), 1)]
