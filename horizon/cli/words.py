"""What may stand where on the command line, read off the verbs themselves: what completion is made from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import click

from horizon.core.states import JobState, Priority

FLAG, FREE = "", "-"
"""An option that takes nothing; one that takes what nobody can guess."""
QUEUE, CONNECTION, WORKER, OPERATION, SEARCH = "queue", "connection", "worker", "operation", "search"
ASKED = (QUEUE, CONNECTION, WORKER, OPERATION, SEARCH)
"""Kinds of names that only the app and its store know."""
STATES = " ".join(state.value for state in JobState)
PRIORITIES = " ".join(priority.name.lower() for priority in Priority)
BY_OPTION = {"queue": QUEUE, "connection": CONNECTION, "state": f"={STATES}", "priority": f"={PRIORITIES}"}
BY_ARGUMENT = {"queue": QUEUE, "to": QUEUE, "worker": WORKER, "search": SEARCH}
DEMO = {"--port": FREE, "--folder": FREE, "--verbose": FLAG, "--help": FLAG}


@dataclass(frozen=True, kw_only=True, slots=True)
class Verb:
    """One verb, or one of a group's: `jobs`, `operations show`."""

    name: str
    help: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    """Option → what it takes: `FLAG`, `FREE`, a kind of name, or `=` and the words there are."""
    argument: str = FREE
    """What its arguments are, in the same spelling."""
    subs: tuple[str, ...] = ()


def verbs(group: click.Group) -> list[Verb]:
    """All of them, a group's own behind it."""
    context = click.Context(group, info_name="horizon")
    return [verb for name in group.list_commands(context) for verb in _verbs(name, group.commands[name])]


def _verbs(name: str, command: click.Command) -> Iterator[Verb]:
    subs = command.commands if isinstance(command, click.Group) else {}
    yield Verb(name=name, help=_line(command), options=_options(name, command), argument=_argument(name, command), subs=tuple(sorted(subs)))
    for sub, one in sorted(subs.items()):
        full = f"{name} {sub}"
        yield Verb(name=full, help=_line(one), options=_options(full, one), argument=_argument(full, one))


def _line(command: click.Command) -> str:
    return command.get_short_help_str(limit=200)


def _options(name: str, command: click.Command) -> dict[str, str]:
    if name == "work":
        return _of_work()
    if name == "demo":
        return dict(DEMO)
    found = {"--help": FLAG}
    for param in command.params:
        if isinstance(param, click.Option) and not param.hidden:
            takes = FLAG if param.is_flag else _choices(param) or BY_OPTION.get(param.name or "", FREE)
            found.update({option: takes for option in param.opts if option.startswith("--")})
    return found


def _of_work() -> dict[str, str]:
    """Of the worker, which reads its options by itself."""
    from horizon.worker.options import parser

    found = {}
    for action in parser()._actions:
        flag = isinstance(action, (argparse._StoreTrueAction, argparse._HelpAction, argparse._VersionAction))
        found.update({option: FLAG if flag else BY_OPTION.get(action.dest, FREE) for option in action.option_strings if option[:2] == "--"})
    if "--queue" in found:
        found["--queue"] = QUEUE
    return found


def _argument(name: str, command: click.Command) -> str:
    for param in command.params:
        if isinstance(param, click.Argument):
            if param.name == "id":
                return OPERATION if name.startswith("operations") else "=all" if param.nargs == -1 else FREE
            return _choices(param) or BY_ARGUMENT.get(param.name or "", FREE)
    return FREE


def _choices(param: click.Parameter) -> str:
    return "=" + " ".join(map(str, param.type.choices)) if isinstance(param.type, click.Choice) else ""
