from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from horizon import Exponential, Job
from horizon.core.errors import ComesLater, InvalidOption
from horizon.core.states import Priority
from horizon.jobs import options
from horizon.middleware import MiddlewareStack, TimingMiddleware
from tests.jobs.sample import SendEmail


@pytest.mark.parametrize("name", ["default", "a", "A-Z_0.9:x", "x" * 64])
def test_queue_names_of_the_agreed_letters_are_fine(name: str) -> None:
    assert options.queue(name) == name


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "a/b", "é", "a\n", None, 3, "a;drop"])
def test_other_queue_names_are_refused_everywhere(name: Any) -> None:
    with pytest.raises(InvalidOption, match="queue's name"):
        options.queue(name)
    with pytest.raises(InvalidOption, match="queue's name"):
        SendEmail("a").on_queue(name)
    if name is not None:
        with pytest.raises(InvalidOption, match="queue's name"):
            SendEmail("a").queue = name


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "60", None, True, timedelta(seconds=-1), 10**12, [1]])
def test_bad_delays_are_refused(value: Any) -> None:
    with pytest.raises(InvalidOption, match="delay"):
        options.delay(value)


@pytest.mark.parametrize("value", [0, -5, 0.001, 31 * 86400, "60", True, math.nan])
def test_bad_timeouts_are_refused(value: Any) -> None:
    with pytest.raises(InvalidOption, match="timeout"):
        SendEmail("a").with_timeout(value)
    with pytest.raises(InvalidOption, match="timeout"):
        SendEmail("a").timeout = value


def test_durations_are_seconds_or_timedeltas() -> None:
    assert options.delay(1.5) == options.delay(timedelta(seconds=1.5)) == 1_500_000


@pytest.mark.parametrize("value", [101, -101, 1000, 1.5, "10", None, True])
def test_priorities_out_of_range_or_of_another_type_are_refused(value: Any) -> None:
    with pytest.raises(InvalidOption, match="priority is a whole number from -100 to 100"):
        SendEmail("a").with_priority(value)


@pytest.mark.parametrize("value", [-100, 100, 0, Priority.CRITICAL])
def test_priorities_in_range_are_kept_as_plain_numbers(value: int) -> None:
    assert type(SendEmail("a").with_priority(value)._said.priority) is int


@pytest.mark.parametrize("value", [0, -1, 10_001, 2.0, "3", True])
def test_bad_numbers_of_tries_are_refused(value: Any) -> None:
    with pytest.raises(InvalidOption, match="max_tries"):
        SendEmail("a").max_tries = value
    with pytest.raises(InvalidOption, match="with_tries"):
        SendEmail("a").with_tries(value)


@pytest.mark.parametrize("value", ["mail", b"mail", 7, [""], ["x" * 201], [3], [None], ["\ud800"], ["a\x00b"]])
def test_bad_tags_are_refused(value: Any) -> None:
    with pytest.raises(InvalidOption, match="tag"):
        SendEmail("a").tags = value


def test_more_than_fifty_tags_are_refused_also_when_they_come_together_only_in_the_end() -> None:
    with pytest.raises(InvalidOption, match="at most 50"):
        SendEmail("a").tagged(*map(str, range(51)))
    with pytest.raises(InvalidOption, match="at most 50"):
        SendEmail("a").tagged(*map(str, range(50))).tagged("more")


def test_a_tag_said_twice_counts_once() -> None:
    assert SendEmail("a").tagged("x", "y", "x").tagged("y")._said.tags == ("x", "y")


@pytest.mark.parametrize("value", [-1, [], "5", [1, -1], math.nan, Exponential(jitter=2), True])
def test_bad_backoffs_are_refused(value: Any) -> None:
    with pytest.raises(InvalidOption):
        SendEmail("a").backoff = value
    with pytest.raises(InvalidOption):
        SendEmail("a").with_backoff(value)


def test_a_callable_backoff_is_for_the_class_or_instance_not_for_the_fluent_word() -> None:
    SendEmail("a").backoff = lambda attempt, error: 3
    with pytest.raises(InvalidOption, match="belongs on the job's class"):
        SendEmail("a").with_backoff(lambda attempt, error: 3)  # type: ignore[arg-type]


def test_middleware_may_be_a_stack_or_a_list_and_a_class_in_it_is_refused() -> None:
    job = SendEmail("a")
    job.middleware = MiddlewareStack([TimingMiddleware()])
    job.middleware = [lambda job, next: next(job)]
    with pytest.raises(InvalidOption, match="middleware is an object"):
        job.middleware = [TimingMiddleware]
    with pytest.raises(InvalidOption, match="MiddlewareStack or a list"):
        job.middleware = 3


def test_an_unknown_option_names_the_nearest_that_exists() -> None:
    with pytest.raises(InvalidOption, match=r"no option 'max_trys' \(did you mean 'max_tries'\?\)"):

        class Slip(Job, max_trys=3):
            def handle(self) -> None: ...


def test_class_options_may_be_keywords_of_the_class() -> None:
    class Heavy(Job, weight=3, queue="big", max_crashes=1):
        def handle(self) -> None: ...

    assert (Heavy.weight, Heavy.queue, Heavy.max_crashes) == (3, "big", 1)


@pytest.mark.parametrize("body", [{"queue": "a b"}, {"max_tries": 0}, {"timeout": -1}, {"tags": "mail"}, {"weight": 0}, {"retry_on": "ValueError"},
                                  {"aliases": "old:Name"}, {"name": ""}, {"backoff": []}, {"delay": -1}])  # fmt: skip
def test_a_bad_option_in_the_body_of_a_class_is_refused_when_the_class_is_made(body: dict[str, object]) -> None:
    with pytest.raises(InvalidOption, match="Broken: "):
        type("Broken", (Job,), {**body, "__module__": __name__, "__qualname__": "Broken"})


def test_options_that_need_limits_say_that_they_come_later() -> None:
    with pytest.raises(ComesLater, match="profile comes with"):

        class Limited(Job, profile=True):
            def handle(self) -> None: ...


@pytest.mark.parametrize("option", ["retry_on", "dont_retry_on", "retry_until", "max_crashes", "weight", "aliases"])
def test_an_option_of_the_class_is_refused_on_an_instance(option: str) -> None:
    with pytest.raises(InvalidOption, match="option of the class"):
        setattr(SendEmail("a"), option, 1)


def test_none_takes_an_instance_option_back() -> None:
    job = SendEmail("a")
    job.queue = "other"
    job.queue = None
    assert job._horizon.options == {}


# names of the product -------------------------------------------------------------------------------

NAMES = [
    "attempts", "job_id", "progress", "log", "release", "fail", "delete", "heartbeat", "cancel_requested", "batch", "dispatch", "dispatch_now",
    "dispatch_many", "dispatch_if", "dispatch_unless", "dispatch_after_response", "on_queue", "on_connection", "delay_until", "later", "with_priority",
    "with_deadline", "tagged", "for_user", "for_tenant", "unique_by", "depends_on", "with_tries", "with_backoff", "with_timeout", "after_commit",
    "immediately", "append_to_chain", "prepend_to_chain", "get_previous_result",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_the_product_cannot_be_taken_by_a_class_a_mixin_or_an_assignment(name: str) -> None:
    with pytest.raises(InvalidOption, match=f"{name}.*choose another name"):
        type("Taker", (Job,), {name: 3})
    with pytest.raises(InvalidOption, match=f"Mixin.*{name}"):
        type("Taker", (type("Mixin", (), {name: 3}), Job), {})
    with pytest.raises(InvalidOption, match=f"SendEmail.{name} cannot be assigned"):
        setattr(SendEmail("a"), name, 3)


def test_failed_cannot_be_assigned_but_may_be_defined() -> None:
    class Fine(Job):
        def handle(self) -> None: ...
        def failed(self, exception: Exception) -> None: ...

    with pytest.raises(InvalidOption, match="failed cannot be assigned"):
        Fine().failed = True  # type: ignore[assignment, method-assign]


def test_common_words_stay_free_for_users() -> None:
    class Free(Job):
        id = data = payload = result = state = status = user_id = 0

        def __init__(self) -> None:
            self.id = self.data = self.payload = self.result = self.state = self.status = self.user_id = 1
            self.name = "Ana"  # type: ignore[misc]

        def handle(self) -> None: ...

    assert Free().status == 1


def test_a_mixin_after_job_may_have_what_it_likes() -> None:
    class Helper:
        def log(self) -> None: ...

    class Uses(Job, Helper):
        def handle(self) -> None: ...

    assert Uses.log is Job.log


def test_our_own_state_is_one_private_attribute() -> None:
    @dataclass
    class Two(Job):
        left: int
        right: int

        def handle(self) -> None: ...

    job = Two(1, 2)
    job.queue = "x"
    job.with_priority(3)
    assert set(vars(job)) == {"_horizon", "left", "right", "queue"}


def test_an_attribute_that_is_nearly_an_option_is_wondered_about_at_the_line_of_the_class() -> None:
    with pytest.warns(UserWarning, match="has an attribute 'weigth', which is no option; did you mean 'weight'") as told:

        class Heavy(Job):
            name = "tests.heavy-misspelt"
            weigth = 4

            def handle(self) -> None: ...

    assert told[0].filename == __file__


def test_attributes_of_its_own_are_a_class_s_own_business(recwarn: pytest.WarningsRecorder) -> None:
    class Report(Job):
        name = "tests.report-own-attributes"
        names = ("a", "b")
        queues = ["x"]
        timeouts = {"fast": 1}
        template = "report.html"
        tag = "shop"

        def handle(self) -> None: ...

        def delayed(self) -> int:
            return 1

    assert not recwarn.list


@pytest.mark.parametrize("word", ["high", "CRITICAL"])
def test_a_priority_said_in_words_is_told_how_to_say_it(word: str) -> None:
    with pytest.raises(InvalidOption, match=f"write Priority.{word.upper()}"):
        options.priority(word)
