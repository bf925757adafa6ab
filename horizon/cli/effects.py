"""Effects that do not take place twice: `effects show`, `effects forget`."""

from __future__ import annotations

from datetime import UTC

import click

from horizon.cli import apps, options
from horizon.cli.output import as_json as print_json
from horizon.cli.output import confirm, escaped
from horizon.control.effects import EffectControl
from horizon.core.clock import iso
from horizon.core.errors import NotFound
from horizon.web import words

whole = click.option("--job", metavar="NAME", help="Of whole jobs of this stored name, which were given the key as their idempotency key.")


@click.group()
def effects() -> None:
    """Effects that shall not take place twice, by their keys."""


@effects.command()
@click.argument("key")
@whole
@options.connection
@options.as_json
def show(key: str, job: str | None, connection: str | None, as_json: bool) -> None:
    """Say when the effect of KEY took place, and in which job. Exits with 1 where it has not."""
    found = EffectControl(apps.runtime(), connection).find(apps.actor(), key, job)
    if found is None:
        raise NotFound(f"no effect {key[:200]!r} is known{_of(job)}: it has not taken place, or its time (HORIZON_KEEP_EFFECTS) is over")
    if as_json:
        print_json({"key": key, "job": job, "job_id": found.job_id, "at": iso(found.at)})
        return
    click.echo(f"{escaped(key)} took effect {words.exact(found.at, UTC)}, in job {found.job_id}.")


@effects.command()
@click.argument("key")
@whole
@options.connection
@options.yes
def forget(key: str, job: str | None, connection: str | None, yes: bool) -> None:
    """Let the effect of KEY take place again: the next job that names it does it anew."""
    control = EffectControl(apps.runtime(), connection)
    confirm(f"Let {escaped(key)} take place again?", yes)
    if not control.forget(apps.actor(), key, job):
        raise NotFound(f"no effect {key[:200]!r} is known{_of(job)}, so there is nothing to forget")
    click.echo(f"Forgotten: {escaped(key)} can take place again.")


def _of(job: str | None) -> str:
    return "" if job is None else f" of {job[:200]!r}"
