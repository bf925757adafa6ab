from __future__ import annotations

import enum
import json
import math
from collections import namedtuple
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.core.errors import InvalidPayload
from horizon.jobs import codec
from horizon.jobs.classes import UnknownClass
from tests.jobs.sample import Access, Address, Colour, Frozen, Size, WithInitVar


def there_and_back(value: object) -> object:
    return codec.decode(codec.encode({"value": value}))["value"]


@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -5, 2**63, 10**30, 0.1, -0.0, 1e308, "", "é 中 \U0001f600", "\x00\x7f", [], {}, [1, [2, {"a": None}]],
        datetime(2026, 11, 22, 10, 30, 1, 5), datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Rome")),
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Rome"), fold=1), datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
        date(2026, 2, 28), time(23, 59, 59, 999999), time(1, 2, fold=1), timedelta(days=-1, microseconds=3), timedelta(weeks=500),
        Decimal("0.10"), Decimal("1E+30"), UUID(int=7), b"", b"\x00\xff", set(), {1, 2}, {"a", 1}, frozenset({"x"}), (), (1, (2, "x")),
        {"~": "date", "v": "not a date"}, {"a": {"~": 1}}, Colour.GREEN, Size.SMALL, Access.READ, Access.READ | Access.WRITE,
        Address("Long Lane", Colour.GREEN), Frozen(Address("x")), [Address("a"), {"k": (Colour.RED, {b"x"})}],
    ],
)  # fmt: skip
def test_every_type_comes_back_as_it_was(value: object) -> None:
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)
    assert repr(back) == repr(value)


def test_an_aware_datetime_keeps_the_name_of_its_zone() -> None:
    back = there_and_back(datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Rome")))
    assert isinstance(back, datetime)
    assert isinstance(back.tzinfo, ZoneInfo)
    assert back.tzinfo.key == "Europe/Rome"


def test_a_dataclass_is_made_by_its_constructor_and_keeps_fields_outside_it() -> None:
    address = Address("abc")
    address.length = 99
    back = there_and_back(address)
    assert isinstance(back, Address)
    assert (back.street, back.length) == ("abc", 99)


def test_equal_sets_have_equal_payloads() -> None:
    assert codec.encode({"v": {"a", "b", "c"}}) == codec.encode({"v": {"c", "b", "a"}})


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary() | st.datetimes() | st.dates() | st.timedeltas() | st.decimals(allow_nan=False) | st.uuids(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner) | st.tuples(inner, inner),
    max_leaves=20,
)  # fmt: skip


@given(json_like)
def test_anything_that_can_be_kept_comes_back(value: object) -> None:
    assert there_and_back(value) == value


@given(json_like)
def test_what_is_shown_to_people_is_plain_json(value: object) -> None:
    json.dumps(codec.readable(codec.encode({"value": value})), allow_nan=True)


Point = namedtuple("Point", "x y")


class Loud(str):
    pass


class Count(int):
    pass


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (object(), "builtins.object"), (lambda: 1, "function"), (print, "builtin_function"), (iter([]), "list_iterator"), (complex(1), "complex"),
        (ValueError("x"), "ValueError"), (Point(1, 2), "convert it: tuple"), (Loud("x"), "convert it: str"), (Count(3), "convert it: int"),
        (range(3), "range"), (type, "type"), (memoryview(b"x"), "memoryview"), (bytearray(b"x"), "bytearray"), ({1: 2}, "key of type int"),
        ({(1, 2): 3}, "key of type tuple"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_arguments_name_and_type(value: object, names: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        codec.encode({"ok": 1, "invoice": value})
    assert "'invoice" in str(refused.value)
    assert names in str(refused.value)


def test_the_way_to_a_refused_value_inside_an_argument_is_shown() -> None:
    with pytest.raises(InvalidPayload, match=r"orders\['lines'\]\[1\]"):
        codec.encode({"orders": {"lines": [1, object()]}})
    with pytest.raises(InvalidPayload, match=r"home\.inner"):
        codec.encode({"home": Frozen(inner=object())})  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x], lambda x: {"k": {"deep": x}}, lambda x: (1, x)])
def test_numbers_that_json_cannot_say_are_refused(number: float, wrap: Any) -> None:
    with pytest.raises(InvalidPayload, match="'price'"):
        codec.encode({"price": wrap(number)})


@pytest.mark.parametrize("value", ["\ud800", ["a\udfff"], {"\ud800": 1}, {"k": ("\ud800",)}])
def test_lone_surrogates_are_refused(value: object) -> None:
    with pytest.raises(InvalidPayload, match="'text' holds a lone surrogate"):
        codec.encode({"text": value})


def test_a_value_that_contains_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(InvalidPayload, match="'loop' contains itself"):
        codec.encode({"loop": endless})


def test_an_integer_beyond_reading_is_refused() -> None:
    with pytest.raises(InvalidPayload, match="'big'"):
        codec.encode({"big": 10**5000})


def test_classes_that_no_worker_could_find_are_refused() -> None:
    class Local(enum.Enum):
        A = 1

    @dataclass
    class Here:
        x: int

    with pytest.raises(InvalidPayload, match=r"'mode' is a Local.*top level"):
        codec.encode({"mode": Local.A})
    with pytest.raises(InvalidPayload, match=r"'spot' is a Here.*top level"):
        codec.encode({"spot": Here(1)})
    with pytest.raises(InvalidPayload, match="InitVar"):
        codec.encode({"seeded": WithInitVar(1)})


@pytest.mark.parametrize(
    "payload",
    [b"", b"nonsense", b"[]", b"{}", b'{"args": 3}', b'{"args": {"x": {"~": "pickle", "v": "gASV"}}}', b"\xff\xfe", b'{"args": {"x": {"~": "date", "v": 3}}}',
     b"[" * 100_000],
)  # fmt: skip
def test_a_payload_that_is_none_is_refused_and_never_crashes(payload: bytes) -> None:
    with pytest.raises(InvalidPayload):
        codec.decode(payload)


@pytest.mark.parametrize(
    "name", ["antigravity:fly", "this:s", "os:system", "builtins:eval", "json.tool:main", "nowhere.at.all:Thing", "", ":", "os"]
)
@pytest.mark.parametrize("tag", ["enum", "flag", "dataclass"])
def test_a_payload_can_never_import_or_name_anything_but_a_loaded_value_class(name: str, tag: str) -> None:
    import sys

    loaded = set(sys.modules)
    payload = json.dumps({"args": {"x": {"~": tag, "c": name, "v": {}}}}).encode()
    with pytest.raises(InvalidPayload):
        codec.decode(payload)
    assert "antigravity" not in sys.modules
    assert set(sys.modules) == loaded


def test_a_class_that_is_loaded_but_no_enum_or_dataclass_is_refused() -> None:
    for tag in ("enum", "dataclass"):
        payload = json.dumps({"args": {"x": {"~": tag, "c": "subprocess:Popen", "v": {"args": "true"}}}}).encode()
        with pytest.raises(InvalidPayload, match="none now"):
            codec.decode(payload)


def test_a_class_that_is_not_loaded_is_told_apart_so_that_another_worker_may_try() -> None:
    with pytest.raises(UnknownClass, match="HORIZON_IMPORTS"):
        codec.decode(b'{"args": {"x": {"~": "enum", "c": "shop.gone:Colour", "v": "RED"}}}')


def test_changed_enums_and_dataclasses_say_what_no_longer_fits() -> None:
    with pytest.raises(InvalidPayload, match="no member 'BLUE'"):
        codec.decode(b'{"args": {"x": {"~": "enum", "c": "tests.jobs.sample:Colour", "v": "BLUE"}}}')
    with pytest.raises(InvalidPayload, match="do not fit"):
        codec.decode(b'{"args": {"x": {"~": "dataclass", "c": "tests.jobs.sample:Address", "v": {"road": "x"}}}}')


# results --------------------------------------------------------------------------------------------


def test_a_python_without_the_inner_encoder_writes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {"a": ["ü", 1, 2.5, None, True, {"b": []}], "\n": ""}
    quick = codec._writer()
    monkeypatch.setattr(codec, "c_make_encoder", None)
    slow = codec._writer()
    assert slow == codec._encoder.encode
    assert quick(document) == slow(document)


@pytest.mark.parametrize("value", [None, 0, "x", [1], {"a": b"x"}, date(2026, 1, 1), {1, 2}])
def test_a_result_comes_back(value: object) -> None:
    assert codec.decode_result(codec.encode_result(value, 1000)) == value


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (object, "<class 'object'>"),
        (math.nan, "nan"),
        ("\ud800", "'\\ud800'"),
        (Unshowable(), "<Unshowable whose repr raised RuntimeError>"),
    ],
)
def test_a_result_that_json_cannot_hold_is_kept_as_its_repr_and_marked(value: object, shown: str) -> None:
    data = codec.encode_result(value, 1000)
    assert data is not None
    assert json.loads(data)["result"]["~"] == "repr"
    assert codec.decode_result(data) == shown
    assert codec.readable(data) == shown


def test_a_result_over_the_limit_is_kept_cut_and_marked() -> None:
    data = codec.encode_result("é" * 5000, 100)
    assert data is not None
    assert len(data) < 200
    assert json.loads(data)["result"]["~"] == "cut"
    assert str(codec.decode_result(data)).startswith('"éé')
    assert "cut" in str(codec.readable(data))


def test_a_huge_repr_is_cut_too() -> None:
    class Huge:
        def __repr__(self) -> str:
            return "x" * 10_000

    data = codec.encode_result(Huge(), 100)
    assert data is not None
    assert len(data) < 200


# for people -----------------------------------------------------------------------------------------


def test_readable_arguments_show_tagged_values_as_people_write_them() -> None:
    data = codec.encode(
        {
            "when": datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Rome")), "day": date(2026, 7, 1), "wait": timedelta(minutes=2), "price": Decimal("9.90"),
            "blob": b"12345", "who": {"b", "a"}, "pair": (1, 2), "colour": Colour.RED, "home": Address("Lane"), "odd": {"~": 1},
        }
    )  # fmt: skip
    assert codec.readable(data) == {
        "when": "2026-07-01T12:00:00 Europe/Rome", "day": "2026-07-01", "wait": "120 s", "price": "9.90", "blob": "5 bytes", "who": ["a", "b"],
        "pair": [1, 2], "colour": "Colour.RED", "home": {"street": "Lane", "colour": "Colour.RED", "length": 4}, "odd": {"~": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"nonsense", b'{"args": {"x": {"~": "date"}}}', b'{"args": 3}', b'{"args": {"x": {"~": "timedelta", "v": 3}}}']
)
def test_readable_never_raises(data: bytes) -> None:
    codec.readable(data)


def test_readable_of_nothing_is_nothing() -> None:
    assert codec.readable(None) is None
