"""Acting on jobs: `retry`, `cancel`, `prioritize`, `forget`, `restore`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import click

from horizon.backends.values import Acted, ActParams, Operation, Verb
from horizon.cli import apps, options
from horizon.cli.output import as_json, confirm, escaped
from horizon.control.acting import backend_of
from horizon.control.jobs import JobControl
from horizon.core.ids import is_id
from horizon.core.query import JobQuery, Selection
from horizon.core.states import LIVE, TERMINAL, JobState, Priority
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


def _target(id: tuple[str, ...], search: str | None, queue: str | None, connection: str | None) -> Target:
    made = Target(words=id, search=search, queue=queue, connection=connection)
    made.check()
    return made


_ids = click.argument("id", nargs=-1, required=True, metavar="ID...|all")
_search = click.option("--search", metavar="TEXT", help=SEARCH_HELP)


@click.command()
@_ids
@_search
@options.queue
@options.connection
@options.yes
@options.as_json
def retry(
    id: tuple[str, ...], search: str | None, queue: str | None, connection: str | None, yes: bool, as_json: bool
) -> None:  # `yes` is taken so that scripts may say it to every verb
    """Run ended jobs again: same id, history kept. `all`: every job that failed for good."""
    _do(Verb.RETRY, _target(id, search, queue, connection), (JobState.FAILED,), ActParams(), "Retried", as_json)


@click.command()
@_ids
@_search
@options.queue
@options.connection
@click.option("--reason", metavar="TEXT", help="Kept with the job.")
@options.yes
@options.as_json
def cancel(
    id: tuple[str, ...], search: str | None, queue: str | None, connection: str | None, reason: str | None, yes: bool, as_json: bool
) -> None:
    """Cancel jobs that have not ended; a running one is asked to stop. `all`: every one of them."""
    target = _target(id, search, queue, connection)
    states = _ordered(LIVE)
    confirm(_question("Cancel", target, states), yes)
    _do(Verb.CANCEL, target, states, ActParams(reason=reason), "Cancelled", as_json)


@click.command()
@_ids
@click.option("--priority", "-p", default="high", show_default=True, metavar="N", help="-100 to 100, or low, normal, high, critical.")
@_search
@options.queue
@options.connection
@options.as_json
def prioritize(id: tuple[str, ...], priority: str, search: str | None, queue: str | None, connection: str | None, as_json: bool) -> None:
    """Let jobs that have not started go before others, or after them."""
    params = ActParams(priority=_priority(priority))
    _do(Verb.PRIORITIZE, _target(id, search, queue, connection), WAITING, params, "Prioritized", as_json)


@click.command()
@_ids
@_search
@options.queue
@options.connection
@click.option("--reason", metavar="TEXT", help="Kept with the audit entry.")
@options.yes
@options.as_json
def forget(
    id: tuple[str, ...], search: str | None, queue: str | None, connection: str | None, reason: str | None, yes: bool, as_json: bool
) -> None:
    """Remove jobs from sight; one that has not ended is cancelled first. `all`: every job that has ended."""
    target = _target(id, search, queue, connection)
    states = _ordered(TERMINAL)
    confirm(_question("Forget", target, states), yes)
    _do(Verb.FORGET, target, states, ActParams(reason=reason), "Forgot", as_json)


@click.command()
@_ids
@options.connection
@options.yes
@options.as_json
def restore(id: tuple[str, ...], connection: str | None, yes: bool, as_json: bool) -> None:  # `yes`: as for `retry`
    """Bring forgotten jobs back, as they were, while HORIZON_UNDO lasts."""
    target = _target(id, None, None, connection)
    if target.everything:
        raise click.UsageError("restore takes ids; `horizon show ID` still finds a forgotten job")
    _do(Verb.RESTORE, target, (), ActParams(), "Restored", as_json)


def _ordered(states: frozenset[JobState]) -> tuple[JobState, ...]:
    return tuple(state for state in JobState if state in states)


def _priority(text: str) -> int:
    named = {member.name.lower(): int(member) for member in Priority}
    try:
        return named[text.lower()] if text.lower() in named else int(text)
    except ValueError:
        raise click.BadParameter(f"expected a whole number or one of {', '.join(named)}, got {text[:40]!r}") from None


# doing it -----------------------------------------------------------------------------------------------------------------


def _query(target: Target, states: Sequence[JobState], runtime: Runtime) -> JobQuery:
    """What `all` means for a verb: these states, unless the search names others."""
    args = {"q": target.search or "", "state": ",".join(states), "queue": target.queue or ""}
    return filters.query_of(args, now=backend_of(runtime, target.connection).now())


def _question(verb: str, target: Target, states: Sequence[JobState]) -> str:
    if not target.everything:
        return f"{verb} {plural(len(target.words), 'job')}?"
    runtime = apps.runtime()
    page = backend_of(runtime, target.connection).find(replace(_query(target, states, runtime), limit=200))
    if page.total is not None or page.next is None:
        return f"{verb} {plural(page.total if page.total is not None else len(page.items), 'job')}?"
    return f"{verb} every job that matches (more than {len(page.items)})?"


def _do(verb: Verb, target: Target, states: Sequence[JobState], params: ActParams, done: str, json: bool) -> None:
    runtime = apps.runtime()
    if target.everything:
        selection = Selection(query=_query(target, states, runtime))
        said = JobControl(runtime).act(apps.actor(), verb, selection, params, target.connection)
    else:
        said = _on_ids(runtime, verb, target, params)
    if isinstance(said, Operation):
        _tell_operation(said, json)
    else:
        _tell(verb, said, done, json)
        if said.skipped and not said.done and not target.everything:
            raise SystemExit(1)


def _on_ids(runtime: Runtime, verb: Verb, target: Target, params: ActParams) -> Acted:
    """Ids may live on any connection: each is acted on where it is, unknown ones on the first, which then says so."""
    ids = tuple(dict.fromkeys(word.lower() for word in target.words))
    names = (target.connection,) if target.connection else runtime.connections()
    done: list[str] = []
    skipped: list[tuple[str, str]] = []
    for name, mine in _by_connection(runtime, ids, names).items():
        said = JobControl(runtime).act(apps.actor(), verb, Selection(ids=mine), params, name)
        assert isinstance(said, Acted)  # ids are acted on at once
        done += said.done
        skipped += said.skipped
    return Acted(done=tuple(done), skipped=tuple(skipped))


def _by_connection(runtime: Runtime, ids: tuple[str, ...], names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    if len(names) == 1:
        return {names[0]: ids}
    found: dict[str, list[str]] = {}
    left = list(ids)
    for name in names:
        there = {record.id for record in backend_of(runtime, name).many(left)}
        found[name] = [id for id in left if id in there]
        left = [id for id in left if id not in there]
    found[names[0]] += left
    return {name: tuple(mine) for name, mine in found.items() if mine}


def _tell(verb: Verb, said: Acted, done: str, json: bool) -> None:
    if json:
        from horizon.web.api import shapes

        as_json(shapes.acted(verb.value, said))
        return
    click.echo(f"{done} {plural(len(said.done), 'job')}.")
    for id, reason in said.skipped:
        click.echo(f"  {escaped(id)} left as it was: {escaped(reason)}", err=True)


def _tell_operation(said: Operation, json: bool) -> None:
    if json:
        as_json({"operation": said.id})
        return
    many = plural(said.expected, "job") if said.expected is not None else "every job that matches"
    click.echo(f"{many[0].upper()}{many[1:]}: too many for one step, so it goes on in the background, as operation {said.id}.")
