"""Reading a supplier's catalogue: a CSV file, checked line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from pathlib import Path

WORTH_A_LOOK = 0.3
"""Share of common trigrams from which two names are compared letter by letter."""
ALIKE = 0.9


class BrokenLine(ValueError):
    """A line that cannot be read; says which, and what is wrong with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One line of a catalogue."""

    line: int
    ean: str
    name: str
    category: str
    price: Decimal
    stock: int
    photo: str


def read(path: Path) -> Iterator[Item]:
    """The items of a file, in order. Raises BrokenLine at the first that cannot be read."""
    with path.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            yield _item(f"{path.name}, line {line}", line, row)


def size(path: Path) -> int:
    """How many items a file has."""
    with path.open("rb") as file:
        return sum(1 for _ in file) - 1


def _item(where: str, line: int, row: Mapping[str, str]) -> Item:
    try:
        price = Decimal(row["price"])
    except InvalidOperation:
        raise BrokenLine(f"{where}: the price {row['price']!r} is not a number") from None
    if not valid_ean(row["ean"]):
        raise BrokenLine(f"{where}: {row['ean']!r} is not an article number, its check digit is wrong")
    return Item(
        line=line, ean=row["ean"], name=row["name"], category=row["category"], price=price, stock=int(row["stock"]), photo=row["photo"]
    )


def valid_ean(ean: str) -> bool:
    """Whether this is an EAN-13 whose last digit fits the others."""
    if len(ean) != 13 or not ean.isdecimal():
        return False
    return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(ean)) % 10 == 0


def trigrams(name: str) -> frozenset[str]:
    """The pieces of three letters of a name, by which similar names are found."""
    text = f"  {name.lower()} "
    return frozenset(text[at : at + 3] for at in range(len(text) - 2))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0, nothing in common, to 1, the same."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def nearly_the_same(one: str, other: str) -> bool:
    """Whether a person could mistake one name for the other."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio() > ALIKE
