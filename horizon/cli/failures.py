"""Causes of failure: `failures list`, `show`, `resolve`, `snooze`, `mute`, `reopen`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

import click

from horizon.backends.values import Cause
from horizon.cli import apps, options
from horizon.cli.moments import moment
from horizon.cli.output import Column, escaped, pairs, table
from horizon.cli.output import as_json as print_json
from horizon.control.acting import backend_of
from horizon.control.causes import CauseControl
from horizon.core.clock import DAY, HOUR, Micros
from horizon.core.errors import NotFound
from horizon.monitor import cause as looking
from horizon.monitor import gathering
from horizon.monitor.cause import OneCause
from horizon.monitor.causes import FailureGroup
from horizon.monitor.triage import Act, CauseState, Said
from horizon.runtime import Runtime
from horizon.web import sight, words
from horizon.web.text import short_name

CAUSES = (
    Column(title="state", coloured=True), Column(title="jobs", right=True), Column(title="first", right=True), Column(title="last", right=True),
    Column(title="class"), Column(title="cause"), Column(title="message"),
)  # fmt: skip
RANGES = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
NOTE = click.option("--note", metavar="TEXT", help="What was found or done; kept with the cause and in the audit log.")
CAUSE = click.argument("cause")


@click.group()
def failures() -> None:
    """Why jobs fail: causes, how they stand, and what somebody makes of them."""


@failures.command(name="list")
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in CauseState), "open", "all"]),
    default="open",
    show_default=True,
    help="How they stand; open: to be looked at.",
)
@click.option(
    "--sort", type=click.Choice(list(gathering.SORTS)), default="count", show_default=True, help="Most frequent, latest, or begun last."
)
@click.option("--after", type=click.Choice(list(RANGES)), default="30d", show_default=True, help="How far back.")
@options.connection
@options.as_json
def list_(state: str, sort: str, after: str, connection: str | None, as_json: bool) -> None:
    """List causes of failure."""
    runtime = apps.runtime()
    backend = backend_of(runtime, connection)
    now = backend.now()
    rows = gathering.causes(runtime, backend, now - RANGES[after], now, seen=lambda found: _seen(found, runtime))
    shown = rows if state == "all" else gathering.by_state(rows, None if state == "open" else CauseState(state))
    ordered = sorted(shown, key=gathering.SORTS[sort])
    if as_json:
        from horizon.web.api import causes as api

        print_json(api.listed(ordered))
        return
    empty = "Nothing needs you: every cause is resolved, snoozed or muted." if rows and state == "open" else "No cause of failure is so."
    table(CAUSES, [_row(one, now) for one in ordered], empty=empty)


@failures.command()
@CAUSE
@options.connection
@options.as_json
def show(cause: str, connection: str | None, as_json: bool) -> None:
    """Show one cause: where it began, what its failures have in common, its latest jobs, what people did."""
    runtime = apps.runtime()
    backend = backend_of(runtime, connection)
    now = backend.now()
    found = looking.look(runtime, backend, _named(runtime, cause), now, seen=lambda causes: _seen(causes, runtime))
    if as_json:
        from horizon.web.api import causes as api

        print_json(api.whole(found))
        return
    _tell(found, now)


@failures.command()
@CAUSE
@NOTE
@options.as_json
def resolve(cause: str, note: str | None, as_json: bool) -> None:
    """Say that it is put right; should a job fail with it again, it has regressed."""
    runtime = apps.runtime()
    named = _named(runtime, cause)
    _told(named, CauseControl(runtime).resolve(apps.actor(), named, note), "Resolved", as_json)


@failures.command()
@CAUSE
@click.option("--until", metavar="WHEN", help="15m, 2h, 14:30 or 2031-01-01T08:00.")
@click.option("--more", type=click.IntRange(1), help="Until it has happened so many times more.")
@NOTE
@options.as_json
def snooze(cause: str, until: str | None, more: int | None, note: str | None, as_json: bool) -> None:
    """Let it wait, until a time or until it has happened so many times more."""
    runtime = apps.runtime()
    named, now = _named(runtime, cause), runtime.backend().now()
    end = moment(until, now) if until else None
    _told(named, CauseControl(runtime).snooze(apps.actor(), named, until=end, more=more, note=note), "Snoozed", as_json)


@failures.command()
@CAUSE
@NOTE
@options.as_json
def mute(cause: str, note: str | None, as_json: bool) -> None:
    """Say that it is of no interest: it turns nothing red, whatever comes."""
    runtime = apps.runtime()
    named = _named(runtime, cause)
    _told(named, CauseControl(runtime).mute(apps.actor(), named, note), "Muted", as_json)


@failures.command()
@CAUSE
@NOTE
@options.as_json
def reopen(cause: str, note: str | None, as_json: bool) -> None:
    """Take back what was said last."""
    runtime = apps.runtime()
    named = _named(runtime, cause)
    _told(named, CauseControl(runtime).reopen(apps.actor(), named, note), "Reopened", as_json)


def _named(runtime: Runtime, typed: str) -> str:
    """The cause that was typed: its fingerprint, or a part of it that only one has. Raises NotFound."""
    backend = runtime.everywhere()
    now = backend.now()
    every = [one.cause for one in gathering.causes(runtime, backend, now - RANGES["30d"], now, spread=dict)]
    found = [cause for cause in every if typed.lower() in cause.lower()]
    if typed in every or not found:
        return typed
    if len(found) > 1:
        raise NotFound(f"{len(found)} causes are so; name one of them by more of its letters:\n" + "\n".join(found[:10]))
    return found[0]


def _seen(found: Sequence[Cause], runtime: Runtime) -> list[Cause]:
    actor, redact = apps.actor(), runtime.settings.REDACT
    return [replace(one, message=sight.sight(one.name, actor, redact).text(one.message)) for one in found]


def _row(one: FailureGroup, now: Micros) -> Sequence[str]:
    jobs = f"{one.total:,}{'+' if one.more else ''}"
    classes = ", ".join(short_name(name) for name in one.classes[:3])
    return (one.state.value, jobs, words.past(one.first_at, now), words.past(one.last_at, now), classes, one.cause, one.message)


def _tell(found: OneCause, now: Micros) -> None:
    one = found.group
    pairs(
        [
            ("cause", one.cause),
            ("state", one.state.value),
            ("exception", f"{one.type}: {one.message}" if one.message else one.type),
            ("jobs", f"{one.total:,}{'+' if one.more else ''}"),
            ("first", _moment(one.first_at, found.first.code_version if found.first else None)),
            ("last", _moment(one.last_at, found.latest[0].code_version if found.latest else None)),
            ("where to begin", one.suggestion),
            *((title, _shares(shares)) for title, shares in (("classes", one.by_class), ("queues", one.by_queue), ("hosts", one.by_host), ("versions", one.by_version))),
            ("all have", ", ".join(f"{alike.what} {alike.value}" for alike in found.alike)),
            ("latest jobs", " ".join(record.id for record in found.latest[:5])),
        ]
    )  # fmt: skip
    for act in one.said.history if one.said else ():
        click.echo(f"{words.past(act.at, now):>14}  {escaped(_act(act))}")


def _shares(shares: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in shares)


def _moment(at: Micros, version: str | None) -> str:
    return words.exact(at, UTC) + (f", in version {version}" if version else "")


def _act(act: Act) -> str:
    parts = [f"{act.word} by {act.by}"]
    if act.until is not None:
        parts.append(f"until {words.exact(act.until, UTC)}")
    if act.more is not None:
        parts.append(f"until {act.more:,} more failed")
    return ", ".join(parts) + (f": {act.note}" if act.note else "")


def _told(cause: str, said: Said, done: str, as_json: bool) -> None:
    if as_json:
        from horizon.web.api import causes as api

        print_json({"cause": cause, "said": [api.act_of(act) for act in said.history]})
        return
    click.echo(f"{done} {escaped(cause)}.")
