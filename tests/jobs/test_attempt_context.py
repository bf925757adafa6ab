from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from horizon.core import current
from horizon.core.clock import SECOND, to_datetime
from horizon.core.errors import JobCancelled
from horizon.core.events import Events
from horizon.core.outcome import Kind
from horizon.runtime import Runtime
from tests.jobs.acting import fail, run
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import Call, SendEmail


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


def test_a_signal_tells_of_a_job_that_begins_after_its_deadline_once(here: Runtime, hands: Hands) -> None:
    here.events = Events()
    heard: list[dict[str, Any]] = []
    here.events.listen("job_deadline_missed", lambda **details: heard.append(details))
    Call.acts["it"] = lambda job: None
    Call("it").with_deadline(60).dispatch()
    (reservation,) = hands.reserve()
    late = reservation.reserved_at - 3 * SECOND
    for of in (reservation, replace(reservation, deadline=late), replace(reservation, deadline=late, run=2)):
        hands.attempts.prepare(of).run()

    (told,) = heard
    assert (told["job_id"], told["late"], told["deadline"]) == (reservation.id, 3.0, to_datetime(late))


def test_a_run_leaves_no_trace_in_the_thread(hands: Hands) -> None:
    from horizon import current_job
    from horizon.jobs.context import RUNNING

    inside: list[Any] = []
    run(hands, lambda job: inside.append(current_job() is job))
    assert inside == [True]
    assert current_job() is None
    assert RUNNING.get() is None
