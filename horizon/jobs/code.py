"""Stored arguments written as Python: what somebody would type to dispatch the job again. Pure."""

from __future__ import annotations

import base64
import json
import keyword
from collections.abc import Callable, Mapping

from horizon.jobs.stored import Json, tail
from horizon.jobs.tagged import TAG


def literal(value: Json) -> str:
    """The expression that means this (tagged) value."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if not isinstance(value, dict):
        return repr(value)
    if TAG not in value:
        return _mapping(value.items())
    writer = WRITERS.get(str(value[TAG]))
    try:
        return writer(value) if writer is not None else _mapping(value.items())
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return _mapping(value.items())  # a tag that is not ours, or one that was tampered with


def text(value: str) -> str:
    """A text in double quotes where it has none itself; what cannot be seen is escaped."""
    shown = repr(value)
    return f'"{shown[1:-1]}"' if shown[0] == "'" and '"' not in value and "\\'" not in shown else shown


def call(name: str, arguments: Mapping[str, Json], *, target: str | None = None, first: str | None = None) -> str:
    """The lines that dispatch a job of this registered name. `target`: `module:qualname` of the class where it is loaded;
    `first`: the parameter that may stand without its name."""
    module, _, path = (target or name).rpartition(":")
    rest = dict(arguments)
    positional = [literal(rest.pop(first))] if first is not None and first in rest else []
    starred = next((key for key in rest if key.startswith("*")), None)
    if starred is not None:  # what follows *args in a call is named, what precedes it is not
        positional += [literal(rest.pop(key)) for key in list(rest)[: list(rest).index(starred)]]
        positional += [literal(item) for item in rest.pop(starred)]
    named = [f"{key}={literal(item)}" for key, item in rest.items() if _is_name(key)]
    odd = {key: item for key, item in rest.items() if not _is_name(key)}
    given = ", ".join([*positional, *named, *([f"**{literal(odd)}"] if odd else [])])
    root = path.partition(".")[0]
    known = target is not None and all(map(_is_name, [*module.split("."), *path.split(".")]))
    imported = f"from {module} import {root}\n\n" if known else ""
    return f"{imported}{path if known else tail(name) or name}.dispatch({given})"


def _is_name(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word)


def _mapping(items: object) -> str:
    return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in items) + "}"  # type: ignore[attr-defined]


def _moment(value: Json) -> str:
    made = f"datetime.fromisoformat({text(value['v'])})"
    more = [f"tzinfo=ZoneInfo({text(value['zone'])})"] if "zone" in value else []
    more += ["fold=1"] if value.get("fold") else []
    return f"{made}.replace({', '.join(more)})" if more else made


def _duration(value: Json) -> str:
    days, seconds, micros = value["v"]
    parts = {"days": days, "seconds": seconds, "microseconds": micros}
    return f"timedelta({', '.join(f'{unit}={amount}' for unit, amount in parts.items() if amount)})"


def _set(value: Json, empty: str, around: str) -> str:
    return around.format("{" + ", ".join(map(literal, value["v"])) + "}") if value["v"] else empty


def _tuple(value: Json) -> str:
    items = list(map(literal, value["v"]))
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _dataclass(value: Json) -> str:
    return f"{tail(value['c'])}({', '.join(f'{key}={literal(item)}' for key, item in value['v'].items())})"


def _model(value: Json) -> str:
    key = value["v"]
    return f"db.session.get({tail(value['c'])}, {literal(key[0]) if len(key) == 1 else _tuple(value)})"


WRITERS: Mapping[str, Callable[[Json], str]] = {
    "dict": lambda value: _mapping(value["v"]),
    "datetime": _moment,
    "date": lambda value: f"date.fromisoformat({text(value['v'])})",
    "time": lambda value: f"time.fromisoformat({text(value['v'])})" + (".replace(fold=1)" if value.get("fold") else ""),
    "timedelta": _duration,
    "decimal": lambda value: f"Decimal({text(value['v'])})",
    "uuid": lambda value: f"UUID({text(value['v'])})",
    "bytes": lambda value: repr(base64.b64decode(value["v"])),
    "tuple": _tuple,
    "set": lambda value: _set(value, "set()", "{}"),
    "frozenset": lambda value: _set(value, "frozenset()", "frozenset({})"),
    "enum": lambda value: f"{tail(value['c'])}.{value['v']}",
    "flag": lambda value: f"{tail(value['c'])}({literal(value['v'])})",
    "dataclass": _dataclass,
    "model": _model,
}


def plain(value: Json) -> str:
    """JSON on one line; what cannot be seen is escaped."""
    shown = json.dumps(value, ensure_ascii=False)
    return shown if shown.isprintable() else json.dumps(value)
