"""Alerts: `alerts list|ack|snooze|resolve`."""

from __future__ import annotations

from datetime import UTC

import click

from horizon.cli import apps, options
from horizon.cli.moments import moment
from horizon.cli.output import Column, escaped, table
from horizon.cli.output import as_json as print_json
from horizon.control.alerts import AlertControl
from horizon.core.alert import Alert, Severity
from horizon.core.clock import Micros
from horizon.monitor import alerts as seen
from horizon.web import words
from horizon.web.api.alerts import alert as shape

COLUMNS = (
    Column(title="id"), Column(title="severity"), Column(title="state"), Column(title="first seen", right=True), Column(title="times", right=True),
    Column(title="what"),
)  # fmt: skip
_id = click.argument("id")
_note = click.option("--note", metavar="TEXT", help="A word for whoever comes next; it is kept with the alert and in the audit log.")


@click.group(invoke_without_command=True)
@click.pass_context
def alerts(ctx: click.Context) -> None:
    """What somebody should know of: list, acknowledge, snooze, resolve."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@alerts.command(name="list")
@click.option("--past", is_flag=True, help="Those that are over, the latest first.")
@click.option("--severity", type=click.Choice([severity.value for severity in Severity]), help="Only of this one.")
@options.as_json
def list_(past: bool, severity: str | None, as_json: bool) -> None:
    """List what is active, the gravest first."""
    store = apps.runtime().backend()
    found, now = (seen.past(store) if past else seen.active(store)), store.now()
    found = [one for one in found if severity in (None, one.severity)]
    if as_json:
        print_json({"items": [shape(one, now) for one in found], "next": None, "total": len(found), "total_at_least": len(found)})
        return
    table(COLUMNS, [_row(one, now) for one in found], empty="Nothing has been over yet." if past else "Nothing calls for you.")


def _row(one: Alert, now: Micros) -> list[str]:
    told = f"{one.title}: {one.todo}" if one.todo else one.title
    return [one.id, one.severity, one.state(now), words.past(one.first_at, now), f"{one.count:,}", told]


@alerts.command()
@_id
@_note
def ack(id: str, note: str | None) -> None:
    """Acknowledge an alert: somebody sees to it."""
    _say("Acknowledged", AlertControl(apps.runtime()).acknowledge(apps.actor(), id, note=note))


@alerts.command()
@_id
@click.option("--until", metavar="WHEN", default="1h", show_default=True, help="15m, 2h, 14:30 or 2031-01-01T08:00.")
@_note
def snooze(id: str, until: str, note: str | None) -> None:
    """Hear nothing of an alert for a while."""
    runtime = apps.runtime()
    at = moment(until, runtime.backend().now())
    _say(f"Snoozed until {words.exact(at, UTC)}", AlertControl(runtime).snooze(apps.actor(), id, at, note=note))


@alerts.command()
@_id
@_note
def resolve(id: str, note: str | None) -> None:
    """Say that an alert is over. Should its condition still hold, it comes up again."""
    _say("Resolved", AlertControl(apps.runtime()).resolve(apps.actor(), id, note=note))


def _say(what: str, one: Alert) -> None:
    click.echo(f"{what}: {escaped(one.title)}")
