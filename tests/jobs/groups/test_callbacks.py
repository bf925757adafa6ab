"""What follows a group: functions and jobs, found again by their names, called as they like to be."""

from __future__ import annotations

import functools
import sys
from typing import Any

import pytest

from horizon import Job, JobState, batch, chain, workflow
from horizon.core.envelope import Envelope
from horizon.core.errors import InvalidInput, InvalidOption
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.events import batch_finished, chain_finished, workflow_finished
from horizon.jobs.groups.failures import MemberFailed
from horizon.runtime import Runtime
from tests.jobs.groups import sample
from tests.jobs.groups.sample import (
    Does,
    Fails,
    FailsInItsWay,
    Once,
    Tells,
    after,
    awaited,
    drain,
    nothing,
    plain,
    seen,
    three,
    with_anything,
    with_batch,
    with_both,
    with_error,
)  # fmt: skip
from tests.jobs.hands import Hands


def test_each_is_called_with_as_many_arguments_as_it_takes(hands: Hands) -> None:
    id = (
        batch([Fails()]).name("B").catch(nothing).catch(with_error).catch(with_both).finally_(with_batch).finally_(with_anything).dispatch()
    )
    drain(hands)
    error, both = (
        next(one for one in seen if isinstance(one, ValueError)),
        next(one for one in seen if isinstance(one, tuple) and one[0] == id),
    )
    assert str(error) == "bad row"
    assert isinstance(both[1], ValueError)
    assert "nothing" in seen
    assert ("batch", "B", 100) in seen
    assert 1 in seen


def test_then_and_finally_run_after_success_and_catch_and_finally_after_failure(hands: Hands) -> None:
    for job, called in ((Does("a"), ["t", "f"]), (Fails(), ["c", "f"])):
        seen.clear()
        chain([job]).then(Tells("t")).catch(Tells("c")).finally_(Tells("f")).dispatch()
        drain(hands)
        assert [one for one in seen if one != "a"] == called


def test_catch_is_called_once_with_what_failed_first(hands: Hands) -> None:
    batch([FailsInItsWay(), Fails(), Fails()]).catch(with_error).dispatch()
    drain(hands)
    (error,) = seen
    assert isinstance(error, MemberFailed)
    assert str(error) == "tests.jobs.groups.sample.Own: no such shop"
    assert error.type == "tests.jobs.groups.sample.Own"


def test_progress_is_told_a_last_time_at_the_end(hands: Hands) -> None:
    batch([Does("a"), Does("b")]).name("B").on_progress(with_batch).dispatch()
    drain(hands)
    assert seen[-1] == ("batch", "B", 100)


def test_an_async_function_is_awaited_and_a_static_method_found(hands: Hands) -> None:
    batch([]).name("B").then(awaited).then(sample.Holder.tell).then(after).then("tests.jobs.groups.sample.nothing").dispatch()
    drain(hands)
    assert sorted(seen, key=str) == [("awaited", "B"), "after", "held", "nothing"]


def test_it_is_a_job_of_its_own_that_can_be_found(here: Runtime, hands: Hands) -> None:
    id = batch([Does("a")]).on_queue("bulk").for_user(7).then(nothing).then(Tells("t")).then(after).dispatch()
    calls, tells, job = here.backend().groups.callbacks(id)
    assert (calls.name, calls.queue, calls.user, calls.state) == ("horizon.jobs.groups.calling:Then", "bulk", "7", JobState.BLOCKED)
    assert calls.tags == ("callback", "callback:tests.jobs.groups.sample:nothing")
    assert (tells.name, tells.queue, tells.user) == ("tests.jobs.groups.sample:Tells", "default", "7")
    assert job.name == "tests.jobs.groups.sample:after"
    assert id.record().total == 1  # type: ignore[union-attr]


def test_a_function_that_is_gone_fails_its_job_with_what_to_do(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    batch([]).then(nothing).dispatch()
    monkeypatch.delattr(sample, "nothing")
    outcome = hands.run_one()
    assert outcome.kind is Kind.RETRY
    assert "add its module to HORIZON_IMPORTS" in outcome.error.message  # type: ignore[union-attr]


def test_a_payload_alone_calls_nothing(here: Runtime, hands: Hands) -> None:
    id = batch([]).dispatch()
    payload = b'{"args":{"group":"%s","call":"tests.jobs.groups.sample:nothing"}}' % id.encode()
    here.backend().push([Envelope(id=uuid7(), name="horizon.jobs.groups.calling:Then", queue="default", payload=payload, max_tries=1)])
    outcome = hands.run_one()
    assert outcome.kind is Kind.FAILED
    assert "does not wait for group" in outcome.error.message  # type: ignore[union-attr]
    assert seen == []


def local() -> Any:
    def inner() -> None: ...

    return inner


@pytest.mark.parametrize(
    ("callback", "hint"),
    [
        (lambda: None, "a lambda cannot be found again"),
        (local(), "defined inside a function.*top level of its module"),
        (functools.partial(nothing), "a function at the top level"),
        (sample.Holder().method, "not what stands there"),
        (sys.exit, "not what stands there"),
        (three, "takes 3 arguments"),
        (sample.by_keyword, "needs batch="),
        (plain.job, "not what stands there"),
        (Does, r"write Does\(\.\.\.\)"),
        ("tests.jobs.groups.sample:nowhere", "no function .* import its module first"),
        ("os.abort", "no function"),
        (7, "a function or a job"),
    ],
)
def test_what_no_worker_could_call_is_refused_where_it_is_written(callback: Any, hint: str) -> None:
    for word in (batch([]).then, chain([]).catch, workflow("W").finally_, batch([]).on_progress):
        with pytest.raises(InvalidOption, match=hint):
            word(callback)


def test_a_function_of_the_started_script_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nothing, "__module__", "__main__")
    with pytest.raises(InvalidOption, match=r"__main__.*HORIZON_IMPORTS names"):
        batch([]).then(nothing)


def test_a_unique_callback_is_refused(here: Runtime) -> None:
    with pytest.raises(InvalidInput, match="a callback is called once anyway"):
        batch([]).then(Once()).dispatch()


def test_a_callback_may_be_retried_by_its_own_options(hands: Hands) -> None:
    class Flaky(Job, name="test-groups-flaky"):
        def handle(self) -> None:
            seen.append(self.attempts)
            raise ValueError

    batch([]).then(Flaky().with_tries(2).with_backoff(0)).dispatch()
    drain(hands)
    assert seen == [1, 2]


def test_the_end_of_a_batch_a_chain_and_a_workflow_is_signalled_where_somebody_listens(here: Runtime, hands: Hands) -> None:
    heard: list[Any] = []

    def listen(sender: Any, **details: Any) -> None:
        id = details.get("batch_id") or details.get("chain_id") or details["workflow_id"]
        heard.append((id, details["name"], details["state"]))

    quiet = batch([Does("a")]).dispatch()
    with batch_finished.connected_to(listen), chain_finished.connected_to(listen), workflow_finished.connected_to(listen):
        one, two = batch([Fails()]).name("B").dispatch(), chain([Does("a")]).name("C").dispatch()
        with workflow("W") as w:
            w.add(Does("a"))
        drain(hands)
    assert sorted(heard) == sorted([(one, "B", "failed"), (two, "C", "completed"), (w.id, "W", "completed")])
    assert here.backend().groups.callbacks(quiet) == []
