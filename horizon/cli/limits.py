"""What holds jobs back: `limits`, `circuits`, `circuits close`."""

from __future__ import annotations

from typing import Any

import click

from horizon.cli import apps, options
from horizon.cli.output import Column, escaped, table
from horizon.cli.output import as_json as print_json
from horizon.control.acting import backend_of
from horizon.control.circuits import CircuitControl
from horizon.core.clock import Micros
from horizon.monitor import limits as seen
from horizon.monitor.limits import CircuitFigures, LimitFigures
from horizon.web import words

LIMITS = (
    Column(title="limit"), Column(title="allows"), Column(title="used", right=True), Column(title="running", right=True),
    Column(title="waiting", right=True), Column(title="opens", right=True), Column(title="connection"),
)  # fmt: skip
CIRCUITS = (
    Column(title="service"), Column(title="state", coloured=True), Column(title="open for", right=True), Column(title="next try", right=True),
    Column(title="opens after"), Column(title="connection"),
)  # fmt: skip


@click.command()
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many at the most.")
@options.connection
@options.as_json
def limits(limit: int, connection: str | None, as_json: bool) -> None:
    """List limits: what is used of each, how many jobs wait for it, when it opens."""
    runtime = apps.runtime()
    now = backend_of(runtime, connection).now()
    found = seen.limits(runtime, connection, limit)[:limit]
    if as_json:
        from horizon.web.api.limits import limit as shape

        _print([shape(one) for one in found])
        return
    table(LIMITS, [_limit(one, now) for one in found], empty="No job carries a limit, or none has counted for a while.")


def _limit(of: LimitFigures, now: Micros) -> list[str]:
    record = of.limit
    opens = words.DASH if record.opens_at is None or record.opens_at <= now else f"in {words.duration(record.opens_at - now)}"
    return [record.key, of.allows, f"{record.used:,}", f"{record.running:,}", f"{record.waiting:,}", opens, of.connection]


@click.group(invoke_without_command=True)
@options.connection
@options.as_json
@click.pass_context
def circuits(ctx: click.Context, connection: str | None, as_json: bool) -> None:
    """List circuits: services that jobs leave alone while they fail."""
    if ctx.invoked_subcommand is not None:
        return
    runtime = apps.runtime()
    now = backend_of(runtime, connection).now()
    found = seen.circuits(runtime, connection)
    if as_json:
        from horizon.web.api.limits import circuit as shape

        _print([shape(one) for one in found])
        return
    table(CIRCUITS, [_circuit(one, now) for one in found], empty="No job has run through a circuit breaker.")


@circuits.command()
@click.argument("service")
@options.connection
@options.as_json
def close(service: str, connection: str | None, as_json: bool) -> None:
    """Let jobs use a service again at once, where somebody knows that it works."""
    runtime = apps.runtime()
    record = CircuitControl(runtime).close(apps.actor(), service, connection=connection)
    if as_json:
        from horizon.web.api.limits import circuit as shape

        print_json(shape(CircuitFigures(connection=connection or runtime.default, record=record)))
    else:
        click.echo(f"Closed the circuit {escaped(service)}: jobs use it again; should they fail, it opens again.")


def _circuit(of: CircuitFigures, now: Micros) -> list[str]:
    record, circuit = of.record, of.record.circuit
    lasts = words.DASH if record.since is None else words.duration(now - record.since)
    after = f"{words.plural(circuit.fail_max, 'failure')} within {words.duration(circuit.within)}"
    return [circuit.service, record.state.value, lasts, _next_try(of, now), after, of.connection]


def _next_try(of: CircuitFigures, now: Micros) -> str:
    record = of.record
    if record.probe_at is not None:
        return f"in {words.duration(record.probe_at - now)}"
    return f"job {record.probe}" if record.probe else words.DASH


def _print(items: list[Any]) -> None:
    print_json({"items": items, "next": None, "total": len(items), "total_at_least": len(items)})
