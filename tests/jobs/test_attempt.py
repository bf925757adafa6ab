from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from horizon import Job
from horizon.core.clock import SECOND
from horizon.core.envelope import Envelope
from horizon.core.errors import HorizonError, JobInterrupted, JobTimeout
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.jobs import codec
from horizon.runtime import Runtime
from tests.jobs.acting import fail, run
from tests.jobs.hands import Hands
from tests.jobs.sample import Call, SendEmail, Take

# how an attempt ends --------------------------------------------------------------------------------


def test_what_handle_returns_is_the_result(hands: Hands) -> None:
    outcome = run(hands, lambda job: {"rows": 3})
    assert (outcome.kind, codec.decode_result(outcome.result), outcome.error) == (Kind.COMPLETED, {"rows": 3}, None)
    assert outcome.runtime >= 0
    assert outcome.memory_kb is None or outcome.memory_kb > 1000


def test_an_exception_is_another_try_with_what_went_wrong(hands: Hands) -> None:
    outcome = run(hands, fail)
    assert (outcome.kind, outcome.error.type, outcome.error.message) == (Kind.RETRY, "ValueError", "bad row")  # type: ignore[union-attr]
    assert 1_500_000 <= outcome.delay <= 3_000_000
    assert "prepared.py" not in outcome.error.traceback  # type: ignore[union-attr]
    assert Call.ended == []


def test_the_last_try_fails_the_job_and_calls_failed_once_with_the_exception(hands: Hands) -> None:
    outcome = run(hands, fail, tries=1)
    assert (outcome.kind, outcome.reason) == (Kind.FAILED, "the only try")
    assert [str(error) for error in Call.ended] == ["bad row"]
    assert isinstance(Call.ended[0], ValueError)


def test_each_try_is_numbered_and_waits_by_the_backoff_list(hands: Hands) -> None:
    seen: list[int] = []
    Call.acts["it"] = lambda job: seen.append(job.attempts) or fail(job)
    Call("it").with_tries(4).with_backoff([5, 30]).dispatch()
    (reservation,) = hands.reserve()
    delays = [hands.attempts.prepare(replace(reservation, attempt=attempt)).run().delay for attempt in (1, 2, 3, 4)]
    assert delays == [5 * SECOND, 30 * SECOND, 30 * SECOND, 0]
    assert seen == [1, 2, 3, 4]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_a_job_that_leaves_by_an_unusual_door_has_failed_and_leaves_the_worker_alone(hands: Hands, error: BaseException) -> None:
    def leave(job: Any) -> None:
        raise error

    outcome = run(hands, leave)
    assert (outcome.kind, outcome.error.type) == (Kind.RETRY, type(error).__name__)  # type: ignore[union-attr]


def test_an_interruption_costs_nothing(hands: Hands) -> None:
    def interrupted(job: Any) -> None:
        raise JobInterrupted

    outcome = run(hands, interrupted, tries=1)
    assert (outcome.kind, outcome.reason, outcome.started, outcome.error) == (Kind.RETURNED, "interrupted", True, None)
    assert Call.ended == []


def test_a_timeout_is_a_failure_like_another(hands: Hands) -> None:
    def too_long(job: Any) -> None:
        raise JobTimeout("the job ran longer than its timeout of 60 s")

    outcome = run(hands, too_long)
    assert (outcome.kind, outcome.error.type) == (Kind.RETRY, "horizon.core.errors.JobTimeout")  # type: ignore[union-attr]


def test_a_broken_constructor_is_a_failure_that_names_it(here: Runtime, hands: Hands) -> None:
    here.backend().push([Envelope(id=uuid7(), name="tests.jobs.sample:SendEmail", queue="default", payload=b'{"args": {"nobody": 1}}')])
    outcome = hands.run_one()
    assert outcome.kind is Kind.RETRY
    assert "nobody" in outcome.error.message  # type: ignore[union-attr]
    assert outcome.error.cause.startswith("TypeError tests.jobs.sample:SendEmail ")  # type: ignore[union-attr]


# what the job records itself ------------------------------------------------------------------------


def test_release_comes_again_and_costs_a_try(hands: Hands) -> None:
    assert run(hands, lambda job: job.release(timedelta(seconds=7))).delay == 7 * SECOND
    outcome = run(hands, lambda job: job.release(7), tries=1)
    assert (outcome.kind, outcome.reason) == (Kind.FAILED, "it released itself on the last of 1 tries")
    assert outcome.error is not None
    assert len(Call.ended) == 1


def test_fail_ends_it_whatever_tries_are_left(hands: Hands) -> None:
    outcome = run(hands, lambda job: job.fail(KeyError("gone")))
    assert (outcome.kind, outcome.error.type) == (Kind.FAILED, "KeyError")  # type: ignore[union-attr]
    assert isinstance(Call.ended[0], KeyError)
    assert run(hands, lambda job: job.fail("no such user")).error.message == "no such user"  # type: ignore[union-attr]
    assert run(hands, lambda job: job.fail()).kind is Kind.FAILED


def test_delete_ends_it_as_cancelled(hands: Hands) -> None:
    outcome = run(hands, lambda job: job.delete())
    assert (outcome.kind, outcome.reason) == (Kind.CANCELLED, "deleted by the job")


def test_the_first_of_them_wins_over_the_others_the_result_and_an_exception(hands: Hands) -> None:
    def several(job: Any) -> str:
        job.release(5)
        job.fail("no")
        job.delete()
        return "result"

    def then_raises(job: Any) -> None:
        job.delete()
        raise ValueError("after the end")

    assert (run(hands, several).kind, run(hands, then_raises).kind) == (Kind.RELEASED, Kind.CANCELLED)


@pytest.mark.parametrize("word", ["release", "fail", "delete"])
def test_they_are_for_inside_handle_only(word: str) -> None:
    with pytest.raises(HorizonError, match="inside handle"):
        getattr(SendEmail("a"), word)()


def test_outside_a_run_the_words_about_it_answer_nothing() -> None:
    job = SendEmail("a")
    job.progress(50)
    job.log("x")
    assert (job.attempts, job.job_id, job.cancel_requested, job.heartbeat()) == (0, None, False, True)


# the hook -------------------------------------------------------------------------------------------


def test_a_failed_hook_that_raises_changes_nothing_and_is_logged(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    class Sore(Job, name="test-sore"):
        def handle(self) -> None:
            raise ValueError("first")

        def failed(self, exception: Exception) -> None:
            raise RuntimeError("second")

    Sore().with_tries(1).dispatch()
    outcome = hands.run_one()
    assert (outcome.kind, outcome.error.message) == (Kind.FAILED, "first")  # type: ignore[union-attr]
    assert "failed() of test-sore raised" in caplog.text


def test_a_failed_hook_may_be_async_and_is_known_to_the_store(hands: Hands) -> None:
    seen: list[str] = []

    class Told(Job, name="test-told"):
        def handle(self) -> None:
            raise ValueError("x")

        async def failed(self, exception: Exception) -> None:
            seen.append(f"{exception} {self.attempts}")

    Told().with_tries(1).dispatch()
    (reservation,) = hands.reserve()
    assert reservation.hook
    hands.attempts.prepare(reservation).run()
    assert seen == ["x 1"]


def test_a_job_without_a_hook_says_so(hands: Hands) -> None:
    Take.dispatch(1)
    assert hands.reserve()[0].hook is False
