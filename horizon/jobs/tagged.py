"""Values that JSON cannot hold, as JSON that says what they are: `{"~": "date", "v": "2026-11-22"}`.

One row per type in `PACKERS` and `UNPACKERS`. A plain dict that happens to have the key `~` is written as a list of
pairs, so that data can never pose as a tag.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from horizon.core.errors import InvalidPayload
from horizon.jobs import classes

TAG = "~"
PLAIN = frozenset({str, int, float, bool, type(None)})
Json = Any


class Refused(Exception):
    """A value that cannot be stored: what is wrong with it, and the way to it inside its argument."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self.path: list[str] = []

    def at(self, step: str) -> Refused:
        """The same, one step further out."""
        self.path.insert(0, step)
        return self


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ModelRef:
    """A row of the host's database, by class and primary key; loaded afresh just before the job runs."""

    name: str
    key: tuple[object, ...]


# writing ------------------------------------------------------------------------------------------


def pack(value: object) -> Json:
    """The value as plain JSON data. Raises Refused."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is list:
        return _items(value)
    if kind is dict:
        return _mapping(value)  # type: ignore[arg-type]
    packer = PACKERS.get(kind) or _by_base(value)
    return packer(value)


def _items(values: Any) -> list[Json]:
    made = []
    for index, value in enumerate(values):
        try:
            made.append(value if type(value) in PLAIN else pack(value))
        except Refused as refused:
            raise refused.at(f"[{index}]") from None
    return made


def _mapping(values: Mapping[Any, object]) -> Json:
    made: dict[str, Json] = {}
    for key, value in values.items():
        if type(key) is not str:
            raise Refused(
                f"a dict with a key of type {type(key).__name__} ({key!r}); JSON has only text keys: use str(key) or a list of pairs"
            )
        try:
            made[key] = value if type(value) in PLAIN else pack(value)
        except Refused as refused:
            raise refused.at(f"[{key!r}]") from None
    return made if TAG not in made else {TAG: "dict", "v": [[key, value] for key, value in made.items()]}


def _datetime(value: datetime) -> Json:
    made = {TAG: "datetime", "v": value.isoformat()}
    if isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key:
        made = {TAG: "datetime", "v": value.replace(tzinfo=None).isoformat(), "zone": value.tzinfo.key}
    return {**made, "fold": 1} if value.fold else made


def _set(value: set[object] | frozenset[object]) -> Json:
    items = _items(value)
    try:
        items.sort()  # so that equal sets have equal payloads
    except TypeError:
        items.sort(key=repr)
    return {TAG: type(value).__name__, "v": items}


def _enum(value: Enum) -> Json:
    name = _stable_name(type(value))
    if isinstance(value, Flag):
        return {TAG: "flag", "c": name, "v": value.value}
    return {TAG: "enum", "c": name, "v": value.name}


def _dataclass(value: Any) -> Json:
    kind = type(value)
    if any("INITVAR" in repr(field._field_type) for field in kind.__dataclass_fields__.values()):  # `fields()` leaves them out
        raise Refused(f"a {kind.__name__}, a dataclass with InitVar fields, whose values are not kept; pass those values themselves")
    made = {}
    for field in dataclasses.fields(value):
        try:
            made[field.name] = pack(getattr(value, field.name))
        except Refused as refused:
            raise refused.at(f".{field.name}") from None
    return {TAG: "dataclass", "c": _stable_name(kind), "v": made}


def _model(value: Any) -> Json:
    mapper = type(value).__mapper__
    if type(value).__module__ == "__main__":
        raise Refused(f"a {type(value).__name__}, whose class stands in the script that was started, where no worker could find it")
    key = mapper.primary_key_from_instance(value)
    if any(part is None for part in key):
        raise Refused(f"a {type(value).__name__} without a primary key yet; flush it first: db.session.flush()")
    return {TAG: "model", "c": classes.name_of(type(value)), "v": _items(key)}


def _stable_name(cls: type) -> str:
    name = classes.name_of(cls)
    if cls.__module__ == "__main__" or classes.find(name) is not cls:
        raise Refused(f"a {cls.__name__}, whose class no worker could find as {name}; define it at the top level of an importable module")
    return name


def _by_base(value: object) -> Callable[[Any], Json]:
    """The packer for a value whose exact type has none. Raises Refused, saying what would do instead."""
    cls = type(value)
    if getattr(cls, "_horizon_is_text", False):
        return str
    if isinstance(value, Enum):
        return _enum
    if getattr(cls, "__mapper__", None) is not None:
        return _model
    if dataclasses.is_dataclass(cls):
        return _dataclass
    for base in (bool, int, float, str, bytes, dict, list, tuple, set, datetime, date):
        if isinstance(value, base):
            raise Refused(
                f"a {cls.__module__}.{cls.__name__}, which would come back as a plain {base.__name__}; convert it: {base.__name__}(...)"
            )
    raise Refused(f"a {cls.__module__}.{cls.__name__}")


PACKERS: dict[type, Callable[[Any], Json]] = {
    datetime: _datetime,
    date: lambda value: {TAG: "date", "v": value.isoformat()},
    time: lambda value: {TAG: "time", "v": value.isoformat(), **({"fold": 1} if value.fold else {})},
    timedelta: lambda value: {TAG: "timedelta", "v": [value.days, value.seconds, value.microseconds]},
    Decimal: lambda value: {TAG: "decimal", "v": str(value)},
    UUID: lambda value: {TAG: "uuid", "v": str(value)},
    bytes: lambda value: {TAG: "bytes", "v": base64.b64encode(value).decode("ascii")},
    tuple: lambda value: {TAG: "tuple", "v": _items(value)},
    set: _set,
    frozenset: _set,
}


# reading ------------------------------------------------------------------------------------------


def unpack(value: Json) -> object:
    """The value that `pack` wrote; models stay `ModelRef`s. Raises InvalidPayload, or UnknownClass."""
    if type(value) is list:
        return [item if type(item) in PLAIN else unpack(item) for item in value]
    if type(value) is not dict:
        return value
    tag = value.get(TAG)
    if tag is None:
        return {key: item if type(item) in PLAIN else unpack(item) for key, item in value.items()}
    reader = UNPACKERS.get(tag)
    if reader is None:
        raise InvalidPayload(f"the payload holds a value tagged {tag!r}, which this version does not know")
    return reader(value)


def _read_datetime(value: Json) -> datetime:
    made = datetime.fromisoformat(value["v"])
    if "zone" in value:
        made = made.replace(tzinfo=ZoneInfo(value["zone"]))
    return made.replace(fold=1) if value.get("fold") else made


def _read_enum(value: Json) -> object:
    cls = classes.require(value["c"])
    if not issubclass(cls, Enum):
        raise InvalidPayload(f"{value['c']} was an enum when the job was dispatched and is none now")
    try:
        return cls(value["v"]) if value[TAG] == "flag" else cls[value["v"]]
    except (KeyError, ValueError):
        raise InvalidPayload(f"{value['c']} has no member {value['v']!r} any more") from None


def _read_dataclass(value: Json) -> object:
    cls = classes.require(value["c"])
    if not dataclasses.is_dataclass(cls):
        raise InvalidPayload(f"{value['c']} was a dataclass when the job was dispatched and is none now")
    fields = {field.name: field for field in dataclasses.fields(cls)}
    given = {name: unpack(item) for name, item in value["v"].items()}
    try:
        made = cls(**{name: item for name, item in given.items() if name not in fields or fields[name].init})
    except TypeError as error:
        raise InvalidPayload(f"the stored fields do not fit {value['c']} any more: {error}") from error
    for name, item in given.items():
        if not fields[name].init:
            object.__setattr__(made, name, item)
    return made


UNPACKERS: dict[str, Callable[[Json], object]] = {
    "dict": lambda value: {key: unpack(item) for key, item in value["v"]},
    "datetime": _read_datetime,
    "date": lambda value: date.fromisoformat(value["v"]),
    "time": lambda value: time.fromisoformat(value["v"]).replace(fold=value.get("fold", 0)),
    "timedelta": lambda value: timedelta(*value["v"]),
    "decimal": lambda value: Decimal(value["v"]),
    "uuid": lambda value: UUID(value["v"]),
    "bytes": lambda value: base64.b64decode(value["v"]),
    "tuple": lambda value: tuple(unpack(item) for item in value["v"]),
    "set": lambda value: {unpack(item) for item in value["v"]},
    "frozenset": lambda value: frozenset(unpack(item) for item in value["v"]),
    "enum": _read_enum,
    "flag": _read_enum,
    "dataclass": _read_dataclass,
    "model": lambda value: ModelRef(name=value["c"], key=tuple(unpack(item) for item in value["v"])),
}
