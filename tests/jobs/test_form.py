from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from typing import Any, Literal, NewType
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon import Job, job
from horizon.jobs import answers, form, stored
from horizon.jobs.codec import decode, encode
from horizon.jobs.form import WHOLE, Field
from horizon.security.payloads import Sight

UserId = NewType("UserId", int)
ALL = Sight()


class Colour(Enum):
    RED = "r"
    BLUE = "b"


class Perm(Flag):
    READ = 1
    WRITE = 2


class Everything(Job):
    name = "form:everything"

    def __init__(
        self, text: str, whole: int, number: float, flag: bool, money: Decimal, day: date, moment: datetime, clock: time, lasts: timedelta,
        key: UUID, colour: Colour, size: Literal["s", "m"], maybe: int | None, other: str | None, user: UserId, perm: Perm, lines: list[int],
        anything: Any, both: int | float, bare, number_of=3, *rest: int, named: str = "x", **more: int,
    ) -> None:  # fmt: skip
        super().__init__()

    def handle(self) -> None: ...


class Loose(Job):
    name = "form:loose"

    def __init__(self, bare, number_of: float = 3) -> None:
        super().__init__()

    def handle(self) -> None: ...


@job(name="form:function")
def function(to: str, copies: int = 1) -> None: ...


def kinds(cls=Everything, **values: object) -> dict[str, str]:
    packed = stored.arguments(encode(values)) or {}
    return {field.name: field.kind for field in form.fields(cls, packed)}


def sheet(cls=Everything, seen: Sight = ALL, **values: object):
    packed = stored.arguments(encode(values)) or {}
    return answers.entries(form.fields(cls, packed), packed, seen, "Europe/Rome"), packed


def sent(entries, **changes: str) -> dict[str, str]:
    """What a browser sends of a form as it stands, with some fields changed by the name of their argument."""
    said = {}
    for index, entry in enumerate(entries):
        said |= {f"a{index}": entry.text, f"a{index}.zone": entry.zone, f"a{index}.is": entry.mode}
        for key, text in changes.items():
            name, _, part = key.partition("__")
            if name == entry.field.name:
                said[f"a{index}" + (f".{part}" if part else "")] = text
    return said


def result(cls, values: dict[str, object], **changes: str):
    entries, _ = sheet(cls, **values)
    filled, made = answers.read(entries, sent(entries, **changes))
    return decode(stored.payload(made)) if made is not None else {entry.field.name: entry.wrong for entry in filled if entry.wrong}


def test_the_kind_of_a_field_follows_from_its_annotation():
    found = kinds()
    expected = {
        "text": "text", "whole": "int", "number": "float", "flag": "bool", "money": "decimal", "day": "date", "moment": "datetime",
        "clock": "time", "lasts": "duration", "key": "uuid", "colour": "choice", "size": "choice", "maybe": "int", "other": "text",
        "user": "int", "perm": "json", "lines": "json", "anything": "json", "both": "float", "bare": "json", "number_of": "int",
        "*rest": "json", "named": "text",
    }  # fmt: skip
    assert found == expected


def test_without_an_annotation_or_against_it_the_stored_value_decides():
    assert kinds(bare=date(2026, 1, 1))["bare"] == "date"
    assert kinds(bare=Colour.RED)["bare"] == "choice"
    assert kinds(whole="twelve")["whole"] == "json"
    assert kinds(text=None)["text"] == "text"
    assert kinds(text="a\x00b")["text"] == "json"
    assert kinds(surplus=4)["surplus"] == "int"


def test_what_may_be_left_out_or_none_says_so():
    fields = {field.name: field for field in form.fields(Everything, {})}
    assert fields["named"].default == '"x"'
    assert fields["text"].required
    assert (fields["maybe"].nullable, fields["text"].nullable) == (True, False)
    assert [label for label, _ in fields["colour"].choices] == ["RED ('r')", "BLUE ('b')"]
    assert [value for _, value in fields["size"].choices] == ["s", "m"]


def test_a_function_is_asked_for_its_own_parameters():
    assert kinds(function.job_class) == {"to": "text", "copies": "int"}
    assert form.positional(function.job_class) == "to"
    assert form.positional(Everything) == "text"


def test_a_class_that_is_not_known_has_one_field_for_everything():
    assert form.fields(None, {"a": 1}) == (WHOLE,)


def test_annotations_that_cannot_be_resolved_leave_it_to_the_value():
    class Odd(Job):
        name = "form:odd"

        def __init__(self, when: NoSuchName) -> None:  # noqa: F821
            super().__init__()

        def handle(self) -> None: ...

    assert kinds(Odd, when=date(2026, 1, 1)) == {"when": "date"}


PLAIN = {
    "text": "héllo\nworld", "whole": -7, "number": 2.5, "flag": False, "money": Decimal("1.50"), "day": date(2026, 11, 22),
    "moment": datetime(2026, 11, 22, 14, 0, 0, 250_000, tzinfo=ZoneInfo("Europe/Rome")), "clock": time(9, 30), "lasts": timedelta(days=1, microseconds=5),
    "key": UUID(int=7), "colour": Colour.BLUE, "size": "m", "maybe": None, "other": "", "user": 5, "perm": Perm.READ | Perm.WRITE,
    "lines": [1, 2], "anything": {"a": (1, {2})}, "both": 3, "bare": b"\x00\x01", "number_of": 4, "named": "y",
}  # fmt: skip


def test_a_form_sent_back_as_it_was_changes_nothing():
    assert result(Everything, PLAIN) == PLAIN


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(exclude_categories=["Cs"])) | st.datetimes() | st.decimals(allow_nan=False, allow_infinity=False), lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner), max_leaves=8))  # fmt: skip
def test_whatever_is_stored_survives_an_untouched_form(value):
    entries, packed = sheet(Loose, bare=value, number_of=value)
    _, made = answers.read(entries, sent(entries))
    assert made is not None
    assert stored.same(made, packed)


def test_every_kind_is_read_into_its_type():
    changed = result(
        Everything, PLAIN, text="new", whole="12", number="1e3", flag="true", money="2.00", day="2027-01-01", moment="2026-07-01T08:00",
        clock="10:00", lasts="0.5", key="00000000-0000-0000-0000-000000000001", colour="0", size="0", maybe="9", both="4", lines="[3]",
    )  # fmt: skip
    expected = {
        "text": "new", "whole": 12, "number": 1000.0, "flag": True, "money": Decimal("2.00"), "day": date(2027, 1, 1),
        "moment": datetime(2026, 7, 1, 8, tzinfo=ZoneInfo("Europe/Rome")), "clock": time(10), "lasts": timedelta(seconds=0.5), "key": UUID(int=1),
        "colour": Colour.RED, "size": "s", "maybe": 9, "both": 4, "lines": [3],
    }  # fmt: skip
    assert changed == {**PLAIN, **expected}


def test_a_browser_that_writes_a_time_in_another_way_has_not_changed_it():
    values = {**PLAIN, "moment": datetime(2026, 11, 22, 14, 0, tzinfo=UTC)}
    assert result(Everything, values, moment="2026-11-22T14:00", clock="09:30") == values
    assert result(Everything, {**PLAIN, "text": "a\nb"}, text="a\r\nb")["text"] == "a\nb"


def test_zones_are_utc_offsets_names_or_none():
    assert result(Everything, PLAIN, moment__zone="UTC")["moment"] == datetime(2026, 11, 22, 14, 0, 0, 250_000, tzinfo=UTC)
    assert result(Everything, PLAIN, moment__zone="-5:30")["moment"].utcoffset() == timedelta(hours=-5, minutes=-30)
    assert result(Everything, PLAIN, moment__zone="")["moment"].tzinfo is None
    assert "time zone" in result(Everything, PLAIN, moment__zone="../x")["moment"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("whole", "1.5"), ("whole", "9" * 5000), ("number", "inf"), ("number", "x"), ("flag", ""), ("money", "x"), ("day", "2026-02-30"),
        ("moment", "now"), ("clock", "25:00"), ("lasts", "1e99"), ("lasts", "NaN"), ("key", "7"), ("colour", "2"), ("colour", "-1"), ("colour", "²"),
        ("lines", "[1,"), ("lines", ""), ("anything", "[" * 100_000),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_its_field(field, text):
    assert list(result(Everything, PLAIN, **{field: text})) == [field]


def test_typing_into_a_field_wins_over_what_was_chosen_before_and_choosing_wins_over_text_left_there():
    assert result(function.job_class, {"to": "a"}, copies="4") == {"to": "a", "copies": 4}
    assert result(function.job_class, {"to": "a", "copies": 2}, copies__is="default") == {"to": "a"}


class Secretive(Job):
    name = "form:secretive"

    def __init__(self, password: str, options: dict[str, Any], url: str) -> None:
        super().__init__()

    def handle(self) -> None: ...


SECRETS = {
    "password": "hunter2",
    "options": {"token": "t", "list": [{"api_key": "k", "n": 1}], "~": {"pin": "1234"}},
    "url": "redis://me:pw@host/0",
}


def test_secrets_are_not_shown_and_stay_what_they_are():
    entries, _ = sheet(Secretive, **SECRETS)
    shown = repr([entry.text for entry in entries])
    assert not [secret for secret in ("hunter2", '"t"', '"k"', "1234", "pw@") if secret in shown]
    assert result(Secretive, SECRETS) == SECRETS
    changed = result(Secretive, SECRETS, options=entries[1].text.replace('"n": 1', '"n": 2'), password="better")
    assert changed["password"] == "better"
    assert changed["options"] == {**SECRETS["options"], "list": [{"api_key": "k", "n": 2}]}


def test_a_mask_in_a_new_place_is_refused():
    assert "secret" in result(Secretive, SECRETS, options='{"other": "••••••"}')["options"]
    assert "secret" in result(Secretive, SECRETS, url="redis://me:••••••@elsewhere/0")["url"]


def test_names_that_the_settings_call_secret_are_kept_too():
    entries, _ = sheet(Everything, Sight(secret=("text",)), **PLAIN)
    assert entries[0].text == ""
    assert entries[0].mode == "keep"


def test_a_field_knows_its_modes():
    entry = answers.Entry(field=Field(name="x", kind="int", nullable=True, default="1"))
    assert entry.modes == ("value", "none", "default")
