from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from horizon import Exponential, Job, JobState
from horizon.core import current
from horizon.core.clock import SECOND, now
from horizon.core.envelope import VERSION, Envelope
from horizon.core.errors import HorizonError, JobCancelled, JobInterrupted, JobTimeout
from horizon.core.events import Events
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind, Outcome
from horizon.jobs import codec
from horizon.runtime import Runtime
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import Call, SendEmail, Take


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    Call.acts.clear()
    Call.ended.clear()
    yield
    Call.acts.clear()
    Call.ended.clear()


def run(hands: Hands, act: Any, *, tries: int = 3, job: Job | None = None) -> Outcome:
    """Dispatch a job whose handle is `act`, and run it once."""
    Call.acts["it"] = act
    (job or Call("it")).with_tries(tries).dispatch()
    return hands.run_one()


def fail(job: Any) -> None:
    raise ValueError("bad row")


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
    assert outcome.error.cause == "TypeError tests.jobs.sample:SendEmail"  # type: ignore[union-attr]


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


# retries by class of exception ----------------------------------------------------------------------


class Picky(Job, name="test-picky"):
    retry_on = (ConnectionError, ValueError)
    dont_retry_on = UnicodeError
    ended: list[Exception] = []

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def handle(self) -> None:
        raise {"value": ValueError("x"), "unicode": UnicodeError("x"), "key": KeyError("x"), "timeout": JobTimeout("x")}[self.kind]

    def failed(self, exception: Exception) -> None:
        Picky.ended.append(exception)


@pytest.mark.parametrize(
    ("kind", "ends"), [("value", Kind.RETRY), ("unicode", Kind.FAILED), ("key", Kind.FAILED), ("timeout", Kind.FAILED)]
)
def test_only_wanted_exceptions_are_retried(hands: Hands, kind: str, ends: Kind) -> None:
    Picky(kind).with_tries(5).dispatch()
    outcome = hands.run_one()
    assert outcome.kind is ends
    assert outcome.reason == (None if ends is Kind.RETRY else "an exception that is not retried")


def test_a_kill_for_the_timeout_follows_the_same_lists(hands: Hands) -> None:
    Picky("value").with_tries(5).dispatch()
    (prepared,) = hands.prepared()
    assert prepared.retry_delay_us is None


class Until(Job, name="test-until"):
    retry_until = timedelta(seconds=100)
    backoff = 60

    def handle(self) -> None:
        raise ValueError("x")


def test_a_limit_in_time_takes_the_place_of_a_limit_in_tries(hands: Hands) -> None:
    Until.dispatch()
    (reservation,) = hands.reserve()
    assert reservation.max_tries == 10_000
    assert reservation.retry_until is not None
    assert hands.attempts.prepare(replace(reservation, attempt=500)).run().kind is Kind.RETRY
    near_the_end = replace(reservation, retry_until=now() + 30 * SECOND)
    outcome = hands.attempts.prepare(near_the_end).run()
    assert (outcome.kind, outcome.reason) == (Kind.FAILED, "its time for retries is over")


def test_a_retry_that_comes_after_the_limit_is_not_begun(hands: Hands) -> None:
    Until.dispatch()
    (reservation,) = hands.reserve()
    late = replace(reservation, attempt=2, retry_until=now() - SECOND)
    ready = hands.attempts.prepare(late).ready
    assert ready is not None
    assert (ready.kind, ready.started) == (Kind.FAILED, False)
    assert hands.attempts.prepare(replace(late, attempt=1)).ready is None


def test_retry_until_may_be_asked_of_the_job(hands: Hands) -> None:
    class Asked(Job, name="test-asked"):
        def __init__(self, seconds: int) -> None:
            self.seconds = seconds

        def retry_until(self) -> Any:  # type: ignore[override]
            return timedelta(seconds=self.seconds)

        def handle(self) -> None: ...

    Asked.dispatch(50)
    (reservation,) = hands.reserve()
    assert 0 < reservation.retry_until - now() <= 50 * SECOND  # type: ignore[operator]


# callable backoffs ----------------------------------------------------------------------------------


class Method(Job, name="test-backoff-method"):
    def __init__(self, base: int) -> None:
        self.base = base

    def backoff(self, attempt: int, error: Exception) -> float:  # type: ignore[override]
        return self.base * attempt + len(str(error))

    def handle(self) -> None:
        raise ValueError("xxx")


class Lambda(Job, name="test-backoff-lambda"):
    backoff = lambda attempt, error: attempt * 11  # noqa: E731

    def handle(self) -> None:
        raise ValueError("x")


class Broken(Job, name="test-backoff-broken"):
    backoff = lambda attempt: "soon"  # noqa: E731

    def handle(self) -> None:
        raise ValueError("x")


class OnInstance(Job, name="test-backoff-instance"):
    def __init__(self) -> None:
        self.backoff = lambda attempt, error: 77

    def handle(self) -> None:
        raise ValueError("x")


def test_a_callable_backoff_is_asked_in_the_worker(hands: Hands) -> None:
    for job, delay in ((Method(10), 13), (Lambda(), 11), (OnInstance(), 77)):
        job.dispatch()
        assert hands.run_one().delay == delay * SECOND


def test_a_backoff_that_came_with_the_job_wins_over_a_callable_of_the_class(hands: Hands) -> None:
    Lambda().with_backoff(5).dispatch()
    assert hands.run_one().delay == 5 * SECOND


def test_a_callable_backoff_that_fails_is_replaced_by_the_default(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    Broken.dispatch()
    assert 1_500_000 <= hands.run_one().delay <= 3_000_000
    assert "backoff of test-backoff-broken raised" in caplog.text


def test_exponential_backoff_grows_to_its_cap(hands: Hands) -> None:
    Call.acts["it"] = fail
    Call("it").with_tries(99).with_backoff(Exponential(base=2, factor=3, cap=50, jitter=0)).dispatch()
    (reservation,) = hands.reserve()
    delays = [hands.attempts.prepare(replace(reservation, attempt=attempt)).run().delay for attempt in (1, 2, 3, 4, 90)]
    assert delays == [2 * SECOND, 6 * SECOND, 18 * SECOND, 50 * SECOND, 50 * SECOND]


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


# what cannot be run ---------------------------------------------------------------------------------


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


# what the worker reads ------------------------------------------------------------------------------


def test_a_prepared_job_says_how_long_it_may_run_and_what_follows_a_kill(hands: Hands) -> None:
    SendEmail("a").with_tries(2).with_timeout(12.5).with_backoff(9).dispatch()
    (reservation,) = hands.reserve()
    prepared = hands.attempts.prepare(reservation)
    assert (prepared.ready, prepared.timeout, prepared.retry_delay_us, prepared.is_async) == (None, 12.5, 9 * SECOND, False)
    assert hands.attempts.prepare(replace(reservation, attempt=2)).retry_delay_us is None


def test_user_code_is_marked_while_it_runs_and_only_then(hands: Hands) -> None:
    marks: list[bool] = []
    Call.acts["it"] = lambda job: marks.append(prepared.in_user_code) or fail(job)
    Call("it").with_tries(1).dispatch()
    (prepared,) = hands.prepared()
    marks.append(prepared.in_user_code)
    prepared.run()
    marks.append(prepared.in_user_code)
    assert marks == [False, True, False]


def test_the_job_sees_that_it_was_cancelled(hands: Hands) -> None:
    seen: list[Any] = []
    Call.acts["it"] = lambda job: (prepared.cancel("not needed"), seen.append((job.cancel_requested, job.heartbeat())))
    Call("it").dispatch()
    (prepared,) = hands.prepared()
    assert prepared.run().kind is Kind.COMPLETED
    assert seen == [(True, False)]


def test_a_cancelled_job_that_raises_or_releases_does_not_come_again(hands: Hands) -> None:
    for act in (fail, lambda job: job.release(5)):
        Call.acts["it"] = act
        Call("it").dispatch()
        (prepared,) = hands.prepared()
        prepared.cancel("not needed")
        outcome = prepared.run()
        assert (outcome.kind, outcome.reason) == (Kind.CANCELLED, "not needed")


def test_the_exception_of_a_cancellation_is_no_failure(hands: Hands) -> None:
    def stopped(job: Any) -> None:
        raise JobCancelled("by ana")

    assert (run(hands, stopped).kind, Call.ended) == (Kind.CANCELLED, [])


def test_progress_and_lines_are_news_and_the_outcome_carries_the_rest(hands: Hands) -> None:
    news: list[Any] = []

    def work(job: Any) -> None:
        job.progress(40, "rows 400/1000")
        job.log("first")
        news.append(prepared.news())
        news.append(prepared.news())
        job.log("second")

    Call.acts["it"] = work
    Call("it").dispatch()
    (prepared,) = hands.prepared()
    outcome = prepared.run()
    assert (news[0].percent, news[0].note, [line.message for line in news[0].logs]) == (40, "rows 400/1000", ["first"])
    assert news[0].token == prepared.reservation.token
    assert news[1] is None
    assert [line.message for line in outcome.logs] == ["second"]


@pytest.mark.parametrize("percent", [-1, 101, "40", None, True])
def test_progress_out_of_range_is_refused(percent: Any) -> None:
    from horizon.core.errors import InvalidOption

    with pytest.raises(InvalidOption, match="progress is a number from 0 to 100"):
        SendEmail("a").progress(percent)


@pytest.mark.parametrize("url", ["memory://", "sqlite:///{folder}/chatty.db"])
def test_the_dropped_lines_of_a_chatty_job_are_counted_in_its_history(tmp_path: Path, url: str) -> None:
    hands = Hands(here := runtime(url.format(folder=tmp_path), LOG_LINES=5))
    with current.use(here):
        outcome = run(hands, lambda job: [job.log(str(number)) for number in range(20)] and None)
    assert ([line.message for line in outcome.logs], outcome.logs_dropped) == (["15", "16", "17", "18", "19"], 15)
    record = hands.backend.get(outcome.id)
    assert record is not None
    assert ([line.message for line in record.history[0].logs], record.history[0].logs_dropped) == (["15", "16", "17", "18", "19"], 15)
    here.close()


def test_the_host_is_around_every_run_and_around_the_hook(here: Runtime, hands: Hands) -> None:
    from contextlib import contextmanager

    steps: list[str] = []

    @contextmanager
    def around() -> Iterator[None]:
        steps.append("enter")
        yield
        steps.append("leave")

    @contextmanager
    def closing() -> Iterator[None]:
        try:
            with around():
                yield
        finally:
            steps.append("closed")

    here.around = closing
    run(hands, lambda job: steps.append("work") or fail(job), tries=1)
    assert steps == ["enter", "work", "closed", "enter", "leave", "closed"]


def test_an_error_of_the_host_around_the_job_is_the_attempts(here: Runtime, hands: Hands) -> None:
    def around() -> Any:
        raise RuntimeError("no app")

    here.around = around
    assert run(hands, lambda job: None).error.message == "no app"  # type: ignore[union-attr]


def test_signals_tell_how_attempts_went(here: Runtime, hands: Hands) -> None:
    here.events = Events()
    here.sender = "the app"
    heard: list[tuple[str, Any, Any]] = []

    def listener(event: str) -> Any:
        return lambda **details: heard.append((event, details["attempt"], details.get("exception")))

    for name in ("job_processing", "job_processed", "job_failed", "job_retrying", "job_cancelled"):
        here.events.listen(name, listener(name))
    run(hands, lambda job: None)
    run(hands, fail)
    run(hands, fail, tries=1)
    run(hands, lambda job: job.delete())
    names = [name for name, _, _ in heard if name != "job_processing"]
    assert names == ["job_processed", "job_retrying", "job_failed", "job_cancelled"]
    assert len(heard) == 8
    assert isinstance(heard[3][2], ValueError)


def test_a_run_leaves_no_trace_in_the_thread(hands: Hands) -> None:
    from horizon import current_job
    from horizon.jobs.context import RUNNING

    inside: list[Any] = []
    run(hands, lambda job: inside.append(current_job() is job))
    assert inside == [True]
    assert current_job() is None
    assert RUNNING.get() is None
