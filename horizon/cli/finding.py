"""What people keep to find jobs by: `tags`, `tags watch`, `tags stop`, `views`, `views remove`."""

from __future__ import annotations

from typing import Any

import click

from horizon.cli import apps, options
from horizon.cli.output import Column, confirm, escaped, table
from horizon.cli.output import as_json as print_json
from horizon.control.acting import backend_of
from horizon.control.views import ViewControl
from horizon.control.watching import WatchControl
from horizon.core.states import JobState
from horizon.monitor.tags import WatchedTag, watched_tags

WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING, JobState.BLOCKED)
TAGS = (
    Column(title="tag"), Column(title="waiting", right=True), Column(title="running", right=True), Column(title="completed", right=True),
    Column(title="failed", right=True), Column(title="in all", right=True), Column(title="watched by"),
)  # fmt: skip
VIEWS = (Column(title="id"), Column(title="view"), Column(title="list"), Column(title="shows"), Column(title="of"), Column(title="shared"))


@click.group(invoke_without_command=True)
@options.connection
@options.as_json
@click.pass_context
def tags(ctx: click.Context, connection: str | None, as_json: bool) -> None:
    """List watched tags: how many jobs carry each, by state."""
    if ctx.invoked_subcommand is not None:
        return
    runtime = apps.runtime()
    store, watched = backend_of(runtime, connection), WatchControl(runtime).list()
    rows = watched_tags(watched, store.tags.counts([one.tag for one in watched], store.now()))
    if as_json:
        from horizon.web.api.monitoring import shape

        _print([shape(row) for row in rows])
        return
    table(TAGS, [_tag(row) for row in rows], empty="No tag is watched; `horizon tags watch TAG` watches one.")


@tags.command()
@click.argument("tag")
def watch(tag: str) -> None:
    """Count the jobs of a tag from now on, here and on the page Monitoring."""
    new = WatchControl(apps.runtime()).watch(apps.actor(), tag)
    click.echo(f"Watching {escaped(tag)}." if new else f"{escaped(tag)} is watched already.")


@tags.command()
@click.argument("tag")
def stop(tag: str) -> None:
    """Count them no longer; the jobs stay as they are."""
    WatchControl(apps.runtime()).stop(apps.actor(), tag)
    click.echo(f"{escaped(tag)} is not watched any more.")


@click.group(invoke_without_command=True)
@options.as_json
@click.pass_context
def views(ctx: click.Context, as_json: bool) -> None:
    """List saved views: those that are shared, and those of this account."""
    if ctx.invoked_subcommand is not None:
        return
    found = ViewControl(apps.runtime()).seen_by(apps.actor())
    if as_json:
        from horizon.web.api.views import view as shape

        _print([shape(one) for one in found])
        return
    rows = [[one.id, one.name, one.page, one.query or "everything", one.owner, "yes" if one.shared else "no"] for one in found]
    table(VIEWS, rows, empty="No view is saved; the dashboard saves what a list shows.")


@views.command()
@click.argument("id")
@options.yes
def remove(id: str, yes: bool) -> None:
    """Forget a saved view, whoever saved it."""
    control, actor = ViewControl(apps.runtime()), apps.actor()
    found = control.get(actor, id)
    confirm(f"Remove the view {escaped(found.name)} of {escaped(found.owner)}?", yes)
    control.remove(actor, id)
    click.echo(f"Removed the view {escaped(found.name)}.")


def _tag(row: WatchedTag) -> list[str]:
    count, more = row.count, "" if row.count.whole else "+"
    told = [
        sum(count.states.get(state, 0) for state in WAITING),
        *(count.states.get(JobState(one), 0) for one in ("processing", "completed", "failed")),
    ]
    return [row.watched.tag, *(f"{n:,}{more}" for n in (*told, count.total)), row.watched.by]


def _print(items: list[Any]) -> None:
    print_json({"items": items, "next": None, "total": len(items), "total_at_least": len(items)})
