"""Why a job stands as it does: `why`."""

from __future__ import annotations

import click

from horizon.cli import apps, jobs, options
from horizon.cli.output import as_json as print_json
from horizon.cli.output import escaped
from horizon.control.acting import backend_of
from horizon.monitor.stats import Stats
from horizon.monitor.why.asking import why as reasons
from horizon.monitor.why.facts import Mark
from horizon.web import sight
from horizon.web.text import short_name

SIGNS = {Mark.OK: ("ok", "green"), Mark.WAITS: ("waits", "yellow"), Mark.WRONG: ("wrong", "red"), Mark.UNKNOWN: ("?", "white")}


@click.command()
@click.argument("id")
@options.as_json
def why(id: str, as_json: bool) -> None:
    """Say why a job does not run yet; of one that has ended why it ended so, why it ran twice, where the time went."""
    from horizon.web.api import causes as api

    runtime = apps.runtime()
    record = jobs.find(runtime, id)
    seen = sight.sight(record.name, apps.actor(), runtime.settings.REDACT).record(record)
    now = backend_of(runtime, record.connection).now()
    points = reasons(runtime, Stats(runtime).overview(), seen, now)
    if as_json:
        print_json({"id": record.id, "state": record.state.value, "points": [api.point(one, now) for one in points]})
        return
    click.echo(f"{escaped(short_name(record.name))} {record.id} is {record.state.value}.")
    for one in points:
        sign, colour = SIGNS[one.mark]
        click.echo(
            f"  {click.style(f'{sign:>5}', fg=colour)}  {escaped(api.said_of(one, now))}" + (f"  {one.command}" if one.command else "")
        )
