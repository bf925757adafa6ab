"""Whose turn a job is: what its queue and its class say, as it is pushed."""

from __future__ import annotations

from typing import Any

import pytest

from horizon import Job
from horizon.core.envelope import Envelope
from horizon.core.errors import InvalidOption
from horizon.jobs import envelopes
from horizon.jobs.routing import Routing
from horizon.runtime import Runtime
from tests.jobs.hands import runtime


class Plain(Job, name="order-plain"):
    def __init__(self, customer: str = "7") -> None:
        self.customer = customer

    def handle(self) -> None: ...


class Heavy(Plain, name="order-heavy", weight=4):
    tags = ("customer:9", "kind:report")


def made(job: Job, here: Runtime | None = None, **said: Any) -> Envelope:
    here = here or runtime()
    here.routing = Routing()
    here.routing.define_queue("default", **said)
    return envelopes.make(job, here)[1]


def turn(envelope: Envelope) -> tuple[str | None, int]:
    return envelope.fair, envelope.share


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("user", "u1"),
        ("tenant", "t1"),
        ("name", "order-heavy"),
        ("tag:customer", "customer:9"),
        ("tag:customer:", "customer:9"),
        (lambda job: job.customer, "7"),
        (lambda job: 5, "5"),
    ],
)
def test_a_job_has_the_key_that_its_queue_asks_for(by: object, key: str) -> None:
    assert turn(made(Heavy().for_user("u1").for_tenant("t1"), fair_by=by)) == (key, 1)


@pytest.mark.parametrize("by", ["user", "tenant", "tag:customer", lambda job: None])
def test_jobs_without_a_key_take_turns_as_one(by: object) -> None:
    assert turn(made(Plain(), fair_by=by)) == ("", 1)


@pytest.mark.parametrize("weights", [{"u1": 3}, lambda key: 3 if key == "u1" else 1])
def test_a_key_has_the_share_that_was_said_and_others_one(weights: object) -> None:
    assert turn(made(Plain().for_user("u1"), fair_by="user", fair_weights=weights)) == ("u1", 3)
    assert turn(made(Plain().for_user("u2"), fair_by="user", fair_weights=weights)) == ("u2", 1)


def test_the_user_whom_the_app_names_is_a_key_too() -> None:
    assert turn(made(Plain(), runtime(ACTOR=lambda: "u9"), fair_by="user")) == ("u9", 1)


def test_the_queue_that_is_named_at_dispatch_decides() -> None:
    here = runtime()
    here.routing.define_queue("fair", fair_by="name")

    assert envelopes.make(Plain().on_queue("fair"), here)[1].fair == "order-plain"
    assert envelopes.make(Plain(), here)[1].fair is None


def test_a_class_may_weigh_more_than_others_where_no_keys_take_turns() -> None:
    assert turn(made(Heavy())) == (None, 4)
    assert turn(made(Heavy().with_priority(3))) == (None, 4)
    assert turn(made(Plain())) == (None, 1)


def test_where_jobs_start_as_they_came_nothing_else_is_kept_of_their_order() -> None:
    envelope = made(Heavy().with_priority(50).with_deadline(60), fifo=True)

    assert (envelope.priority, envelope.fair, envelope.share, envelope.deadline is None) == (0, None, 0, False)


def test_one_setting_lets_all_queues_be_so() -> None:
    here = runtime(PRIORITIES=False)

    assert turn(made(Plain(), here)) == (None, 0)
    urgent = made(Plain().with_priority(50), here, fair_by="name")
    assert (urgent.priority, *turn(urgent)) == (0, None, 0)


@pytest.mark.parametrize(
    ("queue", "word", "expires"), [(None, None, False), (True, None, True), (None, True, True), (True, False, False), (False, True, True)]
)
def test_a_job_expires_as_its_dispatch_says_else_as_its_queue_does(queue: bool | None, word: bool | None, expires: bool) -> None:
    assert made(Plain().with_deadline(60, expire=word), expire=queue).expires is expires


def test_a_job_without_a_deadline_does_not_expire() -> None:
    assert made(Plain(), expire=True).expires is False
    assert made(Plain().with_priority(1), expire=True).expires is False


@pytest.mark.parametrize(
    "given",
    [
        {"fair_by": "usr"},
        {"fair_by": "tag:"},
        {"fair_by": 7},
        {"fair_weights": {"a": 2}},
        {"fair_by": "user", "fair_weights": 3},
        {"fair_by": "user", "fair_weights": {"a": 0}},
        {"fair_by": "user", "fair_weights": {"": 1}},
        {"fair_by": "user", "fifo": True},
        {"fifo": "yes"},
        {"expire": 3},
    ],
)
def test_what_makes_no_sense_is_refused_where_it_is_said(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption):
        Routing().define_queue("default", **given)


@pytest.mark.parametrize(("by", "weights"), [(lambda job: ["a"] * 300, None), ("name", lambda key: 0)])
def test_an_answer_that_is_no_key_or_no_share_is_refused_at_dispatch(by: object, weights: object) -> None:
    with pytest.raises(InvalidOption, match="fair"):
        made(Plain(), fair_by=by, fair_weights=weights)


def test_expire_is_yes_or_no() -> None:
    with pytest.raises(InvalidOption, match="expire"):
        Plain().with_deadline(60, expire=3)  # type: ignore[arg-type]
