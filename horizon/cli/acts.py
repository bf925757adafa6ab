"""Acting on jobs: `retry`, `run-now`, `reschedule`, `cancel`, `prioritize`, `forget`, `flush`, `restore`."""

from __future__ import annotations

import click

from horizon.backends.values import ActParams, Verb
from horizon.cli import acting, apps, options, previewing
from horizon.cli.moments import moment
from horizon.cli.output import confirm
from horizon.control import pacing
from horizon.control.acting import backend_of
from horizon.core.states import LIVE, TERMINAL, JobState, Priority


@click.command()
@acting.ids
@acting.search_option
@options.queue
@options.care
@options.dry_run
@options.connection
@options.yes
@options.as_json
def retry(
    id: tuple[str, ...], search: str | None, queue: str | None, pace: str | None, canary: str | None, stop_when_failing: str | None,
    dry_run: bool, connection: str | None, yes: bool, as_json: bool,
) -> None:  # fmt: skip  # `yes` is taken so that scripts may say it to every verb
    """Run ended jobs again: same id, history kept. `all`: every job that failed for good, dead letters among them."""
    target, states = acting.target(id, search, queue, connection), (JobState.FAILED,)
    care = pacing.care(pace, canary, stop_when_failing)
    if dry_run:
        previewing.tell(Verb.RETRY, target, states, as_json, care)
    else:
        acting.do(Verb.RETRY, target, states, ActParams(), "Retried", as_json, care)


@click.command("run-now")
@acting.ids
@acting.search_option
@options.queue
@options.care
@options.dry_run
@options.connection
@options.yes
@options.as_json
def run_now(
    id: tuple[str, ...], search: str | None, queue: str | None, pace: str | None, canary: str | None, stop_when_failing: str | None,
    dry_run: bool, connection: str | None, yes: bool, as_json: bool,
) -> None:  # fmt: skip  # `yes`: as for `retry`
    """Let jobs that wait for their time run at once. `all`: every scheduled or retrying job."""
    target, states = acting.target(id, search, queue, connection), (JobState.SCHEDULED, JobState.RETRYING)
    care = pacing.care(pace, canary, stop_when_failing)
    if dry_run:
        previewing.tell(Verb.RUN_NOW, target, states, as_json, care)
    else:
        acting.do(Verb.RUN_NOW, target, states, ActParams(), "Let run", as_json, care)


@click.command()
@acting.ids
@click.option("--at", metavar="TIME", required=True, help="15m, 2h, 14:30, 2031-01-01T08:00 (of this machine), or with a zone.")
@acting.search_option
@options.queue
@options.connection
@options.as_json
def reschedule(id: tuple[str, ...], at: str, search: str | None, queue: str | None, connection: str | None, as_json: bool) -> None:
    """Let jobs that have not started wait until a time. `all`: every pending, scheduled or retrying job."""
    target = acting.target(id, search, queue, connection)
    params = ActParams(at=moment(at, backend_of(apps.runtime(), connection).now()))
    states = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING)
    acting.do(Verb.RESCHEDULE, target, states, params, "Rescheduled", as_json)


@click.command()
@acting.ids
@acting.search_option
@options.queue
@options.connection
@click.option("--reason", metavar="TEXT", help="Kept with the job.")
@options.dry_run
@options.yes
@options.as_json
def cancel(
    id: tuple[str, ...], search: str | None, queue: str | None, connection: str | None, reason: str | None, dry_run: bool, yes: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Cancel jobs that have not ended; a running one is asked to stop. `all`: every one of them."""
    target = acting.target(id, search, queue, connection)
    states = acting.ordered(LIVE)
    if dry_run:
        previewing.tell(Verb.CANCEL, target, states, as_json)
        return
    confirm(acting.question("Cancel", target, states), yes)
    acting.do(Verb.CANCEL, target, states, ActParams(reason=reason), "Cancelled", as_json)


@click.command()
@acting.ids
@click.option("--priority", "-p", default="high", show_default=True, metavar="N", help="-100 to 100, or low, normal, high, critical.")
@acting.search_option
@options.queue
@options.connection
@options.as_json
def prioritize(id: tuple[str, ...], priority: str, search: str | None, queue: str | None, connection: str | None, as_json: bool) -> None:
    """Let jobs that have not started go before others, or after them."""
    params = ActParams(priority=_priority(priority))
    acting.do(Verb.PRIORITIZE, acting.target(id, search, queue, connection), acting.WAITING, params, "Prioritized", as_json)


@click.command()
@acting.ids
@acting.search_option
@options.queue
@options.connection
@click.option("--reason", metavar="TEXT", help="Kept with the audit entry.")
@options.dry_run
@options.yes
@options.as_json
def forget(
    id: tuple[str, ...], search: str | None, queue: str | None, connection: str | None, reason: str | None, dry_run: bool, yes: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Remove jobs from sight; one that has not ended is cancelled first. `all`: every job that has ended."""
    target = acting.target(id, search, queue, connection)
    states = acting.ordered(TERMINAL)
    if dry_run:
        previewing.tell(Verb.FORGET, target, states, as_json)
        return
    confirm(acting.question("Forget", target, states), yes)
    acting.do(Verb.FORGET, target, states, ActParams(reason=reason), "Forgot", as_json)


@click.command()
@options.queue
@options.connection
@click.option("--reason", metavar="TEXT", help="Kept with the audit entry.")
@options.dry_run
@options.yes
@options.as_json
def flush(queue: str | None, connection: str | None, reason: str | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Forget every failed job, or those of one queue. `horizon restore ID` brings one back while HORIZON_UNDO lasts."""
    target = acting.target((acting.ALL,), None, queue, connection)
    states = (JobState.FAILED,)
    if dry_run:
        previewing.tell(Verb.FORGET, target, states, as_json)
        return
    confirm(acting.question("Forget", target, states), yes)
    acting.do(Verb.FORGET, target, states, ActParams(reason=reason), "Forgot", as_json)


@click.command()
@acting.ids
@acting.search_option
@options.queue
@options.connection
@options.yes
@options.as_json
def uncancel(
    id: tuple[str, ...], search: str | None, queue: str | None, connection: str | None, yes: bool, as_json: bool
) -> None:  # `yes`: as for `retry`
    """Put cancelled jobs back to where they waited, with their time and the tries they had. `all`: every cancelled job."""
    target = acting.target(id, search, queue, connection)
    acting.put_back(target, as_json)


@click.command()
@acting.ids
@options.connection
@options.yes
@options.as_json
def restore(id: tuple[str, ...], connection: str | None, yes: bool, as_json: bool) -> None:  # `yes`: as for `retry`
    """Bring forgotten jobs back, as they were, while HORIZON_UNDO lasts."""
    target = acting.target(id, None, None, connection)
    if target.everything:
        raise click.UsageError("restore takes ids; `horizon show ID` still finds a forgotten job")
    acting.do(Verb.RESTORE, target, (), ActParams(), "Restored", as_json)


def _priority(text: str) -> int:
    named = {member.name.lower(): int(member) for member in Priority}
    try:
        return named[text.lower()] if text.lower() in named else int(text)
    except ValueError:
        raise click.BadParameter(f"expected a whole number or one of {', '.join(named)}, got {text[:40]!r}") from None
