from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.jobs import stored
from horizon.jobs.codec import encode, encode_result
from horizon.security.payloads import Sight
from horizon.web.draw.tree import ALL, MOST_NODES, MOST_TEXT, Node, tree
from tests.jobs.sample import Address, Colour

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


def named(value: object, seen: Sight = ALL) -> list[tuple[str, str, str]]:
    return [(child.kind, child.text, child.type) for child in tree(value, seen=seen).children]


def test_values_of_types_that_json_lacks_are_shown_with_their_type():
    values = {
        "at": datetime(2026, 11, 22, 14, tzinfo=ZoneInfo("Europe/Rome")), "day": date(2026, 1, 2), "price": Decimal("1.50"), "id": UUID(int=1),
        "wait": timedelta(minutes=2), "raw": b"abc", "colour": Colour.RED,
    }  # fmt: skip
    packed = {**stored.arguments(encode(values)), "row": {"~": "model", "c": "shop:Customer", "v": [7]}}
    assert named(packed) == [
        ("typed", "2026-11-22 14:00:00 Europe/Rome", "datetime"), ("typed", "2026-01-02", "date"), ("typed", "1.50", "Decimal"),
        ("typed", str(UUID(int=1)), "UUID"), ("typed", "120 s", "timedelta"), ("typed", "3 bytes", "bytes"), ("typed", "Colour.RED", "enum"),
        ("typed", "Customer 7", "model"),
    ]  # fmt: skip


def test_dataclasses_sets_and_odd_dicts_show_their_parts():
    packed = stored.arguments(encode({"address": Address("Main"), "set": {1, 2}, "odd": {"~": 1}}))
    address, numbers, odd = tree(packed).children
    assert (address.kind, address.type, [child.key for child in address.children]) == ("map", "Address", ["street", "colour", "length"])
    assert (numbers.kind, numbers.type, numbers.size) == ("list", "set", 2)
    assert (odd.kind, odd.type, [child.key for child in odd.children]) == ("map", "", ["~"])


@pytest.mark.parametrize(
    "fake",
    [{"~": "date"}, {"~": "nothing", "v": 1}, {"~": ["x"], "v": 1}, {"~": "timedelta", "v": "x"}, {"~": "dataclass", "v": 3, "c": 4}],
)
def test_data_that_poses_as_a_type_is_shown_as_data(fake):
    assert tree(fake).kind == "map"
    assert {child.key for child in tree(fake).children} == set(fake)


def test_secrets_are_masked_at_any_depth_and_by_the_names_of_the_settings():
    seen = Sight(secret=("card_holder",))
    shown = repr(
        tree(
            {"password": "p1", "list": [{"api_key": "k1", "~": 1}], "card_holder": "Ana", "url": "redis://me:pw@host", "none": None},
            seen=seen,
        )
    )
    assert not [secret for secret in ("p1", "k1", "Ana", "pw@") if secret in shown]
    assert tree({"password": None}).children[0].kind == "word"


def test_who_may_not_see_payloads_gets_keys_and_types():
    shown = tree(
        {"to": "a@b", "n": 1, "ok": True, "none": None, "at": {"~": "date", "v": "2026-01-02"}, "list": ["x"]}, seen=Sight(full=False)
    )
    assert [(child.key, child.text, child.type) for child in shown.children] == [
        ("to", "‹text›", ""), ("n", "‹number›", ""), ("ok", "‹true or false›", ""), ("none", "null", ""), ("at", "‹value›", "date"), ("list", "", ""),
    ]  # fmt: skip
    assert "'x'" not in repr(shown)


@given(
    st.recursive(
        JSON,
        lambda inner: st.fixed_dictionaries(
            {"~": st.sampled_from(["date", "set", "dict", "model", "enum", "dataclass", "cut", "bytes"]), "v": inner}
        ),
    )
)
def test_no_tag_whatever_stands_in_it_breaks_the_tree(value):
    assert count(tree(value)) <= MOST_NODES + 1


def test_secrets_in_a_result_that_was_cut_or_shown_by_its_repr_are_masked_too():
    cut = encode_result({"password": "hunter2", "rows": "x" * 500}, 200)
    shown = tree(stored.result(cut))
    assert shown.type == "the beginning of what was returned"
    assert "hunter2" not in shown.text
    assert "rows" in shown.text
