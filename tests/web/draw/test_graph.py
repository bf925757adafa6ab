from __future__ import annotations

from dataclasses import replace

from horizon.core.envelope import On
from horizon.core.group import GroupKind, GroupRecord, GroupState
from horizon.monitor.groups_graph import Graph, Step, Wait
from horizon.web.draw.graph import DEEPEST, EDGE, HEIGHT, WIDTH, draw, tree
from horizon.web.draw.shares import LEAST, shares


def step(number: int, id: str, *waits: Wait | str, state: str = "completed") -> Step:
    given = tuple(Wait(parent=wait) if isinstance(wait, str) else wait for wait in waits)
    return Step(number=number, id=id, name=f"shop.jobs:{id}", state=state, waits=given)


def of(*steps: Step) -> Graph:
    return Graph(steps=steps, total=len(steps))


def group(**more: int) -> GroupRecord:
    figures = {"total": 10, "pending": 0, "processing": 0, "completed": 0, "failed": 0, "cancelled": 0, **more}
    return GroupRecord(
        id="g", n=1, kind=GroupKind.BATCH, connection="default", state=GroupState.RUNNING, sealed=True, created_at=0, **figures
    )


def test_the_drawing_is_as_large_as_its_boxes_need():
    one = draw(of(step(1, "a")))
    assert (one.width, one.height) == (WIDTH + 2 * EDGE, HEIGHT + 2 * EDGE)
    assert (one.boxes[0].x, one.boxes[0].y) == (EDGE, EDGE)
    assert draw(of()).height == 0


def test_a_line_goes_from_the_side_of_one_box_to_the_side_of_the_next_and_ends_in_an_arrow():
    drawn = draw(of(step(1, "a"), step(2, "b", "a")))
    (line,) = drawn.lines
    a, b = drawn.boxes
    assert line.path.startswith(f"M{a.x + WIDTH:g} {a.y + HEIGHT / 2:g}C")
    assert line.path.endswith(f"{b.x - 2:g} {b.y + HEIGHT / 2:g}")
    assert line.head.startswith(f"M{b.x - 8:g}")
    assert (line.on, line.label) == ("completed", "")


def test_a_condition_stands_beside_its_line_in_words():
    drawn = draw(of(step(1, "a"), step(2, "b", Wait(parent="a", on=On.FAILED, met=False)), step(3, "c", Wait(parent="a", on=On.ANY))))
    assert {(line.on, line.label, line.met) for line in drawn.lines} == {("failed", "if failed", False), ("any", "either way", None)}


def test_the_tree_shows_each_step_once_below_the_last_that_it_waits_for():
    twigs = tree(of(step(1, "a"), step(2, "b", "a"), step(3, "c"), step(4, "d", "a", "c")))
    assert [(twig.step.id, twig.depth) for twig in twigs] == [("a", 0), ("b", 1), ("c", 0), ("d", 1)]
    last = twigs[-1]
    assert (last.above and last.above.parent, [wait.parent for wait in last.also]) == ("c", ["a"])


def test_a_deep_tree_stops_moving_to_the_right():
    steps = [step(1, "0"), *(step(at + 1, str(at), str(at - 1)) for at in range(1, 30))]
    assert max(twig.depth for twig in tree(of(*steps))) == DEEPEST


def test_the_shares_of_a_bar_are_those_of_its_members():
    made = shares(group(completed=5, failed=1, processing=2, pending=2))
    assert [(one.state, one.x, one.width) for one in made] == [("completed", 0, 50), ("failed", 50, 10), ("processing", 60, 20)]


def test_a_single_failure_among_very_many_is_seen_and_the_bar_is_no_longer_for_it():
    made = shares(group(total=100_000, completed=99_999, failed=1))
    assert [one.width for one in made] == [100 - LEAST, LEAST]


def test_a_bar_of_nothing_is_empty():
    assert shares(group(total=0)) == ()


def test_what_is_drawn_of_a_graph_leaves_out_waits_for_others():
    assert draw(of(step(1, "a", "elsewhere"))).lines == ()
    assert replace(of(step(1, "a")), total=5).left_out == 4
