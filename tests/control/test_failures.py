from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from horizon import DeadLetters, FailureHandler, Horizon, Job, JobService, define_queue
from horizon.backends.values import Acted, Operation
from horizon.core.errors import HorizonError, InvalidOption, MaxAttemptsExceeded, NotFound
from horizon.core.states import JobState
from horizon.jobs.decide import Again, Over
from horizon.testing import work_all
from tests.stores.lending import fresh


class Broken(Job):
    name = "failures-tests:broken"
    max_tries = 1
    told: list[BaseException] = []

    def __init__(self, how: str) -> None:
        self.how = how

    def handle(self) -> None:
        raise {"key": KeyError, "mail": ConnectionError}[self.how]("mailbox")

    def failed(self, exception: Exception) -> None:
        self.told.append(exception)


class ForEver(Job):
    name = "failures-tests:for-ever"
    max_tries = 4

    def handle(self) -> None:
        self.release(0)


@pytest.fixture
def app() -> Flask:
    made = Flask("failures")
    made.config.update(HORIZON_URL=fresh(), HORIZON_SCHEDULER=False)
    Horizon(made)
    made.extensions["horizon"].runtime.routing.define_queue("brittle", dead_after=2)
    Broken.told.clear()
    return made


def test_fifty_failures_of_two_kinds_are_two_groups_with_where_to_begin(app: Flask) -> None:
    with app.app_context():
        Broken.dispatch_many([("key",)] * 30 + [("mail",)] * 20)
        work_all()
        first, second = FailureHandler.analyse()
    assert [(one.type, one.count) for one in (first, second)] == [("KeyError", 30), ("ConnectionError", 20)]
    assert "bug or unexpected data" in first.suggestion
    assert "did not answer" in second.suggestion
    assert sum(first.trend) == 30
    assert len(first.hosts) == 1


def test_a_group_is_marked_as_resolved_until_it_fails_again(app: Flask) -> None:
    with app.app_context():
        Broken.dispatch("key")
        work_all()
        (one,) = FailureHandler.analyse(timedelta(hours=1))
        FailureHandler.resolve(one.cause, "mended in b7e0d11")
        assert FailureHandler.analyse()[0].resolved_by == "code"
        Broken.dispatch("key")
        work_all()
        again = FailureHandler.analyse()[0]
        assert (again.state, again.resolved_at) == ("regressed", None)
        FailureHandler.mute(one.cause)
        assert FailureHandler.analyse()[0].state == "muted"
        FailureHandler.snooze(one.cause, timedelta(hours=1), note="tomorrow")
        assert FailureHandler.analyse()[0].state == "snoozed"
        FailureHandler.reopen(one.cause)
        assert FailureHandler.analyse()[0].state == "ongoing"


def test_of_a_cause_that_nobody_knows_nothing_can_be_said(app: Flask) -> None:
    with app.app_context():
        for say in (FailureHandler.resolve, FailureHandler.mute, FailureHandler.reopen, lambda cause: FailureHandler.snooze(cause, 60)):
            with pytest.raises(NotFound, match="nosuch"):
                say("nosuch")
            with pytest.raises(InvalidOption, match="fingerprint"):
                say("")
        with pytest.raises(InvalidOption, match="until when"):
            FailureHandler.snooze("nosuch")


def test_all_of_a_cause_are_run_again_at_once_or_at_a_pace(app: Flask) -> None:
    with app.app_context():
        Broken.dispatch_many([("key",)] * 3 + [("mail",)])
        work_all()
        cause = FailureHandler.analyse()[0].cause
        assert isinstance(FailureHandler.retry(cause, pace="1/s"), Operation)
        careful = FailureHandler.retry(cause, canary=2, stop_when_failing="10%")
        assert isinstance(careful, Operation)
        assert dict(careful.params) == {"canary": 2, "stop_at": 10.0}
        done = FailureHandler.retry(cause)
        assert isinstance(done, Acted)
        assert len(done.done) == 3
        work_all()
        gone = FailureHandler.forget(cause)
        assert isinstance(gone, Acted)
        assert len(gone.done) == 3
        with pytest.raises(InvalidOption):
            FailureHandler.retry(cause, pace="soon")


def test_the_worker_and_dispatch_now_tell_a_failed_job_the_same_way(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[type, type]] = []
    from horizon.jobs.handling import Handling

    def tell(job: Job, error: BaseException) -> None:
        told.append((type(job), type(error)))

    monkeypatch.setattr(Handling, "tell", staticmethod(tell))
    with app.app_context():
        Broken.dispatch("key")
        work_all()
        with pytest.raises(KeyError):
            Broken.dispatch_now("key")
    assert told == [(Broken, KeyError)] * 2


@pytest.mark.parametrize(("attempt", "verdict"), [(1, Again(7)), (3, Over("the last of 3 tries"))])
def test_it_judges_as_a_worker_does(attempt: int, verdict: Again | Over) -> None:
    assert FailureHandler.judge(KeyError("x"), Broken, attempt=attempt, max_tries=3, delay=lambda: 7) == verdict


def test_what_it_describes_has_the_fingerprint_under_which_a_failure_is_kept() -> None:
    try:
        Broken("key").handle()
    except KeyError as error:
        described = FailureHandler.describe(error)
    assert (described.type, described.cause.partition(" ")[0]) == ("KeyError", "KeyError")
    assert described.cause.rpartition(" ")[0].endswith("test_failures.py:Broken.handle") or described.cause.endswith("Broken.handle")


def test_a_job_that_releases_itself_for_ever_stops_at_its_last_try(app: Flask) -> None:
    with app.app_context():
        id = ForEver.dispatch()
        work_all()
        record = id.record()
    assert record is not None
    assert (record.state, record.attempts, len(record.history)) == (JobState.FAILED, 4, 4)
    assert record.error is not None
    assert record.error.type.endswith(MaxAttemptsExceeded.__name__)


# dead letters, from the first dispatch to the last ---------------------------------------------------


def test_what_fails_in_its_last_round_is_a_dead_letter_until_it_is_requeued(app: Flask) -> None:
    with app.app_context():
        id = Broken("key").on_queue("brittle").dispatch()
        work_all()
        assert DeadLetters.count() == {}
        assert JobService.retry(id)
        work_all()
        assert DeadLetters.count() == {"brittle": 1}
        assert [record.id for record in DeadLetters.list("brittle")] == [id]
        work_all()  # nobody takes it from there
        assert DeadLetters.count() == {"brittle": 1}
        done = DeadLetters.requeue("brittle")
        assert isinstance(done, Acted)
        assert id.record().queue == "brittle"
        work_all()
        assert DeadLetters.count() == {"brittle": 1}
        DeadLetters.purge("brittle")
        assert DeadLetters.count() == {}


def test_nobody_defines_or_fills_a_queue_of_dead_letters(app: Flask) -> None:
    with app.app_context():
        for wrong in (lambda: define_queue("dead:mail"), lambda: Broken("key").on_queue("dead:mail").dispatch()):
            with pytest.raises(InvalidOption, match="dead letters of the queue mail"):
                wrong()
        with pytest.raises(InvalidOption, match="at most 59 letters"):
            define_queue("q" * 60, dead_after=1)
        with pytest.raises(HorizonError, match="dead_after"):
            define_queue("mail", dead_after=0)
