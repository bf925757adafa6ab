"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, in the shape of the HTTP API.")
yes = click.option("--yes", "--force", "-y", "yes", is_flag=True, help="Do not ask.")
connection = click.option("--connection", metavar="NAME", help="Which store; left out: the default one.")
pace = click.option("--pace", metavar="50/s", help="Go on in the background at this pace: 50/s, 600/m, 20/h.")
canary = click.option("--canary", metavar="10", help="Try so many first; go on by itself when few enough of them fail again.")
stop_when_failing = click.option("--stop-when-failing", metavar="20%", help="Stop by itself when more than so many of them fail again.")
dry_run = click.option("--dry-run", is_flag=True, help="Only show what it would touch: how many, of what, and what is left alone.")
queue = click.option("--queue", metavar="NAME", help="Only of this queue.")


def search(function: F) -> F:
    """The text and the options by which jobs are looked for."""
    for add in (
        click.option("--state", metavar="A,B", help="Only in these states."),
        queue,
        click.argument("search", nargs=-1, metavar="[SEARCH]..."),
    ):
        function = add(function)
    return function


def care(function: F) -> F:
    """How carefully what puts jobs to work goes on."""
    for add in (stop_when_failing, canary, pace):
        function = add(function)
    return function


def narrow(states: Iterable[str], example: str) -> Callable[[F], F]:
    """How a list that is read whole is narrowed; `states`: the words for them, `example`: a search of this list."""

    def add(function: F) -> F:
        state = click.option("--state", type=click.Choice(list(states)), help="Only in this state.")
        search = click.option("--search", metavar="TEXT", help=f"Only what matches, in the words of the page: {example}")
        return search(state(function))

    return add
