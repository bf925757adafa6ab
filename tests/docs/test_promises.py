"""Each promise is shown by a test that is there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.promises import ROWS

TESTS = Path(__file__).parents[1]


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


@pytest.mark.parametrize("row", ROWS)
def test_what_was_promised_is_shown_by_a_test(row: str) -> None:
    assert ROWS[row]
    for file, test in ROWS[row]:
        assert test.startswith("test_")
        assert test in named_in(file), f"{row}: there is no {test} in tests/{file} any more; name the one that shows it now"


def test_every_row_is_shown_or_told_of_among_the_decisions() -> None:
    told = (TESTS.parent / "docs" / "decisions.md").read_text()
    every = [
        f"{kind}-{number:02}"
        for kind, last in (("JOB", 24), ("SEC", 12), ("BAT", 15), ("CHN", 11), ("SCH", 6), ("TST", 7))
        for number in range(1, last + 1)
    ]
    assert [row for row in every if row not in ROWS and row not in told] == []
