"""What the JSON of an argument may look like, for whoever writes it into a form: `[1]` for `list[int]`, and for a dataclass the
object in which it is stored, with a value of its kind at each of its fields. Pure."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from horizon.jobs import classes
from horizon.jobs.tagged import TAG, Json, Refused, pack

DEEP = 4
"""Dataclasses within dataclasses that are spelt out."""
PLAIN: Mapping[object, object] = {
    str: "text", int: 1, float: 1.5, bool: True, bytes: b"", Decimal: Decimal("1.50"), date: date(2026, 1, 31), time: time(14),
    datetime: datetime(2026, 1, 31, 14, tzinfo=UTC), timedelta: timedelta(minutes=1), UUID: UUID(int=0),
}  # fmt: skip


def sample(hint: Any, deep: int = DEEP) -> Json:
    """A value of this annotation as it is stored; None where nothing is known of it, or where it may be None."""
    if hint in PLAIN:
        return pack(PLAIN[hint])
    origin, inner = get_origin(hint) or hint, get_args(hint)
    if origin in (Union, types.UnionType):
        return next((made for made in (sample(one, deep) for one in inner) if made is not None), None)
    if origin is Literal:
        return pack(inner[0])
    if not isinstance(origin, type) or deep == 0:
        return None
    return _of_class(origin, inner, deep)


def _of_class(cls: type, inner: Sequence[Any], deep: int) -> Json:
    if dataclasses.is_dataclass(cls):
        return _dataclass(cls, deep)
    if typing.is_typeddict(cls):
        return {name: sample(one, deep - 1) for name, one in _hints(cls).items()}
    if issubclass(cls, Enum):
        return _packed(lambda: next(iter(cls)))
    if issubclass(cls, Mapping):
        return {"key": sample(inner[1], deep - 1)} if len(inner) == 2 else {}
    if cls in (set, frozenset, tuple):
        items = [sample(one, deep - 1) for one in inner if one is not Ellipsis]
        return {TAG: cls.__name__, "v": items}
    if issubclass(cls, Sequence) and not issubclass(cls, str | bytes):
        return [sample(one, deep - 1) for one in inner[:1]]
    return None


def _dataclass(cls: type, deep: int) -> Json:
    hints, made = _hints(cls), {}
    for one in dataclasses.fields(cls):
        if one.init:
            made[one.name] = sample(hints.get(one.name), deep - 1)
    return {TAG: "dataclass", "c": classes.name_of(cls), "v": made}


def _hints(cls: type) -> dict[str, Any]:
    try:
        return get_type_hints(cls)
    except Exception:  # a name under TYPE_CHECKING, or anything else an annotation may say
        return {}


def _packed(make: Callable[[], object]) -> Json:
    try:
        return pack(make())
    except (Refused, StopIteration):
        return None
