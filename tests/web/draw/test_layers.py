from __future__ import annotations

import random
from itertools import pairwise

from horizon.web.draw.layers import Placed, layers_of, place

DIAMOND = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}


def overlapping(placed: Placed) -> list[tuple[str, str]]:
    boxes = sorted((layer, middle, id) for id, (layer, middle) in placed.at.items())
    return [(one, other) for (a, high, one), (b, low, other) in pairwise(boxes) if a == b and low - high < 0.999]


def crossings(placed: Placed) -> int:
    ways = [
        (start[0], start[1], end[1])
        for (one, other), points in placed.lines.items()
        for start, end in zip((placed.at[one], *points), (*points, placed.at[other]), strict=True)
    ]
    return sum(a == b and (u - w) * (v - x) < -1e-9 for at, (a, u, v) in enumerate(ways) for b, w, x in ways[:at])


def test_nothing_takes_no_room():
    assert place({}) == Placed(at={}, lines={}, layers=0, height=0.0)


def test_each_stands_one_layer_behind_the_last_that_it_waits_for():
    assert layers_of({"a": [], "b": ["a"], "c": ["b", "a"], "d": []}) == {"a": 0, "b": 1, "c": 2, "d": 0}


def test_a_chain_is_a_straight_line():
    placed = place({"a": [], "b": ["a"], "c": ["b"]})
    assert {middle for _, middle in placed.at.values()} == {0.5}
    assert (placed.layers, placed.height) == (3, 1.0)


def test_what_joins_two_sides_stands_between_them():
    placed = place(DIAMOND)
    high, low = sorted((placed.at["b"][1], placed.at["c"][1]))
    assert high < placed.at["a"][1] < low
    assert high < placed.at["d"][1] < low
    assert overlapping(placed) == []


def test_a_line_over_several_layers_goes_around_the_boxes_between():
    placed = place({"a": [], "b": ["a"], "c": ["b"], "d": ["c", "a"]})
    (one, other) = placed.lines["a", "d"]
    assert (one[0], other[0]) == (1, 2)
    assert abs(one[1] - placed.at["b"][1]) > 0.5
    assert placed.lines["a", "b"] == ()


def test_neighbours_are_ordered_so_that_lines_do_not_cross_without_need():
    placed = place({"a": [], "b": [], "c": [], "x": ["c"], "y": ["b"], "z": ["a"]})
    assert crossings(placed) == 0


def test_what_is_not_a_box_and_waiting_for_oneself_is_left_out():
    placed = place({"a": ["gone", "a"], "b": ["a", "a"]})
    assert list(placed.lines) == [("a", "b")]


def test_a_circle_which_should_not_be_is_drawn_all_the_same():
    assert set(place({"a": ["b"], "b": ["a"]}).at) == {"a", "b"}


def test_200_boxes_of_any_graph_never_overlap_and_stand_within_its_height():
    throw = random.Random(7)
    for _ in range(5):
        waits = {str(at): [str(throw.randrange(at)) for _ in range(throw.randint(0, 3))] if at else [] for at in range(200)}
        placed = place(waits)
        assert overlapping(placed) == []
        assert all(0.49 < middle < placed.height for _, middle in placed.at.values())
        assert all(placed.at[parent][0] < placed.at[id][0] for id, parents in waits.items() for parent in parents)
