from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from horizon.web.draw.tree import MOST_NODES, MOST_TEXT, Node, tree

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def count(node: Node) -> int:
    return 1 + sum(count(child) for child in node.children)


@given(JSON)
def test_any_data_becomes_a_bounded_tree(value):
    assert count(tree(value)) <= MOST_NODES + 1


def test_kinds_are_told_apart():
    root = tree({"a": 1, "b": True, "c": None, "d": "x", "e": [1.5], "f": {}})
    assert [(child.key, child.kind, child.text) for child in root.children] == [
        ("a", "num", "1"), ("b", "word", "true"), ("c", "word", "null"), ("d", "str", "x"), ("e", "list", ""), ("f", "map", ""),
    ]  # fmt: skip


def test_what_is_too_much_is_cut_and_says_so():
    assert tree(list(range(10_000))).cut
    assert tree("x" * 5_000).cut
    assert len(tree("x" * 5_000).text) == MOST_TEXT
    assert not tree([1, 2]).cut
    deep: list[object] = []
    for _ in range(50):
        deep = [deep]
    assert count(tree(deep)) < 20


def test_a_giant_number_is_named_not_written():
    assert tree(10**5_000).text.startswith("a number of 16610 bits")
