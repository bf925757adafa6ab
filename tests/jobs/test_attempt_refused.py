from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from horizon import Job, JobState
from horizon.core.clock import SECOND, now
from horizon.core.envelope import VERSION, Envelope
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.jobs import codec
from horizon.runtime import Runtime
from tests.jobs.hands import Hands, runtime


def stored(here: Runtime, **given: Any) -> None:
    given = {"id": uuid7(), "name": "shop.gone:Job", "queue": "default", "payload": b'{"args": {}}', **given}
    here.backend().push([Envelope(**given)])


def test_an_unknown_class_goes_back_without_cost_for_a_while(here: Runtime, hands: Hands) -> None:
    stored(here)
    outcome = hands.run_one()
    assert (outcome.kind, outcome.started) == (Kind.RETURNED, False)
    assert 0 < outcome.delay <= 30 * SECOND
    assert "HORIZON_IMPORTS" in (outcome.reason or "")
    record = here.backend().many([outcome.id])[0]
    assert (record.state, record.attempts) == (JobState.SCHEDULED, 0)


def test_after_that_it_fails_with_what_to_do_and_can_be_retried() -> None:
    here = runtime(UNKNOWN_JOB=0)
    hands = Hands(here)
    stored(here)
    outcome = hands.run_one()
    assert (outcome.kind, outcome.reason) == (Kind.FAILED, "unknown job")
    assert "aliases = ['shop.gone:Job']" in outcome.error.message  # type: ignore[union-attr]
    from horizon.backends.values import Verb
    from horizon.core.query import Selection

    assert here.backend().act(Selection(ids=(outcome.id,)), Verb.RETRY).done == (outcome.id,)


def test_an_old_job_is_not_failed_by_a_worker_that_meets_its_name_for_the_first_time(here: Runtime, hands: Hands) -> None:
    stored(here)
    (reservation,) = hands.reserve()
    old = replace(reservation, created_at=now() - 10**12)
    assert hands.attempts.prepare(old).run().kind is Kind.RETURNED
    hands.attempts._unknown["shop.gone:Job"] -= 700 * SECOND
    assert hands.attempts.prepare(old).run().kind is Kind.FAILED
    assert hands.attempts.prepare(replace(reservation, created_at=now())).run().kind is Kind.RETURNED


def test_an_alias_finds_a_renamed_class(here: Runtime, hands: Hands) -> None:
    class New(Job, name="test-new-name"):
        aliases = ["test-old-name"]

        def handle(self) -> str:
            return "found"

    stored(here, name="test-old-name")
    assert codec.decode_result(hands.run_one().result) == "found"


def test_a_newer_format_goes_back_unharmed(here: Runtime, hands: Hands) -> None:
    stored(here, name="tests.jobs.sample:NoInit", version=VERSION + 1)
    outcome = hands.run_one()
    assert outcome.kind is Kind.RETURNED
    assert "upgrade Horizon" in (outcome.reason or "")


@pytest.mark.parametrize("payload", [b"nonsense", b"{}", b'{"args": {"value": {"~": "pickle", "v": "x"}}}', b"\xff"])
def test_a_payload_that_cannot_be_read_fails_the_job_and_not_the_worker(here: Runtime, hands: Hands, payload: bytes) -> None:
    stored(here, name="tests.jobs.sample:Take", payload=payload)
    outcome = hands.run_one()
    assert (outcome.kind, outcome.reason, outcome.started) == (Kind.FAILED, "bad payload", False)


def test_a_value_class_that_is_not_loaded_here_is_left_to_another_worker(here: Runtime, hands: Hands) -> None:
    stored(here, name="tests.jobs.sample:Take", payload=b'{"args": {"value": {"~": "enum", "c": "shop.new:Colour", "v": "RED"}}}')
    assert hands.run_one().kind is Kind.RETURNED


def test_a_stored_backoff_that_is_none_fails_the_job_and_not_the_worker(here: Runtime, hands: Hands) -> None:
    stored(here, name="tests.jobs.sample:NoInit", backoff='{"evil": 1}')
    assert hands.run_one().kind is Kind.FAILED
