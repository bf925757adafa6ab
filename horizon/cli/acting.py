"""What every verb that acts on jobs does: read whom it is about, ask, act, tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import click

from horizon.backends.values import Acted, ActParams, Operation, Verb
from horizon.cli import apps
from horizon.cli.output import as_json, escaped
from horizon.control import pacing
from horizon.control.acting import backend_of
from horizon.control.jobs import JobControl
from horizon.control.pacing import Care
from horizon.core.ids import is_id
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from horizon.runtime import Runtime
from horizon.web import filters
from horizon.web.words import plural

ALL = "all"
WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING, JobState.BLOCKED)
SEARCH_HELP = "With `all`: only those that match, in the words of the dashboard's search box."


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What somebody named on the command line."""

    words: tuple[str, ...]
    search: str | None
    queue: str | None
    connection: str | None

    @property
    def everything(self) -> bool:
        """`all`, perhaps narrowed."""
        return ALL in self.words

    def check(self) -> None:
        """Raise UsageError unless these are ids, or `all` alone."""
        if self.everything and len(self.words) > 1:
            raise click.UsageError("name either ids or `all`, not both")
        if not self.everything and (self.search or self.queue):
            raise click.UsageError("--search and --queue narrow down `all`; leave them out where ids are named")
        wrong = [word for word in self.words if not self.everything and not is_id(word.lower())]
        if wrong:
            raise click.UsageError(f"{wrong[0][:80]!r} is no id of a job; ids have 36 characters, `horizon jobs` lists them. Or say: all")


def target(id: tuple[str, ...], search: str | None, queue: str | None, connection: str | None) -> Target:
    """Whom a verb is about. Raises UsageError."""
    made = Target(words=id, search=search, queue=queue, connection=connection)
    made.check()
    return made


ids = click.argument("id", nargs=-1, required=True, metavar="ID...|all")
search_option = click.option("--search", metavar="TEXT", help=SEARCH_HELP)


def ordered(states: frozenset[JobState]) -> tuple[JobState, ...]:
    """The same in the order of a job's life."""
    return tuple(state for state in JobState if state in states)


# doing it -----------------------------------------------------------------------------------------------------------------


def query_of(target: Target, states: Sequence[JobState], runtime: Runtime) -> JobQuery:
    """What `all` means for a verb: these states, unless the search names others."""
    args = {"q": target.search or "", "state": ",".join(states), "queue": target.queue or ""}
    return filters.query_of(args, now=backend_of(runtime, target.connection).now())


def question(verb: str, target: Target, states: Sequence[JobState]) -> str:
    """What to ask before it is done: how many are meant."""
    if not target.everything:
        return f"{verb} {plural(len(target.words), 'job')}?"
    runtime = apps.runtime()
    page = backend_of(runtime, target.connection).find(replace(query_of(target, states, runtime), limit=200))
    if page.total is not None or page.next is None:
        return f"{verb} {plural(page.total if page.total is not None else len(page.items), 'job')}?"
    return f"{verb} every job that matches (more than {len(page.items)})?"


def do(verb: Verb, target: Target, states: Sequence[JobState], params: ActParams, done: str, json: bool, pace: Care | None = None) -> None:
    """Do it and tell; exits with 1 where ids were named and nothing could be done to any."""
    runtime = apps.runtime()
    if target.everything:
        selection = Selection(query=query_of(target, states, runtime))
        said = JobControl(runtime).act(apps.actor(), verb, selection, params, target.connection, pace)
    else:
        said = _on_ids(runtime, verb, target, params, pace)
    if isinstance(said, Operation):
        tell_operation(said, json)
    else:
        tell(verb.value, said, done, json)
        if said.skipped and not said.done and not target.everything:
            raise SystemExit(1)


def put_back(target: Target, json: bool) -> None:
    """Undo cancels and tell; exits with 1 where ids were named and none could be put back."""
    runtime = apps.runtime()
    ids = tuple(dict.fromkeys(word.lower() for word in target.words))
    selection = Selection(query=query_of(target, (JobState.CANCELLED,), runtime)) if target.everything else Selection(ids=ids)
    said = JobControl(runtime).uncancel(apps.actor(), selection, target.connection)
    if isinstance(said, Operation):
        tell_operation(said, json)
        return
    tell("uncancel", said, "Put back", json)
    if not said.done and not target.everything:
        raise SystemExit(1)


def _on_ids(runtime: Runtime, verb: Verb, target: Target, params: ActParams, pace: Care | None) -> Acted | Operation:
    """Ids may live on any connection: each is acted on where it is, at once unless a pace was named."""
    ids = tuple(dict.fromkeys(word.lower() for word in target.words))
    return JobControl(runtime).act(apps.actor(), verb, Selection(ids=ids), params, target.connection, pace)


def tell(verb: str, said: Acted, done: str, json: bool) -> None:
    """What an act did, and what it left alone."""
    if json:
        from horizon.web.api import shapes

        as_json(shapes.acted(verb, said))
        return
    click.echo(f"{done} {plural(len(said.done), 'job')}.")
    for id, reason in said.skipped:
        click.echo(f"  {escaped(id)} left as it was: {escaped(reason)}", err=True)


def tell_operation(said: Operation, json: bool) -> None:
    """Where to look for an act that goes on by itself."""
    if json:
        as_json({"operation": said.id})
        return
    many = plural(said.expected, "job") if said.expected is not None else "every job that matches"
    care = pacing.told_with(said.params)
    why = f"{care}, in the background" if care else "too many for one step, so it goes on in the background"
    click.echo(f"{many[0].upper()}{many[1:]}: {why}, as operation {said.id}.")
    click.echo(f"How far it is: horizon operations show {said.id}")
