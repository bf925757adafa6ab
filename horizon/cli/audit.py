"""Who did what: `audit list`, `audit verify`."""

from __future__ import annotations

from datetime import UTC

import click

from horizon.backends.audit import Audit
from horizon.cli import apps, options
from horizon.cli.output import Column, escaped, table
from horizon.cli.output import as_json as print_json
from horizon.control.acting import backend_of
from horizon.control.audit import AuditControl
from horizon.core.audit import AuditEntry
from horizon.monitor.chain import Checked
from horizon.web import audit as seen
from horizon.web import words

COLUMNS = (
    Column(title="at"), Column(title="who"), Column(title="did"), Column(title="jobs", right=True), Column(title="from"), Column(title="to what"),
)  # fmt: skip


@click.group()
def audit() -> None:
    """Who did what to what, and whether the log of it is whole."""


@audit.command("list")
@click.option("--actor", metavar="NAME", help="By this person or program.")
@click.option("--verb", metavar="WORD", help="Who did this, such as retry.")
@click.option("--target", metavar="TEXT", help="Part of the target or of the detail.")
@click.option("--after", metavar="WHEN", help="Since then: 1h, 14:03, yesterday, 2026-11-22.")
@click.option("--before", metavar="WHEN", help="Before then.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many at the most.")
@options.connection
@options.as_json
def list_entries(
    actor: str | None, verb: str | None, target: str | None, after: str | None, before: str | None, limit: int, connection: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """List entries, the newest first."""
    store = backend_of(apps.runtime(), connection)
    given = {"actor": actor, "verb": verb, "q": target, "after": after, "before": before, "limit": str(limit)}
    query = seen.understand({name: value for name, value in given.items() if value}, now=store.now()).query
    log: Audit = store.audit
    entries = log.find(query).items
    if as_json:
        print_json({"items": [seen.shown(entry) for entry in entries]})
        return
    table(COLUMNS, [_row(entry) for entry in entries], empty="Nobody has done anything like that.")


def _row(entry: AuditEntry) -> list[str]:
    told = f"{entry.target}: {entry.detail}" if entry.detail else entry.target
    return [words.exact(entry.at, UTC), entry.actor, entry.verb, f"{entry.count:,}", entry.origin or words.DASH, told]


@audit.command()
@click.option(
    "--expect",
    metavar="HASH",
    help="A hash that an earlier check printed, kept where nobody of here can write: it has to be in the log still.",
)
@options.connection
@options.as_json
def verify(expect: str | None, connection: str | None, as_json: bool) -> None:
    """Look at every entry: is it what was written then, and is none missing? Exits with 1 where not, and names the first."""
    found = AuditControl(apps.runtime()).verify(apps.actor(), connection, expect=expect)
    if as_json:
        print_json({"items": [seen.shown_check(one) for one in found]})
    else:
        for one in found:
            _tell(one)
    if not all(one.holds for one in found):
        click.get_current_context().exit(1)


def _tell(one: Checked) -> None:
    of = f"Connection {escaped(one.connection)}:"
    if one.fault is not None:
        click.secho(f"{of} the log does not hold at number {one.fault.link:,}: {one.fault.reason}.", fg="red")
        if one.fault.entry is not None:
            click.echo(f"    it now says: {escaped('  '.join(_row(one.fault.entry)))}")
        click.echo(f"    {words.plural(one.checked, 'entry', 'entries')} before it fit.")
        return
    since = f" from number {one.anchor.link + 1:,} on" if one.anchor.link else ""
    click.echo(
        f"{of} {words.plural(one.checked, 'entry', 'entries')}{since}, each as it was written. The last is number {one.head.link:,}, hash"
    )
    click.echo(f"    {one.head.hash}")
    if one.expected is None:
        return
    if one.found is None:
        click.secho("    The hash that was expected is nowhere in it: the log was written anew, or has been trimmed since.", fg="red")
    else:
        click.echo(f"    The hash that was expected is that of number {one.found:,}.")
