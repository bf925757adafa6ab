"""The steps of a group and what waits for what, as a store tells it."""

from __future__ import annotations

from horizon.core.envelope import On
from horizon.core.group import GroupKind, NewGroup
from horizon.core.ids import uuid7
from horizon.monitor.groups_graph import MOST, graph
from tests.web.pages import flows
from tests.web.pages.stage import Stage


def of(stage: Stage, id: str):
    return graph(stage.store, stage.store.groups.get(id))


def test_steps_are_numbered_as_they_were_added_each_after_those_it_waits_for():
    stage = Stage()
    id, ids = flows.nightly(stage)
    found = of(stage, id)
    names = [next(name for name, one in ids.items() if one == step.id) for step in found.steps]
    assert names == ["Orders", "Stock", "Clean", "Prices", "Letters", "Join", "Alarm", "Report", "Sweep"]
    assert [step.number for step in found.steps] == list(range(1, 10))
    assert (found.total, found.left_out) == (9, 0)


def test_a_nested_group_waits_for_what_its_first_job_waits_for():
    stage = Stage()
    id, ids = flows.nightly(stage)
    letters = next(step for step in of(stage, id).steps if step.id == ids["Letters"])
    assert (letters.kind, [wait.parent for wait in letters.waits]) == ("batch", [ids["Clean"]])


def test_conditions_are_told_with_whether_they_were_met():
    stage = Stage()
    stage.worker()
    id, ids = flows.nightly(stage)
    flows.done(stage, ids["Stock"], ids["Prices"])
    steps = {step.id: step for step in of(stage, id).steps}
    alarm = steps[ids["Alarm"]]
    assert [(wait.on, wait.met) for wait in alarm.waits] == [(On.FAILED, False)]
    assert (alarm.state, alarm.needless) == ("cancelled", True)
    assert [(wait.on, wait.met) for wait in steps[ids["Sweep"]].waits] == [(On.ANY, None)]


def test_a_batch_of_chains_is_entered_by_the_first_step_of_the_first():
    stage = Stage()
    outer = NewGroup(id=uuid7(), kind=GroupKind.WORKFLOW)
    middle = NewGroup(id=uuid7(), kind=GroupKind.BATCH, parent=outer.id)
    inner = NewGroup(id=uuid7(), kind=GroupKind.CHAIN, parent=middle.id)
    first = flows.job(group=outer.id)
    step = flows.job(group=inner.id, edges=(flows.Edge(job_id=first.id),))
    stage.store.push([first, step], groups=[outer, middle, inner], seal=[inner.id, middle.id, outer.id])
    found = of(stage, outer.id)
    assert [(step.id, [wait.parent for wait in step.waits]) for step in found.steps] == [(first.id, []), (middle.id, [first.id])]


def test_of_very_many_steps_those_pushed_first_are_looked_at():
    stage = Stage()
    id, own = flows.batch(stage, MOST + 5)
    found = of(stage, id)
    assert ({step.id for step in found.steps} == set(own[:MOST]), found.left_out) == (True, 5)


def test_what_is_added_to_a_chain_is_drawn_behind_the_step_directly_before_it():
    stage = Stage()
    id, ids = flows.graph(
        stage, {"A": [], "B": [("A", On.COMPLETED)], "C": [("A", On.COMPLETED), ("B", On.COMPLETED)]}, kind=GroupKind.CHAIN
    )
    steps = {step.id: step for step in of(stage, id).steps}
    assert [wait.parent for wait in steps[ids["C"]].waits] == [ids["B"]]
