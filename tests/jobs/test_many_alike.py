"""Jobs dispatched together that say nothing themselves are made in one go, and are what each alone would be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from horizon import Job
from horizon.core.alike import Alike
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidInput, PayloadTooLarge
from horizon.jobs import envelopes
from horizon.jobs.unique import ShouldBeUnique
from horizon.runtime import Runtime
from horizon.security import keys
from tests.jobs.hands import runtime
from tests.jobs.sample import Dated, Everything, SendEmail, Slotted, Take


def of_each(jobs: list[Job], here: Runtime) -> list[Any]:
    return [replace(envelopes.make(job, here)[1], id="") for job in jobs]


@pytest.mark.parametrize(
    "jobs",
    [
        [SendEmail("a"), SendEmail("b", body="c")],
        [Take(value) for value in (None, 1, "ü", [1, {"a": 2.5}], b"x")],
        [Everything(1, 2, 3, only=4, more=5), Everything(1, 2)],
        [Dated(1), Dated(2, status="old")],
        [Slotted(1)],
    ],
)
def test_they_are_what_each_alone_would_be(here: Runtime, jobs: list[Job]) -> None:
    made = envelopes.make_alike(jobs, here)
    assert made is not None
    connection, alike = made
    assert connection == "default"
    assert [replace(envelope, id="") for envelope in alike] == of_each(jobs, here)
    assert len(set(alike.ids)) == len(jobs)


def test_so_with_what_queue_and_route_say(here: Runtime) -> None:
    here.routing.define_queue("slow", retry_after=9, max_attempts=2)
    here.routing.route(Take, queue="slow", priority=7, tags=["routed"])
    made = envelopes.make_alike([Take(1), Take(2)], here)
    assert made is not None
    first = made[1].first
    assert (first.queue, first.timeout, first.max_tries, first.priority, first.tags) == ("slow", 9 * SECOND, 2, 7, ("routed",))
    assert [replace(one, id="") for one in made[1]] == of_each([Take(1), Take(2)], here)


class Once(ShouldBeUnique, Take):
    pass


class Until(Take):
    retry_until = 60


def tagged(job: Job) -> Job:
    job.tags = ["own"]
    return job


@pytest.mark.parametrize(
    "jobs",
    [
        [Take(1), SendEmail("a")],
        [Take(1), Take(2).on_queue("other")],
        [Take(1), tagged(Take(2))],
        [Once(1), Once(2)],
        [Until(1), Until(2)],
    ],
    ids=["two classes", "a fluent word", "an option of its own", "a unique class", "a limit in time"],
)
def test_where_one_of_them_says_something_each_is_looked_at(here: Runtime, jobs: list[Job]) -> None:
    assert envelopes.make_alike(jobs, here) is None


def test_where_a_route_looks_at_each_job_each_is_looked_at() -> None:
    assert envelopes.make_alike([Take(1), Take(2)], runtime(ROUTES=lambda job: f"queue{job.value}")) is None


def test_where_somebody_is_named_or_something_is_sealed_each_is_looked_at() -> None:
    assert envelopes.make_alike([Take(1)], runtime(ACTOR=lambda: "ana")) is None
    assert envelopes.make_alike([Take(1)], runtime(KEYS=[keys.generate()])) is None


def test_they_go_to_their_store_as_one(here: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[Any] = []
    real = here.backend().push
    monkeypatch.setattr(here.backend(), "push", lambda envelopes, **more: (came.append(envelopes), real(envelopes, **more))[1])
    ids = Take.dispatch_many([(1,), (2,)])
    assert [type(one) for one in came] == [Alike]
    assert list(came[0].ids) == ids


def test_the_item_is_named_that_is_too_large_and_none_is_stored(here: Runtime) -> None:
    with pytest.raises(PayloadTooLarge, match=r"^item 1: the arguments of .* take "):
        Take.dispatch_many([(1,), ("x" * 2_000_000,)])
    with pytest.raises(InvalidInput, match=r"^item 2: the argument 'value' "):
        Take.dispatch_many([(1,), (2,), (object(),)])
    assert here.backend().remaining() == 0
