from __future__ import annotations

from typing import Any

import pytest

from horizon import Job, Priority, job
from horizon.core import current
from horizon.core.envelope import Envelope
from horizon.core.errors import InvalidOption
from horizon.core.settings import Settings
from horizon.jobs import envelopes
from horizon.jobs.routing import Routing
from horizon.middleware import LoggingMiddleware
from horizon.runtime import Runtime
from tests.jobs.hands import runtime


class Mail(Job):
    def __init__(self, kind: str = "newsletter") -> None:
        self.kind = kind

    def handle(self) -> None: ...


class Reminder(Mail): ...


class Tagged(Mail):
    tags = ("own",)


class Fixed(Job):
    queue = "fixed"

    def handle(self) -> None: ...


@job
def report(year: int) -> None: ...


def dispatched(routes: Any, one: Any) -> Envelope:
    """What would be stored of this job in an app with these routes."""
    here = runtime(ROUTES=routes)
    with current.use(here):
        return envelopes.make(one, here)[1]


@pytest.mark.parametrize("wanted", [Mail, "Mail", "Ma*", f"{__name__}:Mail", f"{__name__}:*"])
def test_a_route_is_for_a_class_a_name_or_a_pattern(wanted: Any) -> None:
    assert dispatched({wanted: "mails"}, Mail()).queue == "mails"
    assert dispatched({"Other": "others", "tests.*": "x", wanted: "mails"}, Mail()).queue in ("x", "mails")
    assert dispatched({"other.*": "x"}, Mail()).queue == "default"


def test_a_route_of_a_class_is_one_of_its_subclasses_and_of_a_function() -> None:
    assert dispatched({Mail: "mails"}, Reminder()).queue == "mails"
    assert dispatched({report: "reports"}, report.job(2026)).queue == "reports"


def test_tags_of_a_route_are_those_of_jobs_whose_class_has_none() -> None:
    routes = {Mail: {"tags": ["routed"]}}
    assert dispatched(routes, Mail()).tags == ("routed",)
    assert dispatched(routes, Mail().tagged("more")).tags == ("routed", "more")
    assert dispatched(routes, Tagged()).tags == ("own",)


def test_the_first_that_fits_wins_option_by_option() -> None:
    envelope = dispatched({Reminder: {"queue": "soon", "priority": Priority.HIGH}, Mail: {"queue": "mails", "max_tries": 9}}, Reminder())
    assert (envelope.queue, envelope.priority, envelope.max_tries) == ("soon", 10, 9)


def test_a_callable_looks_at_each_job() -> None:
    routes = {Mail: lambda mail: "emails_high" if mail.kind == "order_confirmation" else {"queue": "emails", "priority": -10}}
    assert dispatched(routes, Mail("order_confirmation")).queue == "emails_high"
    low = dispatched(routes, Mail())
    assert (low.queue, low.priority) == ("emails", -10)
    assert dispatched(lambda one: "mails" if isinstance(one, Mail) else None, Mail()).queue == "mails"
    assert dispatched(lambda one: None, Mail()).queue == "default"


def test_in_one_app_a_callable_is_asked_anew_for_every_job() -> None:
    here = runtime(ROUTES={Mail: lambda mail: mail.kind})
    with current.use(here):
        queues = [envelopes.make(Mail(kind), here)[1].queue for kind in ("a", "b", "a")]
        told = envelopes.make(Mail("c").with_tries(2), here)[1].queue
    assert (queues, told) == (["a", "b", "a"], "c")


def test_what_a_job_says_itself_wins_over_its_route() -> None:
    assert dispatched({"*": "elsewhere"}, Fixed()).queue == "fixed"
    assert dispatched({Mail: "mails"}, Mail().on_queue("own")).queue == "own"
    assert dispatched({Mail: {"priority": 10}}, Mail().with_priority(0)).priority == 0
    assert dispatched({Mail: lambda mail: "mails"}, Mail().on_queue("own")).queue == "own"


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ({3: "mails"}, "a route is for a job class"),
        ({Mail: 3}, "is a queue's name, a dict of options or a callable"),
        ({Mail: {"colour": "red"}}, "has no option 'colour'"),
        ({Mail: "no queue"}, "a queue's name has"),
        ({Mail: {"backoff": lambda attempt: 1}}, "a callable belongs on the job's class"),
    ],
)
def test_a_route_that_makes_no_sense_is_refused_at_the_start(routes: Any, told: str) -> None:
    with pytest.raises(InvalidOption, match=told):
        runtime(ROUTES=routes)


@pytest.mark.parametrize("answer", [3, {"colour": "red"}, "no queue"])
def test_an_answer_that_makes_no_sense_is_refused_at_dispatch(answer: Any) -> None:
    with pytest.raises(InvalidOption):
        dispatched({Mail: lambda mail: answer}, Mail())


def test_a_route_of_the_process_is_below_one_of_the_app() -> None:
    process = Routing()
    process.route(Mail, queue="process", max_tries=7)
    app = Routing(process)
    app.learn({"Mail": "app"})
    assert app.routed("x:Mail", Mail) == {"queue": "app", "max_tries": 7}
    assert not app.chooses
    process.route(Mail, queue="x")
    app.learn(lambda one: None)
    assert app.chooses


def test_routes_and_middleware_can_come_from_the_environment() -> None:
    environ = {"HORIZON_ROUTES": '{"Mail": "mails", "*": {"priority": -10}}', "HORIZON_MIDDLEWARE": "horizon.middleware:LoggingMiddleware"}
    here = Runtime(Settings({}, environ=environ), url="memory://")
    with current.use(here):
        envelope = envelopes.make(Mail(), here)[1]
    assert (envelope.queue, envelope.priority) == ("mails", -10)
    assert [type(one) for one in here.middleware] == [LoggingMiddleware]
