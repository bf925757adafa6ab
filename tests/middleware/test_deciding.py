"""Middleware that decides whether a job runs, or comes again, with nobody's help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from horizon import Job
from horizon.core import current
from horizon.core.errors import ConfigurationError, InvalidOption, PermissionDenied
from horizon.middleware import AuthorizationMiddleware, RetryMiddleware
from horizon.runtime import Runtime
from horizon.testing import JobTester, work_all
from tests.jobs.hands import runtime


class Raises(Job):
    stack: list[Any] = []
    max_tries = 5
    backoff = 1

    def __init__(self, error: str = "ConnectionError") -> None:
        self.error = error
        self.middleware = list(Raises.stack)

    def handle(self) -> None:
        raise {"ConnectionError": ConnectionError, "KeyError": KeyError}[self.error]("x")


class Pays(Job):
    stack: list[Any] = []
    max_tries = 5

    def __init__(self) -> None:
        self.middleware = list(Pays.stack)

    def handle(self) -> str:
        return "paid"


@pytest.fixture
def here() -> Iterator[Runtime]:
    made = runtime(PERMISSIONS=lambda user: {"7": ["pay"]}.get(user, []))
    with current.use(made):
        yield made


def test_a_failed_job_comes_again_when_its_middleware_says(here: Runtime) -> None:
    Raises.stack = [RetryMiddleware([10, 20], by_exception={KeyError: 99})]
    JobTester(Raises()).run().assert_retried(ConnectionError, delay=10)
    JobTester(Raises()).run(attempt=4).assert_retried(delay=20)
    JobTester(Raises("KeyError")).run().assert_retried(delay=99)
    Raises.stack = [RetryMiddleware(lambda attempt, error: attempt * 7, on=ConnectionError)]
    JobTester(Raises()).run(attempt=2).assert_retried(delay=14)
    JobTester(Raises("KeyError")).run().assert_retried(delay=1)


def test_it_can_say_that_no_try_follows(here: Runtime) -> None:
    Raises.stack = [RetryMiddleware(max_tries=2)]
    JobTester(Raises()).run().assert_retried(delay=1)
    JobTester(Raises()).run(attempt=2).assert_failed(ConnectionError)
    Raises.stack = [RetryMiddleware(lambda attempt, error: None)]
    JobTester(Raises()).run().assert_failed(ConnectionError)
    Raises.stack = [RetryMiddleware(30)]
    JobTester(Raises()).run(attempt=5).assert_failed(ConnectionError)


@pytest.mark.parametrize(
    "wrong",
    [
        {"backoff": -1},
        {"backoff": []},
        {"max_tries": 0},
        {"by_exception": {KeyError: "x"}},
        {"by_exception": {"KeyError": 3}},
        {"on": "KeyError"},
    ],
)
def test_a_retry_that_makes_no_sense_is_refused_where_it_is_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption):
        RetryMiddleware(**wrong)


def test_a_job_that_is_not_allowed_fails_unrun_and_is_not_tried_again(here: Runtime) -> None:
    def office_hours(job: Any) -> bool:
        return False

    Pays.stack = [AuthorizationMiddleware(office_hours)]
    JobTester(Pays()).run().assert_failed(PermissionDenied, match="office_hours says no")
    Pays.stack = [AuthorizationMiddleware(lambda job: True)]
    JobTester(Pays()).run().assert_completed("paid")


def test_the_user_of_a_job_must_have_the_permission(here: Runtime) -> None:
    Pays.stack = [AuthorizationMiddleware("pay")]
    Pays().for_user(7).dispatch()
    Pays().for_user(8).dispatch()
    Pays().dispatch()
    told = [(ran.outcome, ran.error) for ran in work_all()]
    assert told[0] == ("completed", None)
    assert told[1][1] == "horizon.core.errors.PermissionDenied: Pays requires pay; 8 lacks it"
    assert "nobody (a job without a user) lacks it" in str(told[2][1])


def test_where_nobody_knows_permissions_that_is_said() -> None:
    Pays.stack = [AuthorizationMiddleware("pay")]
    with current.use(runtime()):
        JobTester(Pays()).run().assert_retried(ConfigurationError)
    with pytest.raises(TypeError, match="takes the name of a permission or a callable"):
        AuthorizationMiddleware("")


class Note:
    """Middleware that is named in a setting."""

    seen: list[str] = []

    def handle(self, job: Any, next: Any) -> Any:
        Note.seen.append(type(job).__name__)
        return next(job)


def test_what_the_app_wants_around_every_job_is_around_every_job() -> None:
    Note.seen.clear()
    Pays.stack = [lambda job, next: (Note.seen.append("own"), next(job))[1]]
    with current.use(runtime(MIDDLEWARE=[f"{__name__}:Note", Note()])):
        JobTester(Pays()).run().assert_completed()
        assert Note.seen == ["Pays", "Pays", "own"]
        Pays.stack = []
        assert Pays.dispatch_now() == "paid"
        assert Note.seen == ["Pays", "Pays", "own", "Pays", "Pays"]


@pytest.mark.parametrize("name", ["nowhere:Name", f"{__name__}:Nobody", "", f"{__name__}:AuthorizationMiddleware"])
def test_middleware_that_cannot_be_made_is_told(name: str) -> None:
    with pytest.raises(ConfigurationError, match="HORIZON_MIDDLEWARE names"):
        runtime(MIDDLEWARE=[name]).middleware  # noqa: B018
