"""Steps that come into a chain while it runs."""

from __future__ import annotations

from typing import Any

import pytest

from horizon import ChainMonitor, batch, chain
from horizon.core.errors import GroupEnded, InvalidInput, NotFound
from tests.jobs.groups.sample import Adds, Does, Fails, acts, drain, seen
from tests.jobs.hands import Hands


def test_a_job_is_put_behind_a_step_that_waits(hands: Hands) -> None:
    id = chain([Does("a"), Does("b"), Does("c")]).dispatch()
    inserted = ChainMonitor(id).insert(Does("x"), after=2)
    assert inserted is not None
    drain(hands)
    assert seen == ["a", "b", "x", "c"]
    status = ChainMonitor(id).get_status()
    assert ([step.id for step in status.steps][2], status.state) == (inserted, "completed")


def test_and_behind_one_that_has_ended_while_the_next_has_not_begun(hands: Hands) -> None:
    def put(job: Any) -> None:
        ChainMonitor(id).insert(Does("x"), after=job.job_id)

    acts["a"] = put
    id = chain([Does("a"), Does("b")]).dispatch()
    drain(hands)
    assert seen == ["a", "x", "b"]


def test_of_several_behind_one_step_the_last_one_comes_first(hands: Hands) -> None:
    id = chain([Does("a"), Does("b"), Does("c")]).dispatch()
    ChainMonitor(id).insert(Does("y"), after=2)
    ChainMonitor(id).insert(Does("x"), after=2)
    drain(hands)
    assert seen == ["a", "b", "x", "y", "c"]


def test_a_step_that_was_taken_out_counts_nowhere_whether_the_chain_goes_on_or_is_complete(hands: Hands) -> None:
    id = chain([Does("a"), Does("b"), Does("c")]).dispatch()
    ChainMonitor(id).remove(2)
    assert figures(id) == (2, 0, 2, 0)
    drain(hands)
    assert figures(id) == (2, 2, 0, 100)
    assert ChainMonitor(id).get_status().state == "completed"


def figures(id: str) -> tuple[int, int, int, int]:
    """(jobs in all, over, not over, percent)."""
    seen = ChainMonitor(id).refresh()
    return seen.total_jobs, seen.processed_jobs, seen.pending_jobs, seen.progress()


def test_its_result_is_handed_on(hands: Hands) -> None:
    id = chain([Adds(), Adds(), Does("show")]).dispatch()
    acts["show"] = lambda job: seen.append(job.get_previous_result())
    ChainMonitor(id).insert(Adds(), after=2)
    drain(hands)
    assert seen == ["show", 3]


def test_behind_the_last_step_it_is_the_last_one(hands: Hands) -> None:
    id = chain([Does("a"), Does("b")]).dispatch()
    ChainMonitor(id).insert(Does("x"), after=2)
    drain(hands)
    assert seen == ["a", "b", "x"]


def test_between_a_batch_and_what_follows_it_and_before_a_batch(hands: Hands) -> None:
    id = chain([Does("a"), batch([Does("b"), Does("c")]), Does("d")]).dispatch()
    ChainMonitor(id).insert(Does("x"), after=2)
    ChainMonitor(id).insert(Does("w"), after=1)
    drain(hands)
    assert (seen[:2], set(seen[2:4]), seen[4:]) == (["a", "w"], {"b", "c"}, ["x", "d"])


def test_where_the_next_step_has_begun_it_is_refused_with_where_else(hands: Hands) -> None:
    id = chain([Does("a"), Does("b"), Does("c")]).dispatch()
    hands.run()
    with pytest.raises(InvalidInput, match=r"step 2 has begun.*insert after step 2 or later"):
        ChainMonitor(id).insert(Does("x"), after=1)


def test_behind_a_step_that_failed_nothing_can_come(hands: Hands) -> None:
    id = chain([Fails(), Does("b")]).dispatch()
    drain(hands)
    with pytest.raises(InvalidInput, match=r"step 1 ended failed.*retry it first"):
        ChainMonitor(id).insert(Does("x"), after=1)


def test_a_chain_that_has_ended_takes_none(hands: Hands) -> None:
    id = chain([Does("a")]).dispatch()
    drain(hands)
    with pytest.raises(GroupEnded):
        ChainMonitor(id).insert(Does("x"), after=1)


@pytest.mark.parametrize("after", [0, 4, True, "nobody", None])
def test_a_step_that_is_not_there_is_told(hands: Hands, after: Any) -> None:
    id = chain([Does("a"), Does("b"), Does("c")]).dispatch()
    with pytest.raises(NotFound, match="its 3 steps are numbered from 1"):
        ChainMonitor(id).insert(Does("x"), after=after)


def test_a_batch_is_refused(hands: Hands) -> None:
    id = chain([Does("a"), Does("b")]).dispatch()
    with pytest.raises(InvalidInput, match="insert takes one job"):
        ChainMonitor(id).insert(batch([Does("x")]), after=1)


# taking out -----------------------------------------------------------------------------------------


def test_a_step_that_waits_can_be_taken_out(hands: Hands) -> None:
    id = chain([Does("a"), Does("b"), Does("c")]).then(Does("end")).dispatch()
    ChainMonitor(id).remove(2)
    drain(hands)
    assert seen == ["a", "c", "end"]
    status = ChainMonitor(id).get_status()
    assert (status.state, status.progress) == ("completed", 100)
    assert [(step.state, step.needed) for step in status.steps if not step.needed] == [("cancelled", False)]


def test_the_step_behind_it_gets_the_result_of_the_one_before_it(hands: Hands) -> None:
    seen_results: list[Any] = []
    acts["show"] = lambda job: seen_results.append((job.get_previous_result(), job.get_previous_results()))
    id = chain([Adds(), Does("b"), Does("show")]).dispatch()
    ChainMonitor(id).remove(2)
    drain(hands)
    assert seen_results == [(1, [1])]


def test_the_last_step_can_go_and_a_batch_may_follow_what_goes(hands: Hands) -> None:
    id = chain([Does("a"), Does("b"), batch([Does("c"), Does("d")]), Does("e")]).dispatch()
    for step in (4, 2):
        ChainMonitor(id).remove(step)
    drain(hands)
    assert (seen[0], set(seen[1:])) == ("a", {"c", "d"})
    assert ChainMonitor(id).get_status().state == "completed"


def test_what_has_begun_is_a_group_or_is_waited_for_from_outside_stays(hands: Hands) -> None:
    id = chain([Does("a"), Does("b"), batch([Does("c")])]).dispatch()
    steps = ChainMonitor(id).get_status().steps
    with pytest.raises(InvalidInput, match=r"step 1 does not wait.*pending; cancel it instead"):
        ChainMonitor(id).remove(1)
    with pytest.raises(InvalidInput, match="step 3 is a batch"):
        ChainMonitor(id).remove(3)
    with pytest.raises(NotFound):
        ChainMonitor(id).remove(9)
    Does("x").depends_on(steps[1].id).dispatch()
    with pytest.raises(InvalidInput, match="outside of the chain, waits for step 2"):
        ChainMonitor(id).remove(2)
