"""The group of all verbs: `horizon VERB` and `flask horizon VERB` are the same object."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from typing import Any

import click
from flask.cli import NoAppException, ScriptInfo, load_dotenv

from horizon import __version__
from horizon.cli import (
    acts,
    alerts,
    audit,
    completion,
    config,
    db,
    dead,
    doctor,
    effects,
    failures,
    finding,
    groups,
    jobs,
    keys,
    limits,
    make,
    metrics,
    monitor,
    operations,
    prune,
    queues,
    schedules,
    serve,
    stacks,
    stats,
    tokens,
    top,
    users,
    why,
    workers,
)
from horizon.cli.noapp import NoAppFound, sentence
from horizon.cli.output import escaped
from horizon.cli.programs import become
from horizon.core.errors import HorizonError, InvalidInput

ALIASES = {
    "queue:work": "work",
    "queue:failed": "failed",
    "queue:retry": "retry",
    "queue:stats": "stats",
    "queue:monitor": "monitor",
    "queue:clear": "clear",
    "queue:flush": "flush",
    "queue:restart": "restart",
}
"""For people who come from artisan."""
LATER = {
    "supervise": "keeping workers alive, autoscaled; until then: horizon work --processes N, once for each group of queues",
    "backup": "backups; until then use those of your database or Redis",
    "bench": "benchmarks; until then: python -m benchmarks, in the repository",
    "load": "making load; until then: horizon demo, or python -m benchmarks, in the repository",
}
"""Verbs that are known and not there yet, and what to do meanwhile: a word that looks alike would only mislead."""


class Refused(click.ClickException):
    """An error raised on purpose, as one red line; wrong usage exits with 2, anything else with 1."""

    def __init__(self, error: HorizonError) -> None:
        super().__init__(str(error))
        self.exit_code = 2 if isinstance(error, InvalidInput) else 1  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        first, *more = self.message.split("\n")
        click.secho(f"Error: {escaped(first)}", fg="red", err=True)
        for line in more:
            click.echo(escaped(line), err=True)


class Verbs(click.Group):
    """Knows aliases and near misses, takes `--app` behind the verb too, and tells errors without a traceback."""

    aliases = ALIASES

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        for one in (cmd, *cmd.commands.values()) if isinstance(cmd, click.Group) else (cmd,):
            one.params.append(_app_option())
        super().add_command(cmd, name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, ALIASES.get(cmd_name, cmd_name))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None:
            if args[0] in LATER:
                raise click.UsageError(f"`horizon {args[0]}` comes with a later release: {LATER[args[0]]}", ctx)
            near = difflib.get_close_matches(args[0], [*self.list_commands(ctx), *ALIASES], 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(self.list_commands(ctx))}"
            raise click.UsageError(f"there is no verb {args[0][:80]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HorizonError as error:
            raise Refused(error) from error
        except NoAppException as error:
            raise NoAppFound(sentence(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every verb with its whole first sentence: half of one tells nobody what it does."""
        rows = [(name, verb.get_short_help_str(limit=1_000)) for name in self.list_commands(ctx) if (verb := self.get_command(ctx, name))]
        with formatter.section("Verbs"):
            formatter.write_dl(rows)


def _use_app(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.find_root().obj = ScriptInfo(app_import_path=value)
        ctx.obj = ctx.find_root().obj


def _app_option() -> click.Option:
    return click.Option(
        ["-A", "--app"],
        metavar="MODULE:NAME",
        expose_value=False,
        is_eager=True,
        callback=_use_app,
        help="Where the Flask app is. Left out: FLASK_APP, wsgi.py or app.py, as Flask finds it.",
    )


@click.group(
    cls=Verbs, name="horizon", params=[_app_option()], context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, message="Flask-Horizon %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Background jobs: run them, look at them, act on them."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False


_ARGUMENTS = click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
_AS_GIVEN: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": []}
"""A program of its own reads its options by itself, `--help` included."""


@click.command(context_settings=_AS_GIVEN)
@_ARGUMENTS
@click.pass_context
def work(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Run jobs: one worker (a guardian and its executors). `horizon work --help` lists its options."""
    info = ctx.find_object(ScriptInfo)
    path = info.app_import_path if info is not None else None
    become("work", [*(["--app", str(path)] if path else []), *arguments])


@click.command(context_settings=_AS_GIVEN)
@_ARGUMENTS
def demo(arguments: tuple[str, ...]) -> None:
    """All of it in one: a small shop with web, worker and traffic. `horizon demo --help` lists its options."""
    become("demo", arguments)


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"Flask-Horizon {__version__}")


for _command in (
    work, serve.serve, demo, stats.stats, stats.status, monitor.monitor, top.top, metrics.metrics, monitor.health,
    jobs.jobs, jobs.failed, jobs.show, why.why, failures.failures, finding.tags, finding.views, stacks.stack, acts.retry, dead.dead, acts.cancel,
    acts.run_now, acts.reschedule, acts.prioritize, acts.forget, acts.flush, acts.restore, acts.uncancel, prune.prune, queues.queues, queues.pause, queues.resume,
    queues.clear, queues.move, limits.limits, limits.circuits, groups.batches, groups.chains, groups.workflows, schedules.schedule, workers.workers, workers.restart, workers.terminate, workers.scale, operations.operations, alerts.alerts, audit.audit, doctor.doctor, db.db,
    effects.effects, config.config, make.make_job, users.users, tokens.tokens, keys.keys, completion.completion, version,
):  # fmt: skip
    cli.add_command(_command)


def run(words: Sequence[str]) -> None:
    """What the console command does for every verb but `work`."""
    os.environ["FLASK_RUN_FROM_CLI"] = "true"  # an `app.run()` at the end of the app's file does nothing then, as under flask
    load_dotenv()
    cli.main(args=list(words), prog_name="horizon")
