from __future__ import annotations

import os

import click
import pytest

from horizon.cli import output
from horizon.cli.output import Column, escaped, table

COLUMNS = (Column(title="state", coloured=True), Column(title="tries", right=True), Column(title="note"))


def test_foreign_text_is_one_line_without_anything_invisible() -> None:
    assert escaped("a\x1b[2J\nb\u202ec") == "a\\x1b[2J\\nb\\u202ec"
    assert len(escaped("x" * 10_000)) <= output.LONGEST


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "at_terminal", lambda: True)
    monkeypatch.setattr(output.shutil, "get_terminal_size", lambda: os.terminal_size((30, 24)))


def test_at_a_terminal_columns_are_aligned_and_the_last_one_is_cut(terminal: None, capsys: pytest.CaptureFixture[str]) -> None:
    table(COLUMNS, [("failed", "3", "short"), ("completed", "12", "y" * 50)], empty="none")
    lines = [click.unstyle(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0].startswith("state      tries  note")
    assert lines[1] == "failed         3  short"
    assert lines[2] == "completed     12  " + "y" * 11 + "…"


def test_elsewhere_rows_are_lines_of_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    table(COLUMNS, [("failed", "3", "a\tb")], empty="none")
    assert capsys.readouterr().out == "state\ttries\tnote\nfailed\t3\ta\\tb\n"
