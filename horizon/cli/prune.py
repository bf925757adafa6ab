"""Cleaning up by hand: `prune`."""

from __future__ import annotations

import click

from horizon.backends.values import Acted, ActParams, Operation, Verb
from horizon.cli import apps, options
from horizon.cli.acting import tell, tell_operation
from horizon.cli.output import confirm
from horizon.control.acting import backend_of
from horizon.control.jobs import JobControl
from horizon.core.clock import DAY
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState


@click.command()
@click.option("--failed", is_flag=True, help="Jobs that failed for good, dead letters among them; so it is where nothing is named.")
@click.option("--completed", is_flag=True, help="Jobs that completed.")
@click.option("--cancelled", is_flag=True, help="Jobs that were cancelled.")
@click.option("--days", type=click.FloatRange(0, 3_650), default=7.0, show_default=True, help="Only those that ended longer ago.")
@options.queue
@options.connection
@options.yes
@options.as_json
def prune(
    failed: bool, completed: bool, cancelled: bool, days: float, queue: str | None, connection: str | None, yes: bool, as_json: bool
) -> None:
    """Remove jobs that ended long ago. The store does so by itself after HORIZON_KEEP_FAILED and its like; this is for sooner."""
    named = {JobState.FAILED: failed, JobState.COMPLETED: completed, JobState.CANCELLED: cancelled}
    states = [state for state, wanted in named.items() if wanted] or [JobState.FAILED]
    runtime = apps.runtime()
    before = backend_of(runtime, connection).now() - round(days * DAY)
    confirm(f"Remove every {' and '.join(state.value for state in states)} job that ended more than {days:g} days ago?", yes)
    reason = f"ended more than {days:g} days ago"
    said = [
        JobControl(runtime).act(
            apps.actor(), Verb.FORGET, Selection(query=JobQuery(states=(state,), queue=queue, before=before)), ActParams(reason=reason), connection
        )
        for state in states
    ]  # fmt: skip
    for one in said:
        if isinstance(one, Operation):
            tell_operation(one, as_json)
    acted = [one for one in said if isinstance(one, Acted)]
    if acted:
        whole = Acted(done=tuple(id for one in acted for id in one.done), skipped=tuple(pair for one in acted for pair in one.skipped))
        tell("prune", whole, "Removed", as_json)
