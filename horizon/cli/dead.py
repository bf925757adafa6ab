"""Dead letters: `dead list`, `dead requeue`, `dead purge`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from horizon.backends.values import Acted, Operation
from horizon.cli import apps, jobs, options
from horizon.cli.acting import tell, tell_operation
from horizon.cli.output import Column, confirm, table
from horizon.cli.output import as_json as print_json
from horizon.control import pacing
from horizon.control.dead import DeadControl, DeadLetters, of
from horizon.control.pacing import Care
from horizon.core.dead import own
from horizon.core.states import JobState
from horizon.runtime import Runtime
from horizon.web.words import number, plural

QUEUES = (Column(title="queue"), Column(title="connection"), Column(title="dead letters", right=True))
QUEUE = click.argument("queue", required=False, metavar="[QUEUE]")


@click.group()
def dead() -> None:
    """Jobs that failed for good so often that their queue set them aside: look, run again, remove."""


@dead.command(name="list")
@QUEUE
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many at the most.")
@click.option("--cursor", metavar="TEXT", help="Go on where the list before ended.")
@options.connection
@options.as_json
def list_(queue: str | None, limit: int, cursor: str | None, connection: str | None, as_json: bool) -> None:
    """List the queues that have dead letters; of one queue, the dead letters themselves, the latest first."""
    if queue is None:
        _tell_queues(DeadControl(apps.runtime()).queues(connection), as_json)
        return
    DeadControl(apps.runtime()).check(queue, connection)
    asked = {"queue": of(queue).queue, "state": JobState.FAILED.value}
    jobs.listed(asked, limit=limit, cursor=cursor, connection=connection, as_json=as_json)


@dead.command()
@QUEUE
@options.care
@options.connection
@options.yes
@options.as_json
def requeue(
    queue: str | None, pace: str | None, canary: str | None, stop_when_failing: str | None, connection: str | None, yes: bool, as_json: bool
) -> None:
    """Run the dead letters of a queue (left out: of every queue) again, each on its own queue, in a new round."""
    care, runtime = pacing.care(pace, canary, stop_when_failing), apps.runtime()
    _act(runtime, queue, connection, as_json, "requeue", "Requeued", lambda one: _requeue(runtime, one, care), "Requeue", yes)


@dead.command()
@QUEUE
@options.connection
@options.yes
@options.as_json
def purge(queue: str | None, connection: str | None, yes: bool, as_json: bool) -> None:
    """Remove the dead letters of a queue (left out: of every queue); `horizon restore` brings them back for a while."""
    runtime = apps.runtime()
    _act(runtime, queue, connection, as_json, "purge", "Removed", lambda one: _purge(runtime, one), "Remove", yes)


def _requeue(runtime: Runtime, one: DeadLetters, care: Care | None) -> Acted | Operation:
    return DeadControl(runtime).requeue(apps.actor(), one.queue, connection=one.connection, pace=care)


def _purge(runtime: Runtime, one: DeadLetters) -> Acted | Operation:
    return DeadControl(runtime).purge(apps.actor(), one.queue, connection=one.connection)


def _act(
    runtime: Runtime, queue: str | None, connection: str | None, as_json: bool, verb: str, done: str,
    do: Callable[[DeadLetters], Acted | Operation], asks: str, yes: bool,
) -> None:  # fmt: skip
    """Do it to each queue that has some, after a question with their number."""
    wanted = None if queue is None else own(queue)
    if wanted is not None:
        DeadControl(runtime).check(wanted, connection)
    found = [one for one in DeadControl(runtime).queues(connection) if wanted in (None, one.queue)]
    count = sum(one.count for one in found)
    if found:
        confirm(f"{asks} {plural(count, 'dead letter')}{f' of {wanted}' if wanted else ''}?", yes)
    said = [do(one) for one in found]
    for one in said:
        if isinstance(one, Operation):
            tell_operation(one, as_json)
    acted = [one for one in said if isinstance(one, Acted)]
    if acted or not said:
        told = Acted(done=tuple(id for one in acted for id in one.done), skipped=tuple(pair for one in acted for pair in one.skipped))
        tell(verb, told, done, as_json)


def _tell_queues(found: Sequence[DeadLetters], as_json: bool) -> None:
    if as_json:
        from horizon.web.api import dead as api

        print_json(api.listed(found))
        return
    rows = [[one.queue, one.connection, number(one.count)] for one in found]
    table(QUEUES, rows, empty="There are no dead letters. A queue sets aside what fails too often where define_queue says dead_after.")
