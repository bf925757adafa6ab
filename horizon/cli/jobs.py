"""Looking at jobs: `jobs`, `failed`, `show`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

import click

from horizon.backends.base import Backend
from horizon.cli import apps, options
from horizon.cli.output import Column, as_json, at_terminal, block, escaped, pairs, table
from horizon.control.acting import backend_of
from horizon.core import deadlines
from horizon.core.clock import Micros, iso, now
from horizon.core.errors import NotFound
from horizon.core.ids import is_id
from horizon.core.query import DEFAULT_LIMIT, Page
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState
from horizon.runtime import Runtime
from horizon.security.payloads import Sight
from horizon.web import filters, sight, words
from horizon.web.text import short_name

COLUMNS = (
    Column(title="id"), Column(title="state", coloured=True), Column(title="class"), Column(title="queue"),
    Column(title="tries", right=True), Column(title="took", right=True), Column(title="since", right=True), Column(title="note"),
)  # fmt: skip
_PAGING = (
    click.option("--limit", type=click.IntRange(1, 200), default=DEFAULT_LIMIT, show_default=True, help="How many at the most."),
    click.option("--cursor", metavar="TEXT", help="Go on where the list before ended."),
    options.connection,
    options.as_json,
)


def _paged(function: Any) -> Any:
    for add in reversed(_PAGING):
        function = add(function)
    return function


class Searching(click.Command):
    """A verb that takes search words: one that begins with a minus looks like an option, and is told where it belongs."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            typed = next((word for word in given if word.startswith(error.option_name)), error.option_name)
            if typed.startswith("--"):
                raise
            said = f"there is no option {typed[:60]!r}; to leave something out of the search, write it behind --:"
            raise click.UsageError(f"{said} horizon {ctx.info_name} -- {typed[:60]}", ctx) from None


@click.command(cls=Searching)
@options.search
@_paged
def jobs(search: tuple[str, ...], state: str | None, queue: str | None, **paging: Any) -> None:
    """List jobs, newest first.

    SEARCH is what the dashboard's search box takes: queue:emails tag:user:* "took:>5s" "two words". Behind `--`, terms may
    begin with a minus: horizon jobs -- state:failed -queue:emails.
    """
    listed({"q": " ".join(search), "state": state, "queue": queue}, **paging)


@click.command(cls=Searching)
@options.search
@_paged
def failed(search: tuple[str, ...], state: str | None, queue: str | None, **paging: Any) -> None:
    """List jobs that failed for good, the latest first."""
    listed({"q": " ".join(search), "state": state or JobState.FAILED.value, "queue": queue}, **paging)


@click.command()
@click.argument("id")
@click.option("--reveal", is_flag=True, help="Decrypt an encrypted job; the audit log keeps who did.")
@options.as_json
def show(id: str, reveal: bool, as_json: bool) -> None:
    """Show one job: what it was given, every attempt, what it logged, why it failed."""
    runtime = apps.runtime()
    record = find(runtime, id)
    seen = sight.sight(record.name, apps.actor(), runtime.settings.REDACT)
    if reveal:
        from horizon.control.revealing import RevealControl

        found = RevealControl(runtime).open(apps.actor(), record)
        record, seen = found.record, replace(seen, secret=(*seen.secret, *found.names))
    tries = runtime.max_tries(record.connection)
    _print_json_of(record, seen, tries, runtime.everywhere()) if as_json else _tell(record, seen, tries)


def find(runtime: Runtime, id: str) -> Record:
    """The job with this id, on whichever connection it lives. Raises NotFound."""
    record = runtime.everywhere().get(id.lower()) if is_id(id.lower()) else None
    if record is not None:
        return record
    raise NotFound(f"there is no job {id[:80]!r}; `horizon jobs` lists those there are, with ids of 36 characters")


# the list -----------------------------------------------------------------------------------------------------------------


def listed(asked: dict[str, str | None], *, limit: int, cursor: str | None, connection: str | None, as_json: bool) -> None:
    """Print what the words ask for, as a page of it."""
    runtime = apps.runtime()
    backend = backend_of(runtime, connection)
    tries = runtime.max_tries
    args = {key: value for key, value in {**asked, "cursor": cursor, "limit": str(limit)}.items() if value}
    found = _seen(backend.find(filters.query_of(args, now=backend.now())), runtime)
    if as_json:
        _print_page(found, tries, backend)
        return
    table(COLUMNS, [_row(record, backend.now(), tries(record.connection)) for record in found.items], empty="No job matches.")
    if at_terminal():
        _tell_rest(found)


def _seen(found: Page, runtime: Runtime) -> Page:
    """The page without what looks like a secret: a terminal is looked at over shoulders, too."""
    actor, redact = apps.actor(), runtime.settings.REDACT
    return replace(found, items=[sight.sight(record.name, actor, redact).record(record) for record in found.items])


def _row(record: Record, now: Micros, default: int) -> Sequence[str]:
    tries = f"{record.attempts}/{default if record.max_tries is None else record.max_tries}"
    took = words.duration(record.runtime) if record.runtime is not None else ""
    return (
        record.id, record.state.value, short_name(record.name), record.queue, tries, took,
        words.relative(_since(record), now), _note(record),
    )  # fmt: skip


def _since(record: Record) -> Micros:
    """The moment that matters most in this state."""
    if record.state in (JobState.SCHEDULED, JobState.RETRYING) and record.available_at is not None:
        return record.available_at
    if record.state is JobState.PROCESSING and record.started_at is not None:
        return record.started_at
    return record.finished_at or record.created_at


def _note(record: Record) -> str:
    if record.error is not None:
        return f"{record.error.type}: {record.error.message}"
    if record.progress is not None and record.state is JobState.PROCESSING:
        return f"{record.progress} % {record.progress_note or ''}".rstrip()
    return record.reason or " ".join(telling(record.tags))


def telling(tags: Sequence[str]) -> list[str]:
    """Tags without those that a longer one says as well: of `callback` and `callback:shop.jobs:tell` the second."""
    return [tag for tag in tags if not any(other.startswith(f"{tag}:") for other in tags)]


def _tell_rest(found: Page) -> None:
    total = words.plural(found.total, "job") if found.total is not None else None
    if found.next is not None:
        click.echo(f"\n{len(found.items)} of {total or 'more'}; the rest: --cursor {found.next}")
    elif found.searched_back_to is not None:
        click.echo(f"\nLooked back to {words.exact(found.searched_back_to, UTC)}; narrow the search to look further.")


def _print_page(found: Page, tries: Callable[[str], int], backend: Backend) -> None:
    from horizon.monitor.groups import homes
    from horizon.web.api import shapes

    as_json(shapes.page(found, tries, homes(backend, found.items)))


def _print_json_of(record: Record, seen: Sight, tries: int, backend: Backend) -> None:
    from horizon.monitor.groups import NOWHERE, homes
    from horizon.web.api import shapes

    home = homes(backend, [record]).get(record.group or "", NOWHERE)
    as_json(shapes.job_in_full(record, seen, tries, home))


# one job ------------------------------------------------------------------------------------------------------------------


def _tell(record: Record, seen: Sight, tries: int) -> None:
    from horizon.jobs.codec import readable

    record = seen.record(record)
    pairs(
        [
            ("job", f"{short_name(record.name)}  {record.id}"),
            ("name", record.name),
            ("state", record.state.value),
            ("reason", record.reason or ""),
            ("queue", f"{record.queue} on {record.connection}, priority {record.priority}"),
            ("tries", f"{record.attempts} of {tries if record.max_tries is None else record.max_tries}"),
            ("tags", " ".join(record.tags)),
            ("user", record.user or ""),
            ("created", _moment(record.created_at)),
            ("available", _moment(record.available_at)),
            ("deadline", _deadline(record)),
            ("started", _moment(record.started_at)),
            ("finished", _moment(record.finished_at)),
            ("waited", words.duration(record.wait) if record.wait is not None else ""),
            ("took", words.duration(record.runtime) if record.runtime is not None else ""),
            ("progress", f"{record.progress} % {record.progress_note or ''}" if record.progress is not None else ""),
            ("arguments", _compact(seen.data(readable(record.payload))) if record.payload is not None else ""),
            ("result", _compact(seen.data(readable(record.result))) if record.result is not None else ""),
        ]
    )
    for attempt in record.history:
        _tell_attempt(attempt, seen)


def _compact(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _deadline(record: Record) -> str:
    told = _moment(record.deadline)
    return f"{told} (missed)" if deadlines.missed(record, now()) else told


def _moment(at: Micros | None) -> str:
    return words.exact(at, UTC) if at is not None else ""


def _tell_attempt(attempt: Attempt, seen: Sight) -> None:
    parts = [f"Attempt {attempt.number}", attempt.outcome, _moment(attempt.started_at), escaped(attempt.worker or "")]
    click.echo()
    click.echo(click.style("  ".join(part for part in parts if part), bold=True))
    if attempt.reason:
        block(attempt.reason, "  ")
    if attempt.logs_dropped:
        click.echo(f"  ({words.plural(attempt.logs_dropped, 'older line')} dropped)")
    for line in attempt.logs:
        click.echo(f"  {(iso(line.at) or '')[11:23]}  {line.level:8} {escaped(seen.text(line.message))}")
    if attempt.error is not None:
        click.secho(f"  {escaped(attempt.error.type)}: {escaped(attempt.error.message)}", fg="red")
        if attempt.error.traceback:
            block(attempt.error.traceback)
