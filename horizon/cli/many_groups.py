"""Batches, chains or workflows by a search: listed, and several acted on at once."""

from __future__ import annotations

from collections.abc import Mapping

import click

from horizon.backends.values import Verb
from horizon.cli import apps, previewing
from horizon.cli.output import as_json as print_json
from horizon.cli.output import confirm
from horizon.control import pacing
from horizon.control.acting import backend_of
from horizon.control.group_act import CANCEL, many_of
from horizon.control.groups import GroupControl
from horizon.control.many_groups import GroupActs, Matching
from horizon.control.pacing import Care
from horizon.core.errors import NotFound
from horizon.core.group import GroupKind, GroupQuery
from horizon.web import group_filters, words

ALL = "all"
NEWEST = ", the newest of those that match"


def asked(kind: GroupKind, given: Mapping[str, str], connection: str | None) -> GroupQuery:
    """The query of these parameters, those of the page."""
    now = backend_of(apps.runtime(), connection).now()
    return group_filters.understand(given, kind, now=now).query


def _matching(kind: GroupKind, search: str | None) -> tuple[GroupQuery, Matching]:
    """What is meant by the words of `--search`, and the groups it names."""
    if search is None:
        raise click.UsageError("all takes --search TEXT: which are meant, in the words of the page, such as --search 'june user:7'")
    query = asked(kind, {"q": search}, None)
    found = GroupActs(apps.runtime()).matching(query)
    if not found.groups:
        raise NotFound(f"no {kind} matches {search[:80]!r}")
    return query, found


def preview_retry(kind: GroupKind, search: str | None, as_json: bool, care: Care | None) -> None:
    """What a retry of all that match a search would touch; nothing is changed."""
    _, found = _matching(kind, search)
    seen = GroupControl(apps.runtime()).preview_failed(*found.groups)
    many = words.plural(len(found.groups), kind.value, many_of(kind))
    previewing.show(Verb.RETRY, seen, care, as_json, f" of {many}{NEWEST if found.more else ''}")


def act(
    kind: GroupKind, verb: str, search: str | None, reason: str | None, yes: bool, as_json: bool, care: Care | None = None
) -> None:  # fmt: skip
    """Do it to all that match a search; a retry with care, if it is asked for."""
    query, found = _matching(kind, search)
    many = words.plural(len(found.groups), kind.value, many_of(kind))
    confirm(f"{'Cancel' if verb == CANCEL else 'Retry what failed of'} {many}{NEWEST if found.more else ''}?", yes)
    one = GroupActs(apps.runtime()).act(apps.actor(), verb, found.groups, about=group_filters.text_of(query), reason=reason, care=care)
    if as_json:
        from horizon.web.api import shapes

        print_json(shapes.operation_in_full(one))
        return
    if one.careful:
        click.echo(f"Retrying what failed of {many} in the background, {pacing.told_with(one.params)}: horizon operations show {one.id}")
        return
    left = f", {words.number(one.skipped)} left as they were: {'; '.join(one.reasons)}" if one.skipped else ""
    click.echo(f"Done to {words.plural(one.done, one.noun, one.nouns)}{left}.")
    if one.state == "running":
        click.echo(f"The rest goes on in the background: horizon operations show {one.id}")
