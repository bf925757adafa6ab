"""What somebody wrote into the form of a job's arguments, read back into stored (tagged) JSON. Pure.

What was not touched stays byte for byte what is stored, whatever a browser makes of it, and a secret that was not shown
stays what it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

from horizon.jobs.form import MISSING, Field, is_clean
from horizon.jobs.stored import Json, same, too_deep
from horizon.jobs.tagged import TAG, pack
from horizon.security.payloads import Sight
from horizon.security.redaction import MASK, secret

SELECTS = ("bool", "choice")
MODES = ("value", "none", "default", "keep")
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})")


class Wrong(Exception):
    """An answer that does not fit its field, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One field with what stands in it."""

    field: Field
    stored: Json = MISSING
    text: str = ""
    """What the widget shows; of a select the key of its choice."""
    zone: str = ""
    """Of a datetime: `UTC`, `+02:00`, a name, or empty for a naive one."""
    mode: str = "value"
    hidden: bool = False
    """A secret: never shown, kept unless something is written over it."""
    wrong: str = ""

    @property
    def modes(self) -> tuple[str, ...]:
        """What may be said instead of a value."""
        given = {"keep": self.hidden and self.stored is not MISSING, "none": self.field.nullable, "default": self.field.default is not None}
        return ("value", *(mode for mode in MODES[1:] if given[mode]))

    @property
    def as_text(self) -> bool:
        """Whether a date or time is finer than the browser's own widget can hold."""
        return bool(re.search(r"\.\d{3}\d*[1-9]", self.text) or re.search(r"\d[+-]\d\d:\d\d$|Z$", self.text))


def at_field(entries: Sequence[Entry], wrong: str) -> tuple[Entry, ...]:
    """The fields, with what a constructor says of one argument alone, by its name, at that field too. A name of two letters is any word."""
    named = [entry for entry in entries if len(entry.field.name) > 2 and re.search(rf"(?<!\w){re.escape(entry.field.name)}(?!\w)", wrong)]
    if len(named) != 1:
        return tuple(entries)
    return tuple(replace(entry, wrong=wrong) if entry is named[0] else entry for entry in entries)


# filling it in ------------------------------------------------------------------------------------


def entries(fields: Sequence[Field], stored: Mapping[str, Json], seen: Sight, zone: str) -> tuple[Entry, ...]:
    """The form as it is first shown. `zone`: of a datetime that is not stored yet."""
    return tuple(_entry(field, dict(stored) if field.kind == "all" else stored.get(field.name, MISSING), seen, zone) for field in fields)


def _entry(field: Field, stored: Json, seen: Sight, zone: str) -> Entry:
    made = Entry(field=field, stored=stored, hidden=bool(field.name) and secret(field.name, seen.secret))
    if made.hidden and stored is not MISSING:
        return replace(made, mode="keep", text="keep" if field.kind in SELECTS else "")
    if stored is MISSING:
        mode = "default" if field.default is not None else "value"
        return replace(
            made, mode=mode, text=mode if field.kind in SELECTS and mode != "value" else "", zone=zone if field.kind == "datetime" else ""
        )
    if stored is None and field.kind != "json":
        return replace(made, mode="none", text="none" if field.kind in SELECTS else "", zone=zone if field.kind == "datetime" else "")
    return replace(made, text=_text(field, masked(stored, seen.secret)), zone=_zone(field, stored))


def _text(field: Field, value: Json) -> str:
    match field.kind:
        case "json" | "all":
            shown = json.dumps(value, indent=2, ensure_ascii=False)
            return shown if is_clean(shown) else json.dumps(value, indent=2)
        case "bool":
            return "true" if value else "false"
        case "choice":
            return next((str(index) for index, (_, choice) in enumerate(field.choices) if same(choice, value)), "")
        case "duration":
            days, seconds, micros = value["v"]
            whole = days * 86_400 + seconds
            return f"{Decimal(whole) + Decimal(micros).scaleb(-6):f}".rstrip("0").rstrip(".") if micros else str(whole)
        case "datetime":
            moment = datetime.fromisoformat(value["v"]).replace(tzinfo=None)
            # a browser's widget takes milliseconds and nothing finer, not even zeros
            return moment.isoformat(timespec="milliseconds" if moment.microsecond and not moment.microsecond % 1000 else "auto")
    return str(value["v"]) if isinstance(value, dict) else str(value)


def _zone(field: Field, value: Json) -> str:
    if field.kind != "datetime":
        return ""
    if "zone" in value:
        return str(value["zone"])
    if datetime.fromisoformat(value["v"]).tzinfo is None:
        return ""
    offset = str(value["v"])[-6:]
    return "UTC" if offset == "+00:00" else offset


def masked(value: Json, extra: Sequence[str] = ()) -> Json:
    """The value with secrets masked; tagged dicts, which are lists of pairs, looked into as well."""
    if isinstance(value, dict):
        if value.get(TAG) == "dict":
            return {
                **value,
                "v": [[key, MASK if secret(str(key), extra) and item is not None else masked(item, extra)] for key, item in value["v"]],
            }
        return {key: MASK if secret(key, extra) and item is not None else masked(item, extra) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, extra) for item in value]
    return Sight(secret=tuple(extra)).text(value) if isinstance(value, str) else value


# reading it ---------------------------------------------------------------------------------------


def read(given: Sequence[Entry], said: Mapping[str, str], secrets: Sequence[str] = ()) -> tuple[tuple[Entry, ...], dict[str, Json] | None]:
    """(the form as it was sent, with what is wrong; the arguments, None where something is). Fields are `a0`, `a1` ...,
    beside each `a0.is` (its mode) and `a0.zone`."""
    filled, made = [], {}
    for index, entry in enumerate(given):
        key = f"a{index}"
        text = said.get(key, "").replace("\r\n", "\n")
        zone, mode = said.get(f"{key}.zone", "").strip(), said.get(f"{key}.is", entry.mode)
        if entry.field.kind in SELECTS:
            mode = text if text in MODES else "value"
        elif mode == entry.mode and (text != entry.text or (text and zone != entry.zone)):
            mode = "value"  # who types into a field means what they typed; a zone alone is no time
        now = replace(entry, text=text, zone=zone, mode=mode if mode in entry.modes else "value")
        try:
            made[entry.field.name] = _answer(entry, now, secrets)
            filled.append(now)
        except Wrong as wrong:
            filled.append(replace(now, wrong=str(wrong)))
    if any(entry.wrong for entry in filled):
        return tuple(filled), None
    if given and given[0].field.kind == "all":
        return tuple(filled), made[""]
    return tuple(filled), {name: value for name, value in made.items() if value is not MISSING}


def _answer(before: Entry, now: Entry, secrets: Sequence[str]) -> Json:
    """The value of one field. Raises Wrong."""
    if now.mode == "keep":
        return before.stored
    if now.mode == "none":
        return None
    if now.mode == "default":
        return MISSING
    value = _parse(now.field, now.text, now.zone)
    if before.mode == "value" and before.stored is not MISSING and _unchanged(before, value):
        return before.stored
    value = _unmasked(value, masked(before.stored, secrets), before.stored)
    if MASK in json.dumps(value, ensure_ascii=False):
        raise Wrong(f"{MASK} stands for a secret that is not shown here; write the value itself, or leave it where it was")
    return value


def _unchanged(before: Entry, value: Json) -> bool:
    try:
        return same(_parse(before.field, before.text, before.zone), value)
    except Wrong:
        return False


def _unmasked(new: Json, shown: Json, old: Json) -> Json:
    """`new` with every mask that still stands where it stood replaced by what it hides."""
    if isinstance(new, str) and MASK in new:
        return old if new == shown else new
    if isinstance(new, dict) and isinstance(old, dict):
        return {key: _unmasked(item, shown[key], old[key]) if key in old else item for key, item in new.items()}
    if isinstance(new, list) and isinstance(old, list):
        return [_unmasked(item, shown[at], old[at]) if at < len(old) else item for at, item in enumerate(new)]
    return new


def _parse(field: Field, text: str, zone: str) -> Json:
    """What was written, as tagged JSON. Raises Wrong."""
    if field.kind == "text":
        return _clean(text)
    stripped = text.strip()
    if not stripped:
        raise Wrong("a value is needed here")
    try:
        return _PARSERS[field.kind](field, stripped, zone)
    except (ValueError, OverflowError, InvalidOperation, IndexError, KeyError, RecursionError) as error:
        raise Wrong(_EXPECTED[field.kind]) from error


def _clean(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Wrong("this holds half a character, which is not valid text") from None
    return text


def _whole(field: Field, text: str, zone: str) -> Json:
    if not re.fullmatch(r"[+-]?[0-9]{1,3000}", text):
        raise ValueError
    return int(text)


def _number(field: Field, text: str, zone: str) -> Json:
    if re.fullmatch(r"[+-]?[0-9]{1,300}", text):
        return int(text)
    value = float(text)
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError
    return value


def _moment(field: Field, text: str, zone: str) -> Json:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        return pack(moment)
    return pack(moment.replace(tzinfo=find_zone(zone)) if zone else moment)


def find_zone(name: str) -> tzinfo:
    """The zone of a name or an offset. Raises Wrong."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    if found := _OFFSET.fullmatch(name):
        return datetime.strptime(f"{found[1]}{int(found[2]):02d}{found[3]}", "%z").tzinfo or UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Wrong(f"{name[:40]!r} is no time zone; write UTC, an offset such as +02:00, or a name such as Europe/Rome") from None


def _duration(field: Field, text: str, zone: str) -> Json:
    amount = Decimal(text)
    return pack(timedelta(microseconds=int((amount * 1_000_000).to_integral_value())))


def _json(field: Field, text: str, zone: str) -> Json:
    def constant(word: str) -> NoReturn:
        raise Wrong(f"{word} is not JSON; use null or text instead")

    try:
        found: Any = json.loads(text, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise Wrong(f"this is not JSON: {error.msg} at line {error.lineno}, column {error.colno}; text stands in double quotes") from None
    if too_deep(found):
        raise Wrong("this is nested too deeply to be kept")
    if field.name.startswith("*") and not isinstance(found, list):
        raise Wrong("a JSON list is needed here, such as [1, 2]")
    if field.kind == "all" and not isinstance(found, dict):
        raise Wrong('a JSON object is needed here: {"name of the argument": value}')
    return found


_PARSERS: Mapping[str, Callable[[Field, str, str], Json]] = {
    "int": _whole, "float": _number, "json": _json, "all": _json, "datetime": _moment, "duration": _duration,
    "bool": lambda field, text, zone: {"true": True, "false": False}[text],
    "choice": lambda field, text, zone: field.choices[int(text) if text.isdecimal() else -len(field.choices) - 1][1],
    "decimal": lambda field, text, zone: pack(Decimal(text)),
    "date": lambda field, text, zone: pack(date.fromisoformat(text)),
    "time": lambda field, text, zone: pack(time.fromisoformat(text)),
    "uuid": lambda field, text, zone: pack(UUID(text)),
}  # fmt: skip
_EXPECTED = {
    "int": "a whole number is needed here, such as 42",
    "float": "a number is needed here, such as 2.5",
    "json": "this is not JSON that can be kept",
    "all": "this is not JSON that can be kept",
    "datetime": "a date and time are needed here, such as 2026-11-22T14:00",
    "duration": "a number of seconds is needed here, such as 90 or 0.5",
    "bool": "choose true or false",
    "choice": "choose one of the list",
    "decimal": "a decimal number is needed here, such as 19.90",
    "date": "a date is needed here, such as 2026-11-22",
    "time": "a time is needed here, such as 14:00",
    "uuid": "a UUID is needed here, 32 hexadecimal digits",
}
