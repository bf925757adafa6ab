"""How verbs speak: tables in colour at a terminal, tab-separated lines elsewhere, JSON where asked for.

Data of jobs never reaches a terminal unescaped: a job's name must not be able to paint or command it.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from horizon.web.text import plain

LONGEST = 2_000
"""Characters shown of one line of foreign text."""
COLOURS = {
    "completed": "green", "done": "green", "running": "green", "processing": "blue", "retrying": "yellow", "paused": "yellow",
    "failed": "red", "inactive": "red", "cancelled": "bright_black", "stopped": "yellow", "scheduled": "cyan", "blocked": "magenta",
    "active": "green", "overdue": "red", "gone": "yellow",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a table."""

    title: str
    right: bool = False
    coloured: bool = False
    """Its words are states."""


def escaped(text: object, limit: int = LONGEST) -> str:
    """Foreign text in one line, with everything that is not a visible character spelt out."""
    return plain(text, limit)


def at_terminal() -> bool:
    """Whether somebody looks, rather than a program."""
    return sys.stdout.isatty()


def somebody_there() -> bool:
    """Whether somebody can answer a question."""
    return sys.stdin.isatty()


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Print rows; `empty` is said where there are none, on the other channel so that a program reads nothing."""
    shown = [[escaped(cell) for cell in row] for row in rows]
    if not shown:
        click.echo(empty, err=True)
    elif at_terminal():
        _aligned(columns, shown)
    else:
        for line in ([column.title for column in columns], *shown):
            click.echo("\t".join(line))


def _aligned(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(column.title), *(len(row[at]) for row in rows)) for at, column in enumerate(columns)]
    room = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(widths) - 1)
    widths[-1] = max(10, min(widths[-1], room))
    click.echo("  ".join(click.style(_cell(column.title, column, width), bold=True) for column, width in zip(columns, widths, strict=True)))
    for row in rows:
        cells = [_painted(_cell(text, column, width), text, column) for text, column, width in zip(row, columns, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _painted(cell: str, text: str, column: Column) -> str:
    return click.style(cell, fg=COLOURS[text]) if column.coloured and text in COLOURS else cell


def _cell(text: str, column: Column, width: int) -> str:
    cut = text if len(text) <= width else text[: width - 1] + "…"
    return cut.rjust(width) if column.right else cut.ljust(width)


def pairs(rows: Sequence[tuple[str, str]]) -> None:
    """Print names with their values; those without a value are left out."""
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        if value:
            click.echo(f"{click.style(name.ljust(width), bold=True)}  {coloured(escaped(value))}")


def block(text: str, indent: str = "    ") -> None:
    """Print foreign text of several lines."""
    for line in text.rstrip("\n").split("\n"):
        click.echo(indent + escaped(line))


def coloured(word: str) -> str:
    """A word that may be a state, in its colour."""
    return click.style(word, fg=COLOURS[word]) if word in COLOURS else word


def bar(done: int, of: int | None, width: int = 28) -> str:
    """A bar of how much is done; where nobody knows of how much, only that it goes on."""
    if not of:
        return "[" + "·" * width + "]"
    full = min(width, width * done // of)
    return f"[{'#' * full}{'·' * (width - full)}] {min(100, 100 * done // of):3d} %"


def as_json(value: Any) -> None:
    """Print what the HTTP API would answer. Everything beyond ASCII is escaped, so that nothing can paint a terminal."""
    click.echo(json.dumps(value, indent=2))


def confirm(question: str, yes: bool) -> None:
    """Ask before something that cannot be taken back. Where nobody can answer, refuse and name the flag."""
    if yes:
        return
    if not somebody_there():
        raise click.UsageError(f"{question} Nobody is there to answer; add --yes to mean it")
    click.confirm(question, abort=True)
