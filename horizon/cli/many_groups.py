"""Batches, chains or workflows by a search: listed, and several acted on at once."""

from __future__ import annotations

from collections.abc import Mapping

import click

from horizon.cli import apps
from horizon.cli.output import as_json as print_json
from horizon.cli.output import confirm
from horizon.control import pacing
from horizon.control.acting import backend_of
from horizon.control.group_act import CANCEL, many_of
from horizon.control.many_groups import GroupActs
from horizon.control.pacing import Care
from horizon.core.errors import NotFound
from horizon.core.group import GroupKind, GroupQuery
from horizon.web import group_filters, words

ALL = "all"


def asked(kind: GroupKind, given: Mapping[str, str], connection: str | None) -> GroupQuery:
    """The query of these parameters, those of the page."""
    now = backend_of(apps.runtime(), connection).now()
    return group_filters.understand(given, kind, now=now).query


def act(
    kind: GroupKind, verb: str, search: str | None, reason: str | None, yes: bool, as_json: bool, care: Care | None = None
) -> None:  # fmt: skip
    """Do it to all that match a search; a retry with care, if it is asked for."""
    if search is None:
        raise click.UsageError("all takes --search TEXT: which are meant, in the words of the page, such as --search 'june user:7'")
    query = asked(kind, {"q": search}, None)
    acts = GroupActs(apps.runtime())
    found = acts.matching(query)
    if not found.groups:
        raise NotFound(f"no {kind} matches {search[:80]!r}")
    many = words.plural(len(found.groups), kind.value, many_of(kind))
    confirm(
        f"{'Cancel' if verb == CANCEL else 'Retry what failed of'} {many}{', the newest of those that match' if found.more else ''}?", yes
    )
    one = acts.act(apps.actor(), verb, found.groups, about=group_filters.text_of(query), reason=reason, care=care)
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
