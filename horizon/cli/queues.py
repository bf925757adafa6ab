"""Queues: `queues`, `queues set`, `pause`, `resume`, `clear`, `move`."""

from __future__ import annotations

import difflib

import click

from horizon.backends.values import Acted, Operation
from horizon.cli import acting, apps, moving, options, stats
from horizon.cli.moments import duration, moment
from horizon.cli.output import as_json as print_json
from horizon.cli.output import confirm, escaped, table
from horizon.control.acting import backend_of
from horizon.control.queues import DURATIONS, LIMITS, SETTABLE, UNLIMITED, QueueControl
from horizon.core.clock import Micros
from horizon.core.dead import is_dead
from horizon.core.errors import NotFound
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.jobs import options as options_of_jobs
from horizon.monitor.figures import QueueFigures
from horizon.runtime import Runtime
from horizon.web.lists import QUEUES
from horizon.web.words import plural

ALL = "all"
WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING)
_reason = click.option("--reason", metavar="TEXT", help="Shown beside the queue and kept in the audit log.")


@click.group(invoke_without_command=True)
@options.narrow(QUEUES.states, "emails -name:archive")
@options.connection
@options.as_json
@click.pass_context
def queues(ctx: click.Context, search: str | None, state: str | None, connection: str | None, as_json: bool) -> None:
    """List the queues: what waits, what runs, how old the oldest is."""
    if ctx.invoked_subcommand is not None:
        return
    asked, app = QUEUES.understand({"q": search or "", "state": state or ""}), apps.state()
    backend_of(app.runtime, connection)
    rows = asked.of(row for row in app.stats.overview().queues if connection in (None, row.connection))
    if as_json:
        _print(rows)
        return
    table(
        stats.QUEUES,
        [stats.queue_row(row) for row in rows],
        empty="No queue is like that." if asked.narrowed else "No queue has held a job yet.",
    )


@queues.command(name="set")
@click.argument("queue")
@click.argument("setting", nargs=-1, required=True, metavar="SETTING=VALUE...")
@options.connection
@options.as_json
def set_(queue: str, setting: tuple[str, ...], connection: str | None, as_json: bool) -> None:
    """Set at run time what the code says of a queue.

    SETTING is max_jobs (a number, or `unlimited`), priority_weight, patience (900, 15m) dead_after (rounds after which a failed
    job goes to the dead letters, or `unlimited`: none does), start_within (30, 2m: its time target, or `unlimited`: none) or
    start_share (0.95, 95%: so many of its jobs shall start in time); the value `code` goes back to
    what the code says: horizon queues set emails max_jobs=5000 patience=code
    """
    from horizon.web.api.queues import settings as shape

    changes, runtime = dict(_setting(word) for word in setting), apps.runtime()
    _wonder(runtime, queue, connection)
    after = shape(QueueControl(runtime).override(apps.actor(), queue, changes, connection=connection))
    if as_json:
        print_json({"name": queue, "settings": after})
        return
    for name in changes:
        value = after[name]["value"]
        where = "set here" if after[name]["overridden"] else "as in the code"
        click.echo(f"{escaped(queue)}: {name} is {'unlimited' if value is None else value}, {where}.")


def _setting(word: str) -> tuple[str, object]:
    """`max_jobs=5000` as a name and its value. Raises BadParameter."""
    name, _, value = word.partition("=")
    if name not in SETTABLE or not value:
        raise click.BadParameter(f"expected SETTING=VALUE with one of {', '.join(SETTABLE)}; got {word[:80]!r}")
    if value == "code":
        return name, None
    if value == UNLIMITED and name in LIMITS:
        return name, value
    if name in DURATIONS:
        return name, duration(value)
    if name == "start_share":
        return name, _share(value)
    if not value.isdecimal():
        raise click.BadParameter(f"{name} takes a whole number{', unlimited' if name in LIMITS else ''} or code; got {value[:40]!r}")
    return name, int(value[:12])


def _share(value: str) -> float:
    """0.95, or 95%. Raises BadParameter."""
    try:
        return round(float(value.removesuffix("%")) / (100 if value.endswith("%") else 1), 6)
    except ValueError:
        raise click.BadParameter(f"start_share takes a share such as 0.95 or 95%, or code; got {value[:40]!r}") from None


def _print(rows: list[QueueFigures]) -> None:
    from horizon.web.api.queues import queue

    print_json({"items": [queue(row) for row in rows], "next": None, "total": len(rows), "total_at_least": len(rows)})


@click.command()
@click.argument("queue", nargs=-1, required=True, metavar="QUEUE...|all")
@click.option("--for", "length", metavar="TIME", help="Resume by itself after 900 (seconds), 15m, 1h30m.")
@click.option("--until", metavar="TIME", help="Resume by itself at 14:30 or 2031-01-01T08:00 (of this machine, or with a zone).")
@_reason
@options.connection
def pause(queue: tuple[str, ...], length: str | None, until: str | None, reason: str | None, connection: str | None) -> None:
    """Let no worker start jobs of these queues; what runs goes on."""
    if length is not None and until is not None:
        raise click.UsageError("--for and --until both say when it ends; give one of them")
    runtime = apps.runtime()
    end = _end(length, until, backend_of(runtime, connection).now())
    for name in _named(runtime, queue, connection):
        _wonder(runtime, name, connection)
        running = QueueControl(runtime).pause(apps.actor(), name, until=end, reason=reason, connection=connection)
        click.echo(f"Paused {escaped(name)}" + (f"; {plural(running, 'job')} of it still running." if running else "."))


def _end(length: str | None, until: str | None, now: Micros) -> Micros | None:
    if length is not None:
        return now + duration(length)
    return None if until is None else moment(until, now)


@click.command()
@click.argument("queue", nargs=-1, required=True, metavar="QUEUE...|all")
@options.connection
def resume(queue: tuple[str, ...], connection: str | None) -> None:
    """Let workers take from these queues again."""
    runtime = apps.runtime()
    names = _named(runtime, queue, connection)
    for name in names:
        _must_be(runtime, name, connection)
    for name in names:
        QueueControl(runtime).resume(apps.actor(), name, connection=connection)
        click.echo(f"Resumed {escaped(name)}.")


@click.command()
@click.argument("queue")
@_reason
@click.option("--undo", is_flag=True, help="Put back what the latest clear cancelled.")
@options.connection
@options.yes
@options.as_json
def clear(queue: str, reason: str | None, undo: bool, connection: str | None, yes: bool, as_json: bool) -> None:
    """Cancel everything that waits in a queue; what runs, runs on."""
    runtime = apps.runtime()
    _wonder(runtime, queue, connection)
    if undo:
        _tell("unclear", QueueControl(runtime).unclear_latest(apps.actor(), queue, connection), "Put back", as_json)
        return
    confirm(f"Cancel {_waiting(runtime, queue, connection)} of queue {escaped(queue)}?", yes)
    _tell("clear", QueueControl(runtime).clear(apps.actor(), queue, reason=reason, connection=connection), "Cancelled", as_json)


@click.command()
@click.argument("queue", required=False)
@click.argument("to", required=False)
@click.option("--from", "source", metavar="CONNECTION", help="With --to: everything that waits on this connection goes to another one.")
@click.option("--to", "target", metavar="CONNECTION", help="The other connection.")
@click.option("--queue", "only", metavar="NAME", help="With --from: this queue alone.")
@click.option("--back", is_flag=True, help="With --from: give up, and bring back what is still on its way.")
@options.connection
@options.as_json
def move(
    queue: str | None,
    to: str | None,
    source: str | None,
    target: str | None,
    only: str | None,
    back: bool,
    connection: str | None,
    as_json: bool,
) -> None:
    """Move everything that waits in a queue to another one, or on one connection to another.

    Between connections each job keeps its id and arrives exactly once; the same command again goes on where one was broken off.
    """
    if source or target:
        if not (source and target) or queue or to or connection:
            raise click.UsageError("between connections both are named, and nothing else: horizon move --from A --to B [--queue NAME]")
        moving.back(source, target, as_json) if back else moving.carry(source, target, only, as_json)
        return
    if not queue or not to or only or back:
        raise click.UsageError("name the queue and where its jobs go: horizon move QUEUE TO; or --from and --to, two connections")
    runtime = apps.runtime()
    _wonder(runtime, queue, connection)
    _tell("move", QueueControl(runtime).move(apps.actor(), queue, to, connection=connection), "Moved", as_json)


def _tell(verb: str, said: Acted | Operation, done: str, as_json: bool) -> None:
    if isinstance(said, Operation):
        acting.tell_operation(said, as_json)
    else:
        acting.tell(verb, said, done, as_json)


def _waiting(runtime: Runtime, queue: str, connection: str | None) -> str:
    """How many jobs wait there, in words."""
    page = backend_of(runtime, connection).find(JobQuery(queue=queue, states=WAITING, limit=200))
    if page.total is None and page.next is not None:
        return f"more than {len(page.items)} waiting jobs"
    return plural(page.total if page.total is not None else len(page.items), "waiting job")


def _named(runtime: Runtime, names: tuple[str, ...], connection: str | None) -> list[str]:
    if ALL not in names:
        return list(dict.fromkeys(names))
    if len(names) > 1:
        raise click.UsageError("name either queues or `all`, not both")
    return [settings.name for settings in backend_of(runtime, connection).queues.all() if not is_dead(settings.name)]


def _must_be(runtime: Runtime, name: str, connection: str | None) -> None:
    """Raise NotFound for a queue without jobs that nobody defined or paused: most likely a slip of the fingers."""
    if (said := _unheard(runtime, name, connection)) is not None:
        raise NotFound(f"{said} (`horizon queues` lists those there are)")


def _wonder(runtime: Runtime, name: str, connection: str | None) -> None:
    """Say so where a queue is not known, for it may be a slip of the fingers; it may as well be one of tomorrow's."""
    if (said := _unheard(runtime, name, connection)) is not None:
        click.echo(f"Note: {said}", err=True)


def _unheard(runtime: Runtime, name: str, connection: str | None) -> str | None:
    options_of_jobs.queue(name)
    names = [settings.name for settings in backend_of(runtime, connection).queues.all()]
    near = difflib.get_close_matches(name, names, 1)
    return None if name in names else f"no queue {name} is known{f'; did you mean {near[0]}?' if near else '.'}"
