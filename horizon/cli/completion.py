"""`horizon completion SHELL`: a script that completes verbs, options, and names of queues, classes, workers."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

import click

from horizon.cli import apps, shells, words
from horizon.control.operations import OperationControl
from horizon.control.processes import living
from horizon.core.states import JobState
from horizon.runtime import Runtime
from horizon.web.state import State
from horizon.web.text import short_name

PATIENCE = 2.0
"""Seconds that names may take: whoever pressed Tab waits."""
AGAIN = 0.2
"""Seconds after which it is said again to code that took no notice."""
MOST = 500
HOW = {
    "bash": "horizon completion bash > ~/.local/share/bash-completion/completions/horizon",
    "zsh": 'horizon completion zsh > "${fpath[1]}/_horizon"',
    "fish": "horizon completion fish > ~/.config/fish/completions/horizon.fish",
}


class GaveUp(BaseException):
    """Names took too long. No Exception, which the app might take for one of its own."""


@click.command()
@click.argument("shell", type=click.Choice(list(HOW)), required=False)
@click.option("--names", type=click.Choice(words.ASKED), hidden=True, help="Print names of this kind, for the scripts.")
@click.pass_context
def completion(ctx: click.Context, shell: str | None, names: str | None) -> None:
    """Print what completes verbs, options and names in bash, zsh or fish.

    \b
    horizon completion bash > ~/.local/share/bash-completion/completions/horizon
    horizon completion zsh > "${fpath[1]}/_horizon"
    horizon completion fish > ~/.config/fish/completions/horizon.fish
    """
    if names is not None:
        _names(names)
    elif shell is None:
        raise click.UsageError(f"name a shell: {', '.join(HOW)}")
    else:
        group = ctx.parent.command if ctx.parent else None
        assert isinstance(group, click.Group)
        click.echo(shells.script(shell, words.verbs(group), getattr(group, "aliases", {})), nl=False)


def _names(kind: str) -> None:
    """Print what there is. Whatever fails or takes long is silent: nobody who pressed Tab wants to read of it."""
    before = signal.signal(signal.SIGALRM, _give_up)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, PATIENCE, AGAIN)
            _print(kind)
        except (Exception, GaveUp):
            pass
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except GaveUp:  # said again before the clock could be stopped: on a busy machine that happens
        signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def _print(kind: str) -> None:
    for _, name in zip(range(MOST), dict.fromkeys(found(apps.state(), kind)), strict=False):
        click.echo(name)


def _give_up(number: int, frame: FrameType | None) -> NoReturn:
    raise GaveUp


def found(state: State, kind: str) -> Iterator[str]:
    """Names of a kind, without those that a shell could take for something else."""
    return (name for name in _found(state, kind) if name and not set(name) & set(" \t\n'\"\\$`;&|<>(){}*?!"))


def _found(state: State, kind: str) -> Iterator[str]:
    runtime = state.runtime
    if kind == words.CONNECTION:
        yield from runtime.connections()
    elif kind == words.QUEUE:
        yield from _queues(runtime)
    elif kind == words.WORKER:
        for name in runtime.connections():
            yield from (f"{record.info.host}:{record.info.pid}" for record in living(runtime.backend(name)))
    elif kind == words.OPERATION:
        yield from (one.id for one in OperationControl(runtime).list(MOST))
    else:
        yield from (f"state:{one.value}" for one in JobState)
        yield from (f"queue:{name}" for name in _queues(runtime))
        yield from (f"class:{name}" for name in _classes(state))


def _queues(runtime: Runtime) -> Iterator[str]:
    for name in runtime.connections():
        yield from (settings.name for settings in runtime.backend(name).queues.all())


def _classes(state: State) -> Iterator[str]:
    """Of jobs that are stored, and of those that are loaded here."""
    for name in state.runtime.connections():
        yield from (short_name(one) for one in state.runtime.backend(name).numbers.names())
    yield from (short_name(one) for one in state.runtime.registry.names())
