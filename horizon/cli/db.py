"""The tables of a store: `db upgrade`, `db current`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from horizon.backends.connect import scheme_of
from horizon.backends.database import migrate
from horizon.backends.database.dialects import NAMES
from horizon.cli import apps, options
from horizon.cli.output import as_json
from horizon.core.errors import NotFound
from horizon.runtime import Runtime


@click.group()
def db() -> None:
    """The tables: bring them up to date, or see how they stand."""


@db.command()
@options.connection
def upgrade(connection: str | None) -> None:
    """Make the tables, or bring them up to this version. Harmless to repeat."""
    for name, url in _stores(apps.runtime(), connection):
        if not _has_tables(url):
            click.echo(f"{name}: nothing to do, this kind of store has no tables.")
            continue
        before = migrate.upgrade(url)
        done = f"is at version {before.head} already" if before.fits else f"went from {before.current or 'no tables'} to {before.head}"
        click.echo(f"{name}: {done}.")


@db.command()
@options.connection
@options.as_json
def current(connection: str | None, as_json: bool) -> None:
    """Which version the tables have. Exits with 1 where they do not fit this version of Horizon."""
    found = {name: migrate.check(url) if _has_tables(url) else None for name, url in _stores(apps.runtime(), connection)}
    if as_json:
        _print({name: schema and {"current": schema.current, "head": schema.head, "fits": schema.fits} for name, schema in found.items()})
    else:
        for name, schema in found.items():
            click.echo(f"{name}: " + ("no tables needed" if schema is None else _told(schema)))
    if any(schema is not None and not schema.fits for schema in found.values()):
        raise SystemExit(1)


def _told(schema: migrate.Schema) -> str:
    if schema.fits:
        return f"{schema.current}, as it should be"
    if schema.newer:
        return f"{schema.current}, made by a newer Horizon than this one, which knows {schema.head}"
    return f"{schema.current or 'no tables yet'}; {schema.head} is wanted: horizon db upgrade"


def _stores(runtime: Runtime, connection: str | None) -> Iterator[tuple[str, str]]:
    names = runtime.connections()
    if connection is not None and connection not in names:
        raise NotFound(f"there is no connection {connection!r}; there are: {', '.join(names)}")
    for name in names if connection is None else (connection,):
        yield name, runtime.url(name)


def _has_tables(url: str) -> bool:
    return scheme_of(url) in NAMES


def _print(value: object) -> None:
    as_json(value)
