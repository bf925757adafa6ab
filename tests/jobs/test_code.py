from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from horizon.jobs import stored
from horizon.jobs.code import call, literal, text
from horizon.jobs.codec import encode


class Colour(Enum):
    RED = "r"


@dataclass
class Point:
    x: int
    y: object


NAMES = {
    "datetime": dt.datetime, "date": dt.date, "time": dt.time, "timedelta": dt.timedelta, "Decimal": Decimal, "UUID": UUID,
    "ZoneInfo": ZoneInfo, "Colour": Colour, "Point": Point,
}  # fmt: skip


def written(value: object) -> str:
    return literal((stored.arguments(encode({"x": value})) or {})["x"])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary() | st.dates() | st.datetimes(timezones=st.none() | st.just(ZoneInfo("Europe/Rome")) | st.just(dt.UTC)) | st.timedeltas() | st.uuids()
    | st.decimals(allow_nan=False) | st.just(Colour.RED),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner) | st.builds(Point, st.integers(), inner),
    max_leaves=10,
)  # fmt: skip


@given(VALUES)
def test_what_is_written_means_the_value(value):
    assert eval(written(value), dict(NAMES)) == value


def test_sets_too():
    assert written(set()) == "set()"
    assert eval(written(frozenset({1, 2}))) == {1, 2}


def test_texts_stand_in_double_quotes_and_show_what_cannot_be_seen():
    assert text("a") == '"a"'
    assert text('say "hi"') == "'say \"hi\"'"
    assert "\u202e" not in text("a\u202eb")


def test_a_call_names_its_arguments_but_the_first():
    made = call("shop.jobs:SendEmail", {"to": "a@b", "subject": "Hi"}, target="shop.jobs:SendEmail", first="to")
    assert made == 'from shop.jobs import SendEmail\n\nSendEmail.dispatch("a@b", subject="Hi")'


def test_a_class_that_is_not_loaded_has_no_import():
    assert call("shop.jobs:SendEmail", {"to": "a@b"}) == 'SendEmail.dispatch(to="a@b")'
    assert call("send-mail", {}) == "send-mail.dispatch()"


def test_more_positional_arguments_and_odd_names():
    assert call("m:f", {"a": 1, "*rest": [2, 3], "b": 4}, first="a") == "f.dispatch(1, 2, 3, b=4)"
    assert call("m:f", {"class": 1, "a b": 2}) == 'f.dispatch(**{"class": 1, "a b": 2})'


def test_data_that_poses_as_a_tag_is_written_as_data():
    assert literal({"~": "datetime"}) == '{"~": "datetime"}'
    assert literal({"~": "nothing", "v": 1}) == '{"~": "nothing", "v": 1}'
