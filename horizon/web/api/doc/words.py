"""The words in which the API is described: small functions that make JSON Schema, and the rows of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Param:
    """A parameter of the query string."""

    name: str
    schema: Schema
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What comes back where all is well. `schema`: the name of a component."""

    text: str
    schema: str = ""
    example: Any = None
    location: bool = False
    """It comes with `Location`."""
    kinds: tuple[str, ...] = ("application/json",)
    """Content types; of anything but JSON only the type is described."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One route, told to people and programs."""

    group: str
    summary: str
    """One line."""
    text: str = ""
    params: tuple[Param, ...] = ()
    body: str = ""
    """The component that the body is; empty: it takes none."""
    examples: Mapping[str, Any] = field(default_factory=dict)
    """Bodies by name."""
    answers: Mapping[int, Answer] = field(default_factory=dict)
    errors: tuple[int, ...] = ()
    """Beside 401, 403, 429 and 503, which every closed route may answer."""
    tagged: bool = False
    """It answers with an ETag, and 304 to one who has it."""


def obj(props: Mapping[str, Schema], *, optional: tuple[str, ...] = (), text: str = "", closed: bool = False) -> Schema:
    """An object, its properties required unless named in `optional`; `closed`: it has no others."""
    made: Schema = {"type": "object", "properties": dict(props)}
    if required := [name for name in props if name not in optional]:
        made["required"] = required
    if closed:
        made["additionalProperties"] = False
    return {**made, "description": text} if text else made


def ref(name: str) -> Schema:
    """Another component."""
    return {"$ref": f"#/components/schemas/{name}"}


def either(schema: Schema) -> Schema:
    """This, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": schema}


def said(schema: Schema, text: str) -> Schema:
    """The same with a description."""
    return {**schema, "description": text}


TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
SECONDS: Schema = {"type": "number", "minimum": 0, "description": "seconds"}
TRUTH: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
ANYTHING: Schema = {}
PRIORITY: Schema = {"type": "integer", "minimum": -100, "maximum": 100, "description": "the higher the sooner"}
QUEUE: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"}


def words(*of: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(of)}


def page_of(item: Schema, **more: Schema) -> Schema:
    """A list that is read page by page."""
    props = {
        "items": many(item),
        "next": said(either(TEXT), "the cursor of the next page; null: this is the last one"),
        "total": said(either(COUNT), "how many there are; null where no counter knows"),
        "total_at_least": said(COUNT, "how many there are at the least"),
        **more,
    }
    return obj(props)
