"""Workers: `workers`, `restart`, `terminate`."""

from __future__ import annotations

from collections.abc import Mapping

import click

from horizon.backends.together.members import Members
from horizon.cli import apps, options, stats
from horizon.cli.moments import moment
from horizon.cli.output import Column, confirm, escaped, table
from horizon.cli.output import as_json as print_json
from horizon.control.acting import backend_of
from horizon.control.processes import ProcessControl, living
from horizon.core import clock
from horizon.core.clock import iso
from horizon.core.errors import NotFound
from horizon.monitor.notices import said
from horizon.monitor.workers import Code, Worker
from horizon.monitor.workers import workers as listed
from horizon.runtime import Runtime
from horizon.web.lists import WORKERS
from horizon.web.words import plural

ALL, AUTO = "all", "auto"
NONE_FITS = "No living worker is like that."
NOBODY = "No worker is running; start one with: horizon work"
COLUMNS = (*stats.WORKERS, Column(title="cpu", right=True), Column(title="took last"), Column(title="code"))
_worker = click.argument("worker", nargs=-1, metavar="[WORKER...|all]")


@click.command()
@options.narrow(WORKERS.states, "host:web-1 -queue:emails")
@options.connection
@options.as_json
def workers(search: str | None, state: str | None, connection: str | None, as_json: bool) -> None:
    """List the living workers and what they do."""
    found = WORKERS.understand({"q": search or "", "state": state or ""}).of(_living(apps.runtime(), connection))
    figures, shown = apps.state().stats.overview(), {worker.id for worker in found}
    silent = [one for one in figures.quiet if one.session.info.id in shown]
    if as_json:
        _print(found, {one.session.info.id: one.kind for one in silent})
        return
    table(
        COLUMNS,
        [[*stats.worker_row(one.session), _cpu(one), _took(one), _code(one)] for one in found],
        empty=NONE_FITS if search or state else NOBODY,
    )
    for one in silent:
        click.echo(f"! {escaped(one.worker)} is silent. {escaped(said(one, figures.at))}", err=True)


def _cpu(worker: Worker) -> str:
    return "" if worker.cpu is None else f"{worker.cpu} %"


def _took(worker: Worker) -> str:
    """When it took a job last."""
    return (iso(worker.last.since) or "") if worker.last else ""


def _code(worker: Worker) -> str:
    return " ".join([*worker.versions, *(["(old)"] if worker.old else [])])


@click.command()
@_worker
@options.connection
def restart(worker: tuple[str, ...], connection: str | None) -> None:
    """Let workers load the code anew, each executor after its job.

    WORKER is what `horizon workers` lists: HOST:PID, or the session. None named: every one.
    """
    asked = _command("restart", worker, connection)
    click.echo(f"Asked {plural(asked, 'worker')} to restart; each does as soon as what it runs is over." if asked else NOBODY)


@click.command()
@_worker
@options.connection
@options.yes
def terminate(worker: tuple[str, ...], connection: str | None, yes: bool) -> None:
    """Let workers finish what they run, and end.

    WORKER is what `horizon workers` lists: HOST:PID, or the session. None named: every one.
    """
    confirm("Stop " + (", ".join(worker) if worker and ALL not in worker else "every worker") + "?", yes)
    asked = _command("stop", worker, connection)
    click.echo(f"Asked {plural(asked, 'worker')} to stop; each does as soon as what it runs is over." if asked else NOBODY)


@click.command()
@click.argument("worker")
@click.argument("processes")
@click.option("--for", "span", metavar="TIME", help="30m, 2h, 1d: then it goes back; left out: until you say auto, or it ends.")
@options.connection
def scale(worker: str, processes: str, span: str | None, connection: str | None) -> None:
    """Let a worker have so many PROCESSES while it runs, or as many as it was started with: auto.

    WORKER is what `horizon workers` lists: HOST:PID, or the session. It can have 1 to `--max-processes` of `horizon work`.
    """
    if processes != AUTO and not processes.isdecimal():
        raise click.UsageError(f"expected a number of processes, or {AUTO}; got {processes[:40]!r}")
    runtime = apps.runtime()
    session = _session(_living(runtime, connection), worker)
    until = None if span is None else moment(span, backend_of(runtime, connection).now())
    to = None if processes == AUTO else int(processes)
    ProcessControl(runtime).scale(apps.actor(), session, to, until=until, connection=connection)
    click.echo(
        "Asked it to go back to what it was started with." if to is None else f"Asked it to have {plural(to, 'process', 'processes')}."
    )


def _command(verb: str, named: tuple[str, ...], connection: str | None) -> int:
    runtime, actor = apps.runtime(), apps.actor()
    control = ProcessControl(runtime)
    if not named or ALL in named:
        return control.command(actor, verb, connection=connection)
    sessions = [_session(_living(runtime, connection), word) for word in dict.fromkeys(named)]
    return sum(control.command(actor, verb, session=session, connection=connection) for session in sessions)


def _session(found: list[Worker], word: str) -> str:
    """The session that a word means. Raises NotFound, naming those there are."""
    for worker in found:
        if word in (worker.id, worker.name):
            return worker.id
    names = ", ".join(worker.name for worker in found[:8])
    raise NotFound(f"no living worker is called {word[:80]!r}; there {'are: ' + names if names else 'is none'}")


def _living(runtime: Runtime, connection: str | None) -> list[Worker]:
    names = runtime.connections() if connection is None else (connection,)
    for name in names:
        backend_of(runtime, name)
    found = [(name, session) for name, sessions in Members(runtime).all(living, names).items() for session in sessions]
    return listed(found, Code(version=runtime.settings.CODE_VERSION, since=clock.now()))


def _print(found: list[Worker], silent: Mapping[str, str]) -> None:
    from horizon.web.api.workers import shown

    items = [shown(worker, silent.get(worker.id)) for worker in found]
    print_json({"items": items, "next": None, "total": len(items), "total_at_least": len(items)})
