"""What an act would touch, told and not done: `--dry-run`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from horizon.backends.values import Verb
from horizon.cli import acting, apps
from horizon.cli.acting import Target
from horizon.cli.output import as_json as print_json
from horizon.cli.output import escaped
from horizon.control.acting import backend_of
from horizon.control.pacing import Care
from horizon.control.preview import Preview, preview
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.web.words import number, plural

MOST = 8
"""Kinds of a line."""


def tell(verb: Verb, target: Target, states: Sequence[JobState], json: bool, care: Care | None = None) -> None:
    """How many it is about, of what, and what would be left alone. Nothing is changed."""
    runtime = apps.runtime()
    asked = acting.query_of(target, states, runtime) if target.everything else JobQuery(ids=tuple(word.lower() for word in target.words))
    show(verb, preview(backend_of(runtime, target.connection), asked), care, json)


def show(verb: Verb, seen: Preview, care: Care | None, json: bool, of: str = "") -> None:
    """What was seen; `of` what, where that is not said by the words of the command."""
    if json:
        from horizon.web.api import shapes

        print_json(shapes.preview(verb.value, seen, verb))
        return
    for line in lines(verb, seen, care, of):
        click.echo(line)


def lines(verb: Verb, seen: Preview, care: Care | None, of: str = "") -> list[str]:
    """In words. Pure."""
    many = plural(seen.count, "job") if seen.exact else f"at least {number(seen.count)} jobs"
    how = f", {care.told}" if care is not None else ""
    told = [f"{verb.value.replace('_', ' ')} would be about {many}{of}{how}. Nothing was changed."]
    told += _kinds("state", {state.value: n for state, n in seen.states.items()})
    told += _kinds("class", seen.names) + _kinds("queue", seen.queues)
    told += _kinds("cause", {f"{one.type} ({one.cause})": one.count for one in seen.origins})
    told += _kinds("age", {AGES[word]: n for word, n in seen.ages.items()})
    if seen.looked:
        told.append(f"Counted among the first {number(seen.looked)} of them.")
    elif seen.sampled:
        told.append(f"Causes and ages are those of the first {number(seen.sampled)}.")
    if left := seen.left(verb):
        told.append("Left alone because of their state: " + ", ".join(f"{number(n)} {state.value}" for state, n in left.items()) + ".")
    return told


AGES = {"hour": "within an hour", "day": "within a day", "week": "within a week", "older": "older"}


def _kinds(title: str, counts: Mapping[str, int]) -> list[str]:
    shown = [f"{escaped(kind)} {number(n)}" for kind, n in list(counts.items())[:MOST]]
    more = [f"and {len(counts) - MOST} more"] if len(counts) > MOST else []
    return [f"  {title:<6} {', '.join([*shown, *more])}"] if shown else []
