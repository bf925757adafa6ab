"""Keys that encrypt and sign jobs: `keys generate`, `check`, `rotate`. No key is ever printed but a new one."""

from __future__ import annotations

import click

from horizon.cli import apps, options
from horizon.cli.output import Column, escaped, table
from horizon.cli.output import as_json as print_json
from horizon.monitor.keys import KeyReport, KeyUse, look
from horizon.runtime import Runtime
from horizon.security import keys as making
from horizon.web.words import plural

COLUMNS = (
    Column(title="connection"), Column(title="key"), Column(title="is"), Column(title="to run", right=True), Column(title="ended", right=True),
)  # fmt: skip
STEPS = """\
A key is replaced in three steps, so that no process ever meets one that it does not have:
  1. horizon keys generate; add it at the END of HORIZON_KEYS everywhere, and restart web and workers.
  2. Move it to the FRONT everywhere, and restart them: from now on it encrypts and signs.
  3. Drop the old one when this command says so, and restart them."""


@click.group()
def keys() -> None:
    """Keys that encrypt and sign jobs (HORIZON_KEYS)."""


@keys.command()
def generate() -> None:
    """Print a new key, alone on one line. It needs no app, and keeps the key nowhere."""
    click.echo(making.generate())


@keys.command()
@options.as_json
def check(as_json: bool) -> None:
    """Say which keys stored jobs need, and whether everything that waits can be read here. Exits with 1 where it cannot.

    It looks at up to 5,000 waiting jobs of each connection and at some 500 others; keys are named by their fingerprints.
    """
    runtime = apps.runtime()
    found = _looked(runtime)
    if as_json:
        print_json({"keys": list(runtime.keyring.fingerprints), "connections": {name: _shape(report) for name, report in found.items()}})
    else:
        _told(runtime, found)
    if any(report.unreadable for report in found.values()):
        raise SystemExit(1)


@keys.command()
def rotate() -> None:
    """Say how a key is replaced, and which of the old ones may be dropped now. Exits with 1 while one is still needed.

    Stored jobs are never encrypted anew: a payload is written once, and what waits is read with the key it has.
    """
    runtime = apps.runtime()
    click.echo(STEPS)
    old = runtime.keyring.fingerprints[1:]
    if not old:
        click.echo(f"\nThere is {'one key, so nothing to drop' if runtime.keyring else 'no key yet'}.")
        return
    found = _looked(runtime)
    click.echo()
    needed = [one for one in old if _say(one, found)]
    if needed:
        raise SystemExit(1)


def _looked(runtime: Runtime) -> dict[str, KeyReport]:
    return {name: look(runtime.backend(name), runtime.keyring) for name in runtime.connections()}


def _say(fingerprint: str, found: dict[str, KeyReport]) -> bool:
    """Tell whether an old key may go; answers whether it is still needed."""
    uses = [use for report in found.values() for use in report.uses if use.fingerprint == fingerprint]
    waiting, ended = sum(use.waiting for use in uses), sum(use.ended for use in uses)
    if waiting:
        click.echo(f"{fingerprint}  keep it: {plural(waiting, 'job')} yet to run {'needs' if waiting == 1 else 'need'} it.")
        return True
    if not all(report.whole for report in found.values()):
        click.echo(f"{fingerprint}  keep it: more jobs wait than were looked at, and one of them may need it.")
        return True
    rest = f" {plural(ended, 'ended job')} looked at could be neither revealed nor retried without it." if ended else ""
    click.echo(f"{fingerprint}  may be dropped: nothing that is yet to run needs it.{rest}")
    return False


def _told(runtime: Runtime, found: dict[str, KeyReport]) -> None:
    rows = [_row(name, use) for name, report in found.items() for use in report.uses]
    table(COLUMNS, rows, empty="No key is set, and no stored job needs one: horizon keys generate")
    for name, report in found.items():
        if report.unsigned and runtime.keyring:
            click.echo(f"{name}: {plural(report.unsigned, 'job')} yet to run without a signature.")
        if not report.whole:
            click.echo(f"{name}: more jobs wait than the {report.looked_at:,} that were looked at.")
        for id, why in report.unreadable:
            click.secho(f"{name}: {id} would fail here: {escaped(why)}", fg="red")


def _row(connection: str, use: KeyUse) -> tuple[str, ...]:
    what = "newest" if use.newest else "here" if use.here else "NOT HERE"
    return (connection, use.fingerprint, what, f"{use.waiting:,}", f"{use.ended:,}")


def _shape(report: KeyReport) -> dict[str, object]:
    return {
        "keys": [
            {"key": use.fingerprint, "here": use.here, "newest": use.newest, "waiting": use.waiting, "ended": use.ended}
            for use in report.uses
        ],
        "unsigned": report.unsigned,
        "unreadable": [{"id": id, "reason": why} for id, why in report.unreadable],
        "looked_at": report.looked_at,
        "whole": report.whole,
    }
