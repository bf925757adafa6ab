"""`workflow("Nightly")`, and plans."""

from __future__ import annotations

from typing import Any

import pytest

from horizon import WorkflowMonitor, batch, chain, workflow
from horizon.core.errors import DependencyCycle, HorizonError, InvalidInput, InvalidOption
from horizon.runtime import Runtime
from tests.jobs.groups.sample import Does, Fails, Tells, acts, drain, seen
from tests.jobs.hands import Hands


def words(waves: Any) -> list[list[str]]:
    return [[getattr(job, "word", type(job).__name__) for job in wave] for wave in waves]


def test_jobs_fan_out_and_in_and_have_the_results_of_all_before_them(hands: Hands) -> None:
    acts["load"] = lambda job: seen.append(job.get_previous_results())
    with workflow("Nightly") as w:
        a = w.add(Does("extract"))
        b = w.add(Does("clean"), after=[a])
        c = w.add(Does("enrich"), after=[a])
        w.add(Does("load"), after=[b, c])
    assert words(w.plan()) == [["extract"], ["clean", "enrich"], ["load"]]
    assert [len(hands.run()) for _ in range(4)] == [1, 2, 1, 0]
    assert seen[-1] == ["clean", "enrich"]
    assert w.id is not None
    now = WorkflowMonitor(w.id).get_status()
    assert (now.name, now.state, now.progress, [len(step.after) for step in now.steps]) == ("Nightly", "completed", 100, [0, 1, 1, 2])


def test_what_one_step_returned_is_ambiguous_where_it_waited_for_several(hands: Hands) -> None:
    def look(job: Any) -> None:
        with pytest.raises(HorizonError, match=r"waited for 2 others; get_previous_results\(\)"):
            job.get_previous_result()
        seen.append("refused")

    acts["load"] = look
    with workflow() as w:
        w.add(Does("load"), after=[w.add(Does("a")), w.add(Does("b"))])
    drain(hands)
    assert seen[-1] == "refused"


def test_an_edge_has_a_condition(hands: Hands) -> None:
    with workflow("W") as w:
        bad, good = w.add(Fails()), w.add(Does("good"))
        w.add(Does("if it failed"), after=bad, on="failed")
        w.add(Does("needs it"), after=[bad])
        w.add(Does("whatever"), after=[bad, good], on="any")
        w.add(Does("unneeded"), after=[good], on="failed")
        w.add(Does("mixed"), after=[good, bad.on("failed")])
    drain(hands)
    assert sorted(seen) == ["good", "if it failed", "mixed", "whatever"]
    assert w.id is not None
    assert w.id.find().state == "failed"  # type: ignore[union-attr]
    status = WorkflowMonitor(w.id).get_status()
    assert status.total_steps == 7  # a step that was not needed is one
    assert [step.needed for step in status.steps].count(False) == 1
    assert all(step.after == (status.steps[1].id,) for step in status.steps if not step.needed)


def test_a_failure_cancels_what_needed_it_and_nothing_else(hands: Hands) -> None:
    with workflow("W") as w:
        w.add(Does("c"), after=[w.add(Fails())])
        w.add(Does("b"), after=[w.add(Does("a"))])
    drain(hands)
    assert seen == ["a", "b"]


def test_a_nested_group_on_the_branch_not_taken_runs_nothing_at_all(hands: Hands) -> None:
    inner = workflow("Repair")
    inner.add(Does("always"), after=inner.add(Does("mend")), on="any")
    with workflow("W") as w:
        a = w.add(Does("a"))
        mended = w.add(inner, after=[a], on="failed")
        w.add(Does("after"), after=[mended])
    drain(hands)
    assert seen == ["a"]
    assert w.id is not None
    assert w.id.find().state == "completed"  # type: ignore[union-attr]


def test_groups_nest_in_each_other(hands: Hands) -> None:
    inner = workflow("Inner")
    inner.add(Does("d"), after=[inner.add(Does("b")), inner.add(Does("c"))])
    id = batch([chain([Does("a"), inner, batch([Does("e"), chain([Does("f"), Does("g")])]), Does("h")])]).then(Tells("all")).dispatch()
    assert [len(hands.run()) for _ in range(8)] == [1, 2, 1, 2, 1, 1, 1, 0]
    assert "".join(sorted(seen[:-1])) == "abcdefgh"
    assert seen[-1] == "all"
    assert id.wait(0).progress() == 100


def test_the_plan_of_nested_groups_is_one_row_of_waves() -> None:
    inner = workflow("Inner")
    inner.add(Does("d"), after=[inner.add(Does("b")), inner.add(Does("c"))])
    made = chain([Does("a"), batch([inner, Does("e")]), Does("f")])
    assert words(made.plan()) == [["a"], ["b", "c", "e"], ["d"], ["f"]]
    assert words(made.plan()) == words(made.plan())


def test_a_circle_is_refused_where_it_is_closed_with_its_path(here: Runtime) -> None:
    w = workflow("W")
    a = w.add(Does("a"))
    b = w.add(Fails(), after=[a])
    c = w.add(Tells("c"), after=[b])
    with pytest.raises(DependencyCycle, match="Does -> Tells -> Fails -> Does"):
        a.after(c)
    with pytest.raises(DependencyCycle, match="Fails -> Fails"):
        b.after(b)
    assert len(w.plan()) == 3


def test_steps_may_be_linked_later_in_any_order(hands: Hands) -> None:
    with workflow("W") as w:
        first, second = w.add(Does("first")), w.add(Does("second"))
        first.after(second)
    drain(hands)
    assert seen == ["second", "first"]


def test_nothing_is_dispatched_where_the_block_raises(here: Runtime) -> None:
    def write() -> None:
        with w:
            w.add(Does("a"))
            raise KeyError("x")

    w = workflow("W")
    with pytest.raises(KeyError):
        write()
    assert w.id is None
    assert here.backend().remaining() == 0


def test_wrong_use_is_refused_where_it_is_written(here: Runtime) -> None:
    w, other = workflow("W"), workflow("O")
    a = w.add(Does("a"))
    with pytest.raises(InvalidInput, match="steps that this workflow's add"):
        other.add(Does("b"), after=[a])
    with pytest.raises(InvalidInput, match="steps that this workflow's add"):
        w.add(Does("b"), after=["a"])  # type: ignore[list-item]
    with pytest.raises(InvalidOption, match="completed, failed, any; got 'done'"):
        w.add(Does("b"), after=[a], on="done")
    assert words(w.plan()) == [["a"]]
    w.dispatch()
    with pytest.raises(InvalidInput, match="dispatched already"):
        w.add(Does("b"))
