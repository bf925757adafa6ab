from __future__ import annotations

import pytest

from horizon.backends.values import Verb
from horizon.core.clock import SECOND
from horizon.core.envelope import Edge, On
from horizon.core.outcome import Kind
from horizon.core.record import RELATED
from tests.conformance.driver import ENDS as EDGES
from tests.conformance.driver import Driver, after, envelope, error, outcome

ENDS = {"completed": Kind.COMPLETED, "failed": Kind.FAILED, "cancelled": Kind.CANCELLED}

# opening --------------------------------------------------------------------------------------------


def test_a_dependant_is_blocked_and_says_whom_it_waits_for(drive: Driver) -> None:
    first, second = drive.push_many(2)
    child = drive.push(edges=after(first, second))
    assert (drive.state(child), set(drive.get(child).waits_for)) == ("blocked", {first, second})
    drive.run(first)
    assert (drive.state(child), drive.get(child).waits_for) == ("blocked", (second,))
    drive.run(second)
    assert (drive.state(child), drive.get(child).waits_for) == ("pending", ())


def test_a_blocked_job_is_not_reserved(drive: Driver) -> None:
    parent = drive.push()
    drive.push(edges=after(parent), priority=100)
    assert [r.id for r in drive.reserve(5)] == [parent]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("on", EDGES)
def test_an_edge_opens_for_its_own_kind_of_end_only(drive: Driver, end: str, on: On) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent, on=on))
    drive.run(parent, ENDS[end])
    opens = on is On.ANY or (on, end) in {(On.COMPLETED, "completed"), (On.FAILED, "failed")}
    assert drive.state(child) == ("pending" if opens else "cancelled")


@pytest.mark.parametrize("kind_of_pause", [Kind.RETRY, Kind.RELEASED, Kind.RETURNED])
def test_a_cause_that_comes_again_has_not_ended(drive: Driver, kind_of_pause: Kind) -> None:
    parent = drive.push()
    children = [drive.push(edges=after(parent, on=on)) for on in EDGES]
    drive.run(parent, kind_of_pause, delay=9)
    assert drive.states(*children) == ["blocked"] * 3


def test_a_chain_runs_step_by_step(drive: Driver) -> None:
    first = drive.push()
    second = drive.push(edges=after(first))
    third = drive.push(edges=after(second))
    for id in (first, second, third):
        drive.run(id)
    assert drive.states(first, second, third) == ["completed"] * 3


def test_fan_in_opens_once_the_last_one_completed(drive: Driver) -> None:
    parents = drive.push_many(4)
    child = drive.push(edges=after(*parents))
    got = drive.reserve(4)
    for one in got[:3]:
        drive.complete(one)
    assert drive.state(child) == "blocked"
    drive.complete(got[3])
    assert drive.state(child) == "pending"


def test_two_last_parents_settled_in_one_turn_open_the_gate(drive: Driver) -> None:
    parents = drive.push_many(2)
    child = drive.push(edges=after(*parents))
    drive.backend.turn([outcome(r, Kind.COMPLETED) for r in drive.reserve(2)])
    assert drive.state(child) == "pending"
    assert drive.counts() == {"completed": 2, "pending": 1}


def test_an_opened_job_whose_time_is_to_come_waits_for_it(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent), delay=60 * SECOND)
    due = drive.clock() + 60 * SECOND
    drive.clock.advance(10)
    drive.run(parent)
    assert (drive.state(child), drive.get(child).available_at) == ("scheduled", due)


def test_an_opened_job_queues_up_where_it_stands_now(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    drive.clock.advance(1)
    other = drive.push()
    drive.clock.advance(1)
    drive.run(parent)
    assert [r.id for r in drive.reserve(2)] == [other, child]


def test_a_wide_fan_out_opens_completely(drive: Driver) -> None:
    parent = drive.push(queue="parents")
    drive.backend.push([envelope(edges=after(parent)) for _ in range(1200)])
    drive.run(parent, kind=Kind.COMPLETED)
    for _ in range(5):
        drive.backend.tick()
    assert drive.counts() == {"pending": 1200}


# shutting -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_failed_or_cancelled_cause_cancels_what_needed_it_and_says_why(drive: Driver, end: str) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    drive.run(parent, ENDS[end])
    assert drive.state(child) == "cancelled"
    assert parent in (drive.get(child).reason or "")


def test_cancellation_goes_down_the_whole_tree(drive: Driver) -> None:
    root = drive.push()
    tree = [root]
    for _ in range(60):
        tree.append(drive.push(edges=after(tree[-1])))
    drive.run(root, Kind.FAILED)
    for _ in range(3):
        drive.backend.tick()
    assert drive.states(*tree) == ["failed"] + ["cancelled"] * 60
    assert drive.counts() == {"failed": 1, "cancelled": 60}


def test_a_person_cancelling_the_cause_cancels_what_needed_it(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    on_any = drive.push(edges=after(parent, on=On.ANY))
    drive.did(Verb.CANCEL, parent)
    assert drive.states(child, on_any) == ["cancelled", "pending"]


def test_of_several_causes_the_first_that_fails_decides(drive: Driver) -> None:
    first, second = drive.push_many(2)
    child = drive.push(edges=after(first, second))
    drive.run(first, Kind.FAILED)
    assert drive.state(child) == "cancelled"
    drive.run(second)
    assert drive.state(child) == "cancelled"


def test_a_job_nobody_needs_any_more_stays_out_of_sight(drive: Driver) -> None:
    parent = drive.push()
    rescue = drive.push(edges=after(parent, on=On.FAILED))
    drive.run(parent)
    assert (drive.state(rescue), drive.get(rescue).reason) == ("cancelled", "not needed")
    assert drive.counts() == {"completed": 1}
    assert drive.found() == [parent]
    assert dict(drive.backend.numbers.recount()) == {}


def test_two_edges_to_the_same_cause_must_both_open(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=(Edge(job_id=parent, on=On.ANY), Edge(job_id=parent, on=On.COMPLETED)))
    drive.run(parent)
    assert drive.state(child) == "pending"


def test_a_job_that_waits_for_a_cause_and_for_what_it_cancels_is_cancelled_once(drive: Driver) -> None:
    root = drive.push()
    child = drive.push(edges=after(root))
    both = drive.push(edges=after(root, child))
    drive.run(root, Kind.FAILED)
    assert drive.states(child, both) == ["cancelled", "cancelled"]
    assert drive.counts() == {"failed": 1, "cancelled": 2}


def test_a_job_is_unneeded_only_where_nothing_else_stopped_it(drive: Driver) -> None:
    root = drive.push()
    rescue = drive.push(edges=after(root, on=On.FAILED))
    step = drive.push(edges=after(root))
    both = drive.push(edges=after(rescue, step))
    only = drive.push(edges=after(rescue))
    drive.did(Verb.CANCEL, root)
    assert (drive.get(both).state, drive.get(only).reason) == ("cancelled", "not needed")
    assert step in (drive.get(both).reason or "")
    assert set(drive.found()) == {root, step, both}


# running a cause again ------------------------------------------------------------------------------


def test_retrying_a_cause_blocks_again_what_it_had_cancelled(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    grandchild = drive.push(edges=after(child))
    drive.run(parent, Kind.FAILED)
    assert drive.states(child, grandchild) == ["cancelled", "cancelled"]
    drive.did(Verb.RETRY, parent)
    assert drive.states(parent, child, grandchild) == ["pending", "blocked", "blocked"]
    assert (drive.get(child).finished_at, drive.get(child).reason) == (None, None)
    for id in (parent, child, grandchild):
        drive.run(id)
    assert drive.counts() == {"completed": 3}


def test_a_cause_that_fails_again_cancels_again(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    for _ in range(2):
        drive.run(parent, Kind.FAILED)
        assert drive.state(child) == "cancelled"
        drive.did(Verb.RETRY, parent)
        assert drive.state(child) == "blocked"
    drive.run(parent)
    drive.run(child)


def test_what_another_cause_would_cancel_stays_cancelled(drive: Driver) -> None:
    first, second = drive.push_many(2)
    child = drive.push(edges=after(first, second))
    drive.run(first, Kind.FAILED)
    drive.run(second, Kind.FAILED)
    drive.did(Verb.RETRY, first)
    assert drive.state(child) == "cancelled"
    drive.did(Verb.RETRY, second)
    assert drive.state(child) == "blocked"
    drive.run(first)
    drive.run(second)
    assert drive.state(child) == "pending"


def test_a_dependency_met_while_a_job_was_cancelled_counts_when_it_is_blocked_again(drive: Driver) -> None:
    first, second = drive.push_many(2)
    child = drive.push(edges=after(first, second))
    drive.run(first, Kind.FAILED)
    drive.run(second)
    drive.did(Verb.RETRY, first)
    assert drive.get(child).waits_for == (first,)
    drive.run(first)
    assert drive.state(child) == "pending"


def test_what_a_person_cancelled_stays_cancelled(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    drive.did(Verb.CANCEL, child)
    drive.run(parent, Kind.FAILED)
    drive.did(Verb.RETRY, parent)
    assert drive.state(child) == "cancelled"


def test_what_has_run_is_not_touched_when_its_cause_runs_again(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    drive.run(parent)
    drive.run(child)
    drive.did(Verb.RETRY, parent)
    drive.run(parent, Kind.FAILED)
    assert drive.state(child) == "completed"


def test_a_job_not_needed_is_needed_again_when_its_cause_runs_again(drive: Driver) -> None:
    parent = drive.push()
    rescue = drive.push(edges=after(parent, on=On.FAILED))
    drive.run(parent)
    drive.did(Verb.RETRY, parent)
    assert drive.counts() == {"pending": 1, "blocked": 1}
    drive.run(parent, Kind.FAILED)
    assert drive.state(rescue) == "pending"
    assert dict(drive.backend.numbers.recount()) == {}


# unique keys of what waits --------------------------------------------------------------------------


def test_a_cancelled_dependant_frees_its_key_and_takes_it_again_when_blocked_again(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent), unique_key="k")
    drive.run(parent, Kind.FAILED)
    drive.did(Verb.RETRY, parent)
    (answer,) = drive.backend.push([envelope(unique_key="k")])
    assert (answer.status, answer.holder) == ("duplicate", child)


def test_a_dependant_whose_key_is_held_by_another_stays_cancelled_and_says_so(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent), unique_key="k")
    drive.run(parent, Kind.FAILED)
    holder = drive.push(unique_key="k")
    drive.did(Verb.RETRY, parent)
    assert (drive.state(child), drive.get(child).reason) == ("cancelled", f"key held by {holder}")


def test_a_job_read_by_itself_names_those_on_either_side_also_when_all_is_over(drive: Driver) -> None:
    first, second = drive.push_many(2)
    child = drive.push(edges=(*after(second), *after(first), *after(first, on=On.ANY)))
    drive.run(first)
    assert drive.get(child).depends_on == (first, second)
    assert drive.get(first).dependants == drive.get(second).dependants == (child,)
    drive.run(second)
    drive.run(child)
    assert (drive.get(child).depends_on, drive.get(child).dependants) == ((first, second), ())
    assert drive.backend.many([first])[0].dependants == ()


def test_only_the_first_of_many_dependants_are_named(drive: Driver) -> None:
    parent = drive.push()
    children = [drive.push(edges=after(parent)) for _ in range(RELATED + 3)]
    assert drive.get(parent).dependants == tuple(children[:RELATED])


def test_a_job_that_gave_up_its_key_names_who_has_it_now(drive: Driver) -> None:
    old = drive.push(unique_key="k")
    assert drive.get(old).key_holder is None
    drive.run(old, Kind.FAILED, error=error())
    new = drive.push(unique_key="k")
    assert (drive.get(old).key_holder, drive.get(new).key_holder) == (new, None)
    drive.run(new)
    assert drive.get(old).key_holder is None
