"""Batches, chains and workflows: `batches`, `chains`, `workflows`, each with `show`, `cancel` and `retry`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

import click

from horizon.backends.values import Verb
from horizon.cli import apps, many_groups, options, previewing
from horizon.cli.output import Column, at_terminal, bar, confirm, escaped, pairs, table
from horizon.cli.output import as_json as print_json
from horizon.control import pacing
from horizon.control.acting import backend_of
from horizon.control.dispatching import NewJob
from horizon.control.group_act import CANCEL, RETRY
from horizon.control.groups import GroupControl
from horizon.control.steps import StepControl
from horizon.core.errors import NotFound
from horizon.core.group import GroupKind, GroupQuery, GroupRecord, GroupState
from horizon.core.ids import is_id
from horizon.jobs.groups.pushing import GATE
from horizon.jobs.groups.removed import all_without_removed, without_removed
from horizon.jobs.groups.steps import NOT_NEEDED, StepStatus, status_of
from horizon.web import sight, words
from horizon.web.api import groups as api
from horizon.web.text import short_name

COLUMNS = (
    Column(title="id"), Column(title="state", coloured=True), Column(title="name"), Column(title="progress", right=True),
    Column(title="jobs", right=True), Column(title="failed", right=True), Column(title="since", right=True),
)  # fmt: skip
STEPS = (
    Column(title="step", right=True),
    Column(title="state", coloured=True),
    Column(title="job"),
    Column(title="id"),
    Column(title="after"),
)


def _verbs(kind: GroupKind, plural: str) -> click.Group:
    """The verbs of one kind."""

    @click.group(plural, invoke_without_command=True, help=f"List {plural}, newest first.")
    @click.option("--state", type=click.Choice([str(state) for state in GroupState]), help="Only in this state.")
    @click.option("--name", metavar="TEXT", help="Only of this name, word for word.")
    @click.option("--search", metavar="TEXT", default="", help="Only what matches, in the words of the page: june user:7 after:24h.")
    @click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many at the most.")
    @click.option("--cursor", metavar="CURSOR", help="Go on behind the page before.")
    @options.connection
    @options.as_json
    @click.pass_context
    def verb(
        ctx: click.Context, state: str | None, name: str | None, search: str, limit: int, cursor: str | None, connection: str | None, as_json: bool
    ) -> None:  # fmt: skip
        if ctx.invoked_subcommand is None:
            given = {"q": search, "state": state or "", "name": name or "", "limit": str(limit), "cursor": cursor or ""}
            _list(many_groups.asked(kind, given, connection), plural, connection, as_json)

    for command in (_show(kind), _cancel(kind), _uncancel(kind), _retry(kind)):
        verb.add_command(command)
    return verb


def _show(kind: GroupKind) -> click.Command:
    @click.command("show", help=f"Show one {kind}: how far it is, and what failed first.")
    @click.argument("id")
    @options.as_json
    def show(id: str, as_json: bool) -> None:
        found = _find(kind, id)
        if as_json:
            print_json(api.in_full(found, _seen(), apps.runtime().backend(found.connection)))
        else:
            _tell(found)

    return show


def _cancel(kind: GroupKind) -> click.Command:
    @click.command("cancel", help=f"Cancel a {kind}: what has not started at once; what runs is asked to stop. ID is `all` with --search.")
    @click.argument("id")
    @click.option("--search", metavar="TEXT", help="With `all`: which are meant.")
    @click.option("--reason", metavar="TEXT", help="Kept with the jobs.")
    @options.yes
    @options.as_json
    def cancel(id: str, search: str | None, reason: str | None, yes: bool, as_json: bool) -> None:
        if id == many_groups.ALL:
            many_groups.act(kind, CANCEL, search, reason, yes, as_json)
            return
        found = _find(kind, id)
        confirm(f"Cancel {kind} {found.name or found.id}?", yes)
        said = GroupControl(apps.runtime()).cancel(apps.actor(), found.id, reason=reason)
        if as_json:
            print_json(api.group(without_removed(apps.runtime().backend(said.connection), said), _seen()))
        else:
            click.echo(
                f"It has ended already: {said.state}."
                if found.ended
                else f"Cancelled; {words.plural(said.unfinished, 'job')} still to stop."
            )

    return cancel


def _uncancel(kind: GroupKind) -> click.Command:
    @click.command("uncancel", help=f"Take the cancel of a {kind} back: what it ended goes on where it stood.")
    @click.argument("id")
    @options.as_json
    def uncancel(id: str, as_json: bool) -> None:
        said = GroupControl(apps.runtime()).uncancel(apps.actor(), _find(kind, id).id)
        if as_json:
            print_json(api.retried(said, "uncancel"))
            return
        click.echo(f"Put back {words.plural(said.done, 'job')}.")
        for one in said.operations:
            click.echo(f"More of them in the background: horizon operations show {one.id}")

    return uncancel


def _retry(kind: GroupKind) -> click.Command:
    @click.command("retry", help=f"Retry what failed in a {kind}, groups inside it included. ID is `all` with --search.")
    @click.argument("id")
    @click.option("--search", metavar="TEXT", help="With `all`: which are meant.")
    @options.care
    @options.dry_run
    @click.option("--reason", metavar="TEXT", help="Kept with the audit entry.")
    @options.as_json
    def retry(
        id: str,
        search: str | None,
        pace: str | None,
        canary: str | None,
        stop_when_failing: str | None,
        dry_run: bool,
        reason: str | None,
        as_json: bool,
    ) -> None:
        care = pacing.care(pace, canary, stop_when_failing)
        if id == many_groups.ALL:
            if dry_run:
                many_groups.preview_retry(kind, search, as_json, care)
            else:
                many_groups.act(kind, RETRY, search, reason, True, as_json, care)
            return
        group, control = _find(kind, id), GroupControl(apps.runtime())
        if dry_run:
            previewing.show(Verb.RETRY, control.preview_failed(group), care, as_json)
            return
        said = control.retry_failed(apps.actor(), group.id, care=care, note=reason)
        if as_json:
            print_json(api.retried(said))
            return
        click.echo(f"Retried {words.plural(said.done, 'job')}.")
        for one in said.operations:
            click.echo(f"More goes on in the background: horizon operations show {one.id}")

    return retry


def _find(kind: GroupKind, id: str) -> GroupRecord:
    if not is_id(id.lower()):
        raise NotFound(f"there is no {kind} {id[:80]!r}; ids have 36 characters, and the verb without one lists them")
    return GroupControl(apps.runtime()).get(id.lower(), kind)


def _seen() -> Any:
    return sight.sight("", apps.actor(), apps.runtime().settings.REDACT)


def _list(asked: GroupQuery, plural: str, connection: str | None, as_json: bool) -> None:
    store = backend_of(apps.runtime(), connection)
    found = store.groups.find(asked)
    if as_json:
        print_json(api.page(found, _seen(), store, first=asked.cursor is None))
        return
    table(
        COLUMNS, [_row(one) for one in all_without_removed(store, found.items) if GATE not in one.options], empty=f"There are no {plural}."
    )
    if at_terminal() and found.next is not None:
        click.echo(f"\nThere are more: --cursor {found.next}")


def _row(one: GroupRecord) -> Sequence[str]:
    since = words.exact(one.created_at, UTC)
    return (one.id, one.state.value, one.name, f"{one.progress} %", words.number(one.total), words.number(one.failed), since)


def _tell(found: GroupRecord) -> None:
    store = apps.runtime().backend(found.connection)
    one = without_removed(store, found)
    pairs(
        [
            (str(one.kind), one.id),
            ("name", one.name),
            ("state", one.state.value),
            ("progress", bar(one.total - one.unfinished, one.total) if one.total else "no jobs"),
            ("jobs", f"{words.number(one.total)}: {_figures(one)}"),
            ("began", words.exact(one.created_at, UTC)),
            ("ended", words.exact(one.finished_at, UTC) if one.finished_at is not None else ""),
            ("reason", one.reason or ""),
            ("failed first", _failure(one)),
        ]
    )
    if one.kind is not GroupKind.BATCH and one.total <= api.MOST_STEPS:
        click.echo("")
        table(STEPS, [_step(step) for step in status_of(store, found).steps], empty="It has no steps.")


def _figures(one: GroupRecord) -> str:
    of = {
        "pending": one.pending,
        "processing": one.processing,
        "completed": one.completed,
        "failed": one.failed,
        "cancelled": one.cancelled,
    }
    return ", ".join(f"{words.number(count)} {state}" for state, count in of.items() if count) or "none"


def _failure(one: GroupRecord) -> str:
    first = one.first_failure
    if first is None:
        return ""
    return f"{first.job_id}  {first.type or ''}: {escaped(_seen().text(first.message or ''))}"


def _step(step: StepStatus) -> Sequence[str]:
    name = short_name(step.name) if step.kind == "job" else f"{step.kind} {step.name}".rstrip()
    return (
        str(step.number),
        "removed" if step.removed else step.state if step.needed else NOT_NEEDED,
        name,
        step.id,
        words.number(len(step.after)),
    )


batches = _verbs(GroupKind.BATCH, "batches")
chains = _verbs(GroupKind.CHAIN, "chains")


@chains.command()
@click.argument("id")
@click.argument("step")
@options.yes
def remove(id: str, step: str, yes: bool) -> None:
    """Take a step that waits out of a chain. STEP is its number or id, as `show` lists them."""
    found = _find(GroupKind.CHAIN, id)
    confirm(f"Remove step {escaped(step[:40])} of chain {found.name or found.id}?", yes)
    gone = StepControl(apps.runtime()).remove(apps.actor(), found.id, int(step) if step.isdecimal() else step)
    click.echo(f"Removed step {gone.number}, {short_name(gone.name)}; what waited for it waits for the step before it.")


@chains.command()
@click.argument("id")
@click.argument("step")
def restore(id: str, step: str) -> None:
    """Put a step that was removed back to where it stood, as a new job. STEP is its number or id, as `show` lists them."""
    found = _find(GroupKind.CHAIN, id)
    apps.state().imports.ensure()
    made = StepControl(apps.runtime()).restore(apps.actor(), found.id, int(step) if step.isdecimal() else step)
    click.echo(f"Put it back, as job {made}.")


@chains.command()
@click.argument("id")
@click.argument("name")
@click.option("--args", metavar="JSON", default="{}", show_default=True, help="Keyword arguments of its constructor, as an object.")
@click.option("--after", metavar="STEP", help="Behind this step, by its number or id; left out: at the end.")
def add(id: str, name: str, args: str, after: str | None) -> None:
    """Add a step to a chain that goes on: a job by its registered NAME, at the end or behind a step whose next one has not begun."""
    found, given = _find(GroupKind.CHAIN, id), _object(args)
    behind = int(after) if after is not None and after.isdecimal() else after
    apps.state().imports.ensure()
    made = StepControl(apps.runtime()).add(apps.actor(), found.id, NewJob(name=name, args=given), after=behind)
    click.echo(f"Added {short_name(name)} {'at the end' if after is None else f'after step {escaped(after[:40])}'}, as job {made}.")


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise click.BadParameter(f"--args takes a JSON object such as '{{\"n\": 3}}'; got {text[:40]!r}")
    return found


workflows = _verbs(GroupKind.WORKFLOW, "workflows")
