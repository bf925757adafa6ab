from __future__ import annotations

import asyncio
from typing import Any

import pytest

from horizon import Job, JobState, chain
from horizon.control import editing
from horizon.core.errors import InvalidOption
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.record import Record
from horizon.jobs.idempotent import MAX_KEY, names_of
from horizon.jobs.jobid import JobId
from tests.jobs.acting import fail, run
from tests.jobs.hands import Hands
from tests.jobs.sample import Call, Take, fetch


def test_a_second_job_with_a_key_that_took_effect_completes_without_running_with_the_result_of_the_first(hands: Hands) -> None:
    first = Take(1).with_idempotency_key("order-7").dispatch()
    hands.run_one()
    second = Take(2).with_idempotency_key("order-7").dispatch()
    outcome = hands.run_one()
    record = _record(second)
    assert (record.state, record.result) == (JobState.COMPLETED, b'{"result":1}')
    (line,) = outcome.logs
    assert line.message.startswith(f"not run: its idempotency key 'order-7' took effect already, in job {first}, ")
    assert outcome.effects == ()


def test_other_keys_and_other_classes_are_others(hands: Hands) -> None:
    Call.acts["it"] = lambda job: 3
    for job in (Take(1), Call("it")):
        job.with_idempotency_key("order-7").dispatch()
    Take(2).with_idempotency_key("order-8").dispatch()
    assert [outcome.result for outcome in hands.run()] == [b'{"result":1}', b'{"result":3}', b'{"result":2}']


def test_one_that_failed_took_no_effect(hands: Hands) -> None:
    assert run(hands, fail, tries=1, job=Call("it").with_idempotency_key("k")).kind is Kind.FAILED
    assert run(hands, lambda job: 5, job=Call("it").with_idempotency_key("k")).result == b'{"result":5}'


def test_nor_did_one_that_released_or_deleted_itself(hands: Hands) -> None:
    assert run(hands, lambda job: job.delete(), job=Call("it").with_idempotency_key("k")).kind is Kind.CANCELLED
    assert run(hands, lambda job: job.release(60), job=Call("it").with_idempotency_key("k")).kind is Kind.RELEASED
    assert run(hands, lambda job: 5, job=Call("it").with_idempotency_key("k")).result == b'{"result":5}'


def test_while_one_runs_the_others_wait_at_no_cost_also_until_its_end_is_stored(hands: Hands) -> None:
    first = Take(1).with_idempotency_key("k").dispatch()
    Take(2).with_idempotency_key("k").dispatch()
    one, other = hands.prepared()
    ended = one.run()
    waits = other.run()
    assert (waits.kind, waits.started, waits.delay) == (Kind.RETURNED, False, 5_000_000)
    assert waits.reason == f"waits for job {first}, which runs with the same idempotency key"
    hands.backend.turn([ended, waits])


def test_a_job_that_begins_anew_after_its_worker_died_is_not_kept_out_by_itself(hands: Hands) -> None:
    Take(1).with_idempotency_key("k").dispatch()
    (reservation,) = hands.reserve()
    hands.attempts.prepare(reservation).run()
    assert hands.attempts.prepare(reservation).run().kind is Kind.COMPLETED


def test_a_job_that_returns_nothing_took_effect_as_well(hands: Hands) -> None:
    seen: list[int] = []
    for _ in range(2):
        run(hands, lambda job: seen.append(1), job=Call("it").with_idempotency_key("k"))
    assert seen == [1]


def test_async_jobs_too(hands: Hands) -> None:
    for value in (1, 5):
        fetch.job(value).with_idempotency_key("k").dispatch()
    outcomes = []
    for reservation in hands.reserve():
        outcomes.append(asyncio.run(hands.attempts.prepare(reservation).arun()))
        hands.backend.turn(outcomes[-1:])
    assert [outcome.result for outcome in outcomes] == [b'{"result":2}', b'{"result":2}']


def test_a_step_of_a_chain_that_took_effect_before_hands_its_result_on(hands: Hands) -> None:
    Take("receipt").with_idempotency_key("k").dispatch()
    hands.run()
    seen: list[Any] = []
    Call.acts["next"] = lambda job: seen.append(job.get_previous_result())
    chain([Take("again").with_idempotency_key("k"), Call("next")]).dispatch()
    hands.run()
    hands.run()
    assert seen == ["receipt"]


def test_who_duplicates_a_job_by_hand_wants_it_to_run(hands: Hands) -> None:
    id = Take(1).with_idempotency_key("k").tagged("mine").dispatch()
    assert id is not None
    assert editing.tags_from(_record(id)) == ("mine", f"from:{id}")


def test_a_class_that_was_renamed_knows_the_keys_of_its_former_name() -> None:
    class New(Job, name="test-renamed-now", aliases=["test-renamed-before"]):
        def handle(self) -> None: ...

    assert names_of(New, "k") == ["job test-renamed-now k", "job test-renamed-before k"]
    assert max(map(len, names_of(New, "k" * MAX_KEY))) <= 200
    assert names_of(New, "k" * MAX_KEY) != names_of(New, "k" * (MAX_KEY - 1))


@pytest.mark.parametrize("key", ["", "x" * (MAX_KEY + 1), "all*", None, "a\x00b"])
def test_a_key_that_cannot_be_one_is_refused_where_it_is_written(key: Any) -> None:
    with pytest.raises(InvalidOption, match="idempotency key"):
        Take(1).with_idempotency_key(key)


def test_uuids_and_numbers_are_keys(hands: Hands) -> None:
    key = uuid7()
    assert _record(Take(1).with_idempotency_key(key).dispatch()).tags == (f"idempotency:{key}",)


def _record(id: JobId | None) -> Record:
    assert id is not None
    record = id.record()
    assert record is not None
    return record
