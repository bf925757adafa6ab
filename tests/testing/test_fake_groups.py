from __future__ import annotations

from typing import Any

import pytest

from horizon import Job, QueueFake
from horizon.core.errors import InvalidInput, NotFound
from horizon.jobs.groups.batch import batch
from horizon.jobs.groups.chain import chain
from horizon.jobs.groups.workflow import workflow
from tests.testing.jobs import SendEmail, SendSMS, make_report
from tests.testing.test_fake import said


class Extract(Job):
    def handle(self) -> None: ...


class Load(Job):
    def __init__(self, table: str) -> None:
        self.table = table

    def handle(self) -> None: ...


def tell(group: Any) -> None:
    """A callback."""


def test_a_batch_is_caught_with_its_name_its_jobs_and_its_callbacks() -> None:
    with QueueFake() as fake:
        fake.assert_nothing_batched()
        id = batch([SendEmail("ana"), SendEmail("bob"), chain([Extract(), Load("a")])]).name("Imports").then(tell).dispatch()
        fake.assert_batched()
        fake.assert_batched("Imports")
        fake.assert_batched(lambda b: b.name == "Imports" and len(b.jobs) == 4)
        fake.assert_batched([[Extract, Load], SendEmail("bob"), SendEmail], times=1)
        fake.assert_batched([SendEmail("bob"), SendEmail, [Extract, Load("a")]])
        fake.assert_nothing_chained()
        (found,) = fake.batched()
        assert found.id == id
        assert found.callbacks == {"then": (f"{__name__}:tell",)}
        with pytest.raises(NotFound, match="caught by a test's QueueFake"):
            id.wait()


def test_what_is_in_a_group_was_pushed() -> None:
    with QueueFake() as fake:
        job = SendEmail("ana")
        batch([job, SendSMS("1")]).name("Imports").on_queue("imports").then(Extract()).dispatch()
        fake.assert_pushed_times(SendEmail, 1)
        fake.assert_pushed_on("imports", SendSMS)
        fake.assert_not_pushed(Extract)
        assert job.job_id == fake.pushed(SendEmail)[0].id
        assert "SendSMS('1') on imports, in a batch 'Imports'" in said(fake.assert_nothing_pushed)


def test_a_chain_is_caught_in_its_order() -> None:
    with QueueFake() as fake:
        chain([Extract(), Load("a"), batch([SendEmail("ana"), SendSMS("1")])]).dispatch()
        fake.assert_chained([Extract, Load, [SendSMS, SendEmail]])
        fake.assert_chained([Extract, Load("a"), [SendEmail, SendSMS]])
        told = said(lambda: fake.assert_chained([Load, Extract, [SendEmail, SendSMS]]))
        assert told.startswith(
            "expected a chain of [Load, Extract, [SendEmail, SendSMS]] to be dispatched, and none was; what was dispatched"
        )
        assert "1. chain of [Extract(), Load('a'), batch of [SendEmail('ana'), SendSMS('1')]]" in told
        for wrong in (
            [Extract],
            [Extract, Load("b"), [SendEmail, SendSMS]],
            [Extract, Load, SendEmail],
            [[Extract], Load, [SendEmail, SendSMS]],
        ):
            said(lambda: fake.assert_chained(wrong))  # noqa: B023


def test_a_workflow_is_caught() -> None:
    with QueueFake() as fake:
        with workflow("Nightly") as w:
            first = w.add(Extract())
            w.add(make_report.job(2026), after=[first])
        fake.assert_workflow("Nightly")
        fake.assert_workflow([make_report, Extract])
        assert [one.kind for one in fake.workflows()] == ["workflow"]


def test_a_failure_says_what_was_dispatched_together() -> None:
    with QueueFake() as fake:
        assert said(fake.assert_batched) == ("expected a batch to be dispatched, and none was; nothing was dispatched together at all")
        batch([Extract()]).name("Other").dispatch()
        assert (
            "a batch named 'Imports' to be dispatched, and none was; what was dispatched together:\n  1. batch 'Other' of [Extract()]"
            in said(lambda: fake.assert_batched("Imports"))
        )
        assert "2 times, and 1 were" in said(lambda: fake.assert_batched(times=2))
        assert "a batch that matches" in said(lambda: fake.assert_batched(lambda b: False))


def test_a_group_that_could_not_be_dispatched_is_refused() -> None:
    with QueueFake() as fake:
        with pytest.raises(InvalidInput, match="job 2 of the batch"):
            batch([Extract(), SendSMS(object())]).dispatch()  # type: ignore[arg-type]
        fake.assert_nothing_batched()


def test_members_that_are_made_as_they_go_are_seen() -> None:
    with QueueFake() as fake:
        batch(SendSMS(str(number)) for number in range(3)).dispatch()
        fake.assert_pushed_times(SendSMS, 3)
        fake.assert_batched([SendSMS] * 3)
