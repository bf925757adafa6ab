"""What the JSON of an argument may look like, from its annotation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, Literal, TypedDict

import pytest

from horizon.jobs.sample import sample
from horizon.jobs.tagged import unpack


class Size(Enum):
    SMALL = "s"


@dataclass
class Address:
    street: str
    since: date | None = None
    made: int = field(init=False, default=1)


@dataclass
class Customer:
    name: str
    addresses: list[Address]


@dataclass
class Node:
    child: Node | None = None


class Line(TypedDict):
    sku: str
    size: Size


@pytest.mark.parametrize(
    ("hint", "made"),
    [
        (list[int], [1]),
        (dict[str, float], {"key": 1.5}),
        (dict, {}),
        (tuple[str, ...], ("text",)),
        (tuple[int, str], (1, "text")),
        (set[bool] | None, {True}),
        (bytes, b""),
        (list[Literal["a", "b"]], ["a"]),
        (Line, {"sku": "text", "size": Size.SMALL}),
        (Any, None),
        ("not an annotation", None),
    ],
)
def test_a_sample_is_a_value_of_its_annotation(hint: Any, made: Any) -> None:
    assert unpack(sample(hint)) == made


def test_a_dataclass_is_spelt_out_as_it_is_stored_with_what_its_constructor_takes() -> None:
    address = {"~": "dataclass", "c": f"{__name__}:Address", "v": {"street": "text", "since": {"~": "date", "v": "2026-01-31"}}}
    assert sample(Customer) == {"~": "dataclass", "c": f"{__name__}:Customer", "v": {"name": "text", "addresses": [address]}}


def test_a_dataclass_within_itself_comes_to_an_end() -> None:
    assert str(sample(Node)).count("dataclass") == 4
