"""`chain([...])`, `ChainMonitor`, and what a step can do to its chain."""

from __future__ import annotations

from typing import Any

import pytest

from horizon import ChainMonitor, Job, batch, chain
from horizon.core.errors import GroupEnded, HorizonError, InvalidInput, NotFound
from horizon.jobs.groups.steps import GroupStatus
from horizon.runtime import Runtime
from tests.jobs.groups.sample import Adds, Does, Fails, Once, Tells, Waits, acts, drain, plain, seen
from tests.jobs.hands import Hands


def status(id: str) -> GroupStatus:
    return ChainMonitor(id).get_status()


def states(id: str) -> list[str]:
    return [step.state for step in status(id).steps]


def test_steps_run_in_order_each_with_what_the_one_before_it_returned(hands: Hands) -> None:
    acts["show"] = lambda job: seen.append(job.get_previous_result())
    id = chain([Adds(), Adds(), plain.job("c"), Does("show")]).name("ETL").dispatch()
    assert [len(hands.run()) for _ in range(5)] == [1, 1, 1, 1, 0]
    assert seen == ["c", "show", "c"]
    assert status(id).state == "completed"


def test_its_monitor_says_which_step_it_is_at(hands: Hands) -> None:
    id = chain([Does("a"), Does("b"), Does("c"), Does("d")]).name("ETL").dispatch()
    hands.run()
    hands.run()
    now = status(id)
    assert (now.name, now.state, now.current_step, now.progress, now.total_steps) == ("ETL", "running", 3, 50, 4)
    assert [(step.number, step.kind, step.state) for step in now.steps] == [
        (1, "job", "completed"), (2, "job", "completed"), (3, "job", "pending"), (4, "job", "blocked"),
    ]  # fmt: skip
    drain(hands)
    assert (status(id).current_step, status(id).progress) == (4, 100)


def test_a_step_that_fails_breaks_the_chain_and_its_retry_goes_on_from_there(hands: Hands) -> None:
    acts["b"] = lambda job: job.fail(ValueError("no data"))
    id = chain([Does("a"), Does("b"), Does("c")]).catch(Tells("broken")).then(Tells("whole")).dispatch()
    drain(hands)
    assert seen == ["a", "b", "broken"]
    assert (status(id).state, status(id).current_step, states(id)) == ("failed", 2, ["completed", "failed", "cancelled"])
    acts.clear()
    assert ChainMonitor(id).retry_failed() == 1
    drain(hands)
    assert seen == ["a", "b", "broken", "b", "c", "whole"]
    assert status(id).state == "completed"


def test_the_first_step_of_a_chain_has_nothing_before_it(hands: Hands) -> None:
    acts["a"] = lambda job: seen.append((job.get_previous_result(), job.get_previous_results(), job.batch()))
    chain([Does("a")]).dispatch()
    Does("a").dispatch()
    drain(hands)
    assert [one for one in seen if one != "a"] == [(None, [], None), (None, [], None)]
    assert Adds.dispatch_now() == 1


def test_an_async_step_reads_it_as_well(hands: Hands) -> None:
    acts["show"] = lambda job: seen.append(job.get_previous_result())
    chain([plain.job("a"), Waits(), Does("show")]).dispatch()
    drain(hands)
    assert seen == ["a", "awaited", "show", "a"]


def test_a_batch_in_a_chain_is_one_step_and_hands_on_all_its_results(hands: Hands) -> None:
    acts["show"] = lambda job: seen.append(job.get_previous_result())
    id = chain([Does("a"), batch([Does("b"), Does("c"), chain([Does("d"), Does("e")])]).name("Middle"), Does("show")]).dispatch()
    assert [(step.kind, step.name, len(step.after)) for step in status(id).steps][1] == ("batch", "Middle", 1)
    drain(hands)
    assert seen[0] == "a"
    assert seen[-1] == ["b", "c", "e"]
    assert [step.number for step in status(id).steps] == [1, 2, 3]


def test_what_follows_a_nested_group_that_turns_out_empty_waits_for_what_came_before_it(hands: Hands) -> None:
    acts["b"] = lambda job: seen.append(job.get_previous_result())
    Once.dispatch()
    chain([Does("a"), batch([]), batch([Once()]), Does("b")]).dispatch()
    drain(hands)
    assert [one for one in seen if one != "once"] == ["a", "b", "a"]


def test_a_nested_group_that_is_not_needed_takes_what_follows_it_along(hands: Hands) -> None:
    id = chain([Fails(), batch([Does("a"), Does("b")]), chain([Does("c")]), Does("d")]).dispatch()
    drain(hands)
    assert seen == []
    assert states(id) == ["failed", "cancelled", "cancelled", "cancelled"]


def test_a_step_appends_a_last_one(hands: Hands) -> None:
    def append(job: Job) -> None:
        job.append_to_chain(Does("y"))
        assert job.append_to_chain(batch([Does("z")])) is None

    acts["a"] = append
    id = chain([Does("a"), batch([Does("b")]), Does("c")]).dispatch()
    drain(hands)
    assert seen == ["a", "b", "c", "y", "z"]
    assert [step.kind for step in status(id).steps] == ["job", "batch", "job", "job", "batch"]


def test_a_step_is_appended_from_outside_while_the_chain_has_not_ended(hands: Hands) -> None:
    id = chain([Does("a"), Does("b")]).dispatch()
    hands.run()
    made = ChainMonitor(id)
    assert made.append(Does("c")) is not None
    drain(hands)
    assert seen == ["a", "b", "c"]
    with pytest.raises(GroupEnded):
        made.append(Does("d"))


def test_a_step_puts_another_one_before_the_next(hands: Hands) -> None:
    def prepend(job: Job) -> str:
        job.prepend_to_chain(Does("second"))
        job.prepend_to_chain(Does("first"))
        if job.attempts == 1:
            raise ValueError("again: nothing is added twice")
        return "from a"

    acts["a"] = prepend
    acts["first"] = lambda job: job.get_previous_result() + ", first"
    acts["c"] = lambda job: seen.append(job.get_previous_result())
    id = chain([Does("a").with_tries(2).with_backoff(0), batch([Does("b")]), Does("c")]).dispatch()
    drain(hands)
    assert seen[:-1] == ["a", "a", "first", "second", "b", "c"]
    assert [step.name.rpartition(":")[2] for step in status(id).steps] == ["Does", "Does", "Does", "", "Does"]
    assert status(id).progress == 100


def test_only_a_step_of_a_chain_can_change_it(hands: Hands) -> None:
    def outside(job: Job) -> None:
        for add in (job.append_to_chain, job.prepend_to_chain):
            with pytest.raises(HorizonError, match="belongs to none"):
                add(Does("x"))
        seen.append("refused")

    acts["a"] = outside
    batch([Does("a")]).dispatch()
    drain(hands)
    assert seen == ["a", "refused"]
    with pytest.raises(HorizonError, match="for a job that a worker runs"):
        Does("a").append_to_chain(Does("b"))


def test_a_group_is_not_put_before_the_next_step(hands: Hands) -> None:
    def prepend(job: Any) -> None:
        with pytest.raises(InvalidInput, match="one by one"):
            job.prepend_to_chain(chain([Does("x")]))
        seen.append("refused")

    acts["a"] = prepend
    chain([Does("a")]).dispatch()
    drain(hands)
    assert seen == ["a", "refused"]


def test_a_chain_longer_than_one_push_breaks_off_as_any_other(here: Runtime, hands: Hands) -> None:
    real, failed = here.backend().push, []

    def push(envelopes: Any, **more: Any) -> Any:
        answers = real(envelopes, **more)
        failed.extend(hands.run())  # the first step runs, and fails, before the rest has come
        return answers

    here.backend().push = push  # type: ignore[method-assign]
    id = chain([Fails(), *(Does("n") for _ in range(1_500))]).dispatch()
    while here.backend().tick().more:  # a store takes so many at a time
        pass
    made = ChainMonitor(id)
    assert (made.state, made.total_jobs, made.failed_jobs, made.cancelled_jobs) == ("failed", 1_501, 1, 1_500)


def test_a_unique_job_is_refused_as_a_step(here: Runtime) -> None:
    with pytest.raises(InvalidInput, match="job 2 of the chain: Once is unique"):
        chain([Does("a"), Once()]).dispatch()
    with pytest.raises(InvalidInput, match="is unique"):
        chain([Does("a").unique_by("k")]).dispatch()


@pytest.mark.parametrize(
    ("given", "hint"),
    [(Does, r"write Does\(\.\.\.\)"), (plain, r"write plain\.job"), ("0" * 36, "depends_on"), (None, "got NoneType None$")],
)
def test_what_is_no_job_is_refused_with_what_to_do(given: Any, hint: str) -> None:
    with pytest.raises(InvalidInput, match=hint):
        chain([given])


def test_a_chain_that_is_not_there_is_said_so(here: Runtime) -> None:
    with pytest.raises(NotFound, match="there is no chain"):
        ChainMonitor("0" * 36).get_status()
