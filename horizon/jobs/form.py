"""What a job's constructor takes, as the fields of a form. Pure: classes and stored arguments in, fields out.

A field's kind comes from the annotation; where there is none, or where the stored value is of another kind, from that
value. What has no widget of its own is written as JSON, in the form in which it is stored.
"""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from horizon.jobs import classes
from horizon.jobs.code import literal
from horizon.jobs.sample import sample
from horizon.jobs.shape import Shape
from horizon.jobs.stored import Json, is_tagged
from horizon.jobs.tagged import TAG, Refused, pack

KINDS: Mapping[object, str] = {
    str: "text", int: "int", float: "float", bool: "bool", Decimal: "decimal", date: "date", datetime: "datetime", time: "time",
    timedelta: "duration", UUID: "uuid",
}  # fmt: skip
TAGGED = {"decimal": "decimal", "date": "date", "datetime": "datetime", "time": "time", "timedelta": "duration", "uuid": "uuid"}


class Missing:
    """Stands where no value is given."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One argument."""

    name: str
    kind: str
    """`text int float bool decimal date datetime time duration uuid choice json`, or `all`: every argument as one JSON object."""
    type: str = ""
    """As the code says it: `date | None`."""
    nullable: bool = False
    default: str | None = None
    """As code; None where the constructor cannot do without the argument."""
    choices: tuple[tuple[str, Json], ...] = ()
    """(label, tagged value) of each."""
    like: str = ""
    """Of one that is written as JSON: what that may look like, where the annotation tells."""

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is None


WHOLE = Field(name="", kind="all", type="JSON object")
"""The only field of a job whose class is not loaded here."""


def fields(cls: type[Shape] | None, stored: Mapping[str, Json]) -> tuple[Field, ...]:
    """The form's fields: what the constructor takes, in its order, then what is stored beyond that."""
    if cls is None:
        return (WHOLE,)
    call, skip = constructor(cls)
    hints = _hints(call)
    parameters = list(inspect.signature(call).parameters.values())[skip:]
    named = [p for p in parameters if p.kind is not p.VAR_KEYWORD]
    made = [_field(p, hints.get(p.name, p.annotation), stored.get(_stored_name(p), MISSING)) for p in named]
    known = {field.name for field in made}
    return (*made, *(_by_value(name, value) for name, value in stored.items() if name not in known))


def constructor(cls: type[Shape]) -> tuple[Callable[..., Any], int]:
    """What is called with the arguments, and how many leading parameters are not among them."""
    function = getattr(cls, "_horizon_function", None)
    return (cls.__init__, 1) if function is None else (function, 0)


def positional(cls: type[Shape]) -> str | None:
    """The name of the first argument, where a call may give it without its name."""
    call, skip = constructor(cls)
    first = next(iter(list(inspect.signature(call).parameters.values())[skip:]), None)
    return first.name if first is not None and first.kind in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD) else None


def _hints(call: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(call)
    except Exception:  # a name under TYPE_CHECKING, or anything else an annotation may say
        return {}


def _stored_name(parameter: inspect.Parameter) -> str:
    return f"*{parameter.name}" if parameter.kind is parameter.VAR_POSITIONAL else parameter.name


def _field(parameter: inspect.Parameter, hint: Any, stored: Json) -> Field:
    name, default = _stored_name(parameter), parameter.default
    if parameter.kind is parameter.VAR_POSITIONAL:
        return Field(name=name, kind="json", type="list", default="[]")
    given = None if default is parameter.empty else _shown(default)
    if hint is parameter.empty or isinstance(hint, str):
        value = stored if stored is not MISSING else _packed(default)
        return Field(
            name=name, kind=kind_of(value) or "json", type=_spelt(hint, parameter), default=given,
            nullable=default is None or stored is None, choices=_members(value),
        )  # fmt: skip
    inner, nullable = _without_none(hint)
    kind, choices = _widget(inner)
    if not _fits(kind, choices, stored):
        kind, choices = "json", ()
    return Field(
        name=name,
        kind=kind,
        type=_spelt(hint, parameter),
        nullable=nullable or default is None or stored is None,
        default=given,
        choices=choices,
        like=_like(inner) if kind == "json" else "",
    )


def _like(hint: Any) -> str:
    made = sample(hint)
    return "" if made is None else json.dumps(made, ensure_ascii=False)


def _by_value(name: str, value: Json) -> Field:
    """An argument that the signature does not name: one of `**kwargs`, or one that the code no longer takes."""
    return Field(name=name, kind=kind_of(value) or "json", nullable=value is None, default="left out", choices=_members(value))


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, hint is Any
    parts = [part for part in get_args(hint) if part is not type(None)]
    nullable = len(parts) < len(get_args(hint))
    if len(parts) == 1:
        return parts[0], nullable
    return (float if set(parts) == {int, float} else object), nullable


def _widget(hint: Any) -> tuple[str, tuple[tuple[str, Json], ...]]:
    while hasattr(hint, "__supertype__"):  # a NewType
        hint = hint.__supertype__
    if get_origin(hint) is Literal:
        return "choice", tuple((literal(_packed(value)), _packed(value)) for value in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum) and not issubclass(hint, Flag):
        return "choice", _enum(hint)
    return KINDS.get(hint, "json") if isinstance(hint, type) else "json", ()


def _enum(cls: type[Enum]) -> tuple[tuple[str, Json], ...]:
    try:
        return tuple((f"{name} ({_short(member.value)})", pack(member)) for name, member in cls.__members__.items())
    except Refused:
        return ()


def _members(value: Json) -> tuple[tuple[str, Json], ...]:
    """Of a stored enum whose class is loaded: all its members."""
    if not (is_tagged(value) and value[TAG] == "enum"):
        return ()
    cls = classes.find(str(value.get("c")))
    return _enum(cls) if cls is not None and issubclass(cls, Enum) else ()


def kind_of(value: Json) -> str | None:
    """The widget for a stored value; None for one that says nothing about it."""
    if value is None or value is MISSING:
        return None
    if is_tagged(value):
        return "choice" if _members(value) else TAGGED.get(str(value[TAG]), "json")
    if isinstance(value, str):
        return "text" if is_clean(value) else "json"
    return {bool: "bool", int: "int", float: "float"}.get(type(value), "json")


def is_clean(text: str) -> bool:
    """Whether a text field can carry it there and back: nothing invisible but line feeds."""
    return text.replace("\n", "").isprintable()


def _fits(kind: str, choices: tuple[tuple[str, Json], ...], stored: Json) -> bool:
    if stored is None or stored is MISSING:
        return kind != "choice" or bool(choices)
    if kind == "choice":
        return any(value == stored and type(value) is type(stored) for _, value in choices)
    found = kind_of(stored)
    return found == kind or (kind == "float" and found == "int")


def _packed(value: object) -> Json:
    try:
        return MISSING if value is inspect.Parameter.empty else pack(value)
    except Refused:
        return MISSING


def _shown(default: object) -> str:
    packed = _packed(default)
    return _short(default) if packed is MISSING else literal(packed)[:80]


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:38]}…"


def _spelt(hint: Any, parameter: inspect.Parameter) -> str:
    if parameter.annotation is parameter.empty:
        return ""
    if isinstance(parameter.annotation, str):
        return parameter.annotation
    return hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint).replace("typing.", "")
