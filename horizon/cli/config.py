"""`config`: every setting of the app as it holds, and where it comes from."""

from __future__ import annotations

import re

import click

from horizon.cli import apps, options
from horizon.cli.output import Column, escaped, table
from horizon.cli.output import as_json as print_json
from horizon.core.settings import BY_NAME, PREFIX, Option, Settings

COLUMNS = (Column(title="setting"), Column(title="value"), Column(title="from"))
MASK = "***"
_PASSWORD = re.compile(r"(://[^/@\s'\"]*?:)[^@/\s'\"]+@")
"""A password in an address."""


@click.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--changed", is_flag=True, help="Only those that somebody set.")
@options.as_json
def config(words: tuple[str, ...], changed: bool, as_json: bool) -> None:
    """List the settings (of those whose names hold one of the words) with their values, and where each comes from.

    Keys and passwords in addresses are masked. What a worker makes of its flags besides: horizon work --print-config
    """
    settings = apps.runtime().settings
    found = [name for name in BY_NAME if _wanted(name, words) and not (changed and settings.origins[name] == "default")]
    rows = [(name, shown(BY_NAME[name], settings), settings.origins[name]) for name in found]
    if as_json:
        print_json(
            {"items": [{"name": name, "value": value, "from": origin} for name, value, origin in rows], "next": None, "total": len(rows)}
        )
        return
    table(COLUMNS, [(name, escaped(value), origin) for name, value, origin in rows], empty="No setting is called so, or nobody set any.")


def _wanted(name: str, words: tuple[str, ...]) -> bool:
    return not words or any(word.upper().removeprefix(PREFIX) in name for word in words)


def shown(option: Option, settings: Settings) -> str:
    """A value as people may see it."""
    value = settings.values[option.name]
    if option.secret:
        return f"{len(value)} of them" if value else "none"
    if value is None:
        return "none"
    if callable(value):
        return f"{getattr(value, '__module__', '?')}:{getattr(value, '__qualname__', type(value).__name__)}"
    text = _PASSWORD.sub(rf"\1{MASK}@", str(value))
    return f"{text} {option.unit}" if option.unit else text
