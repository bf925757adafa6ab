"""What programs show instead of a password: `tokens add`, `list`, `revoke`."""

from __future__ import annotations

from datetime import UTC

import click

from horizon.backends.people import ApiToken
from horizon.cli import apps, options
from horizon.cli.output import Column, as_json, confirm, escaped, table
from horizon.control.tokens import TokenControl
from horizon.core.clock import Micros, iso
from horizon.core.errors import InvalidFilter
from horizon.security.permissions import ROLES, Ability
from horizon.web import search, words

COLUMNS = (
    Column(title="id"), Column(title="name"), Column(title="role"), Column(title="scope"), Column(title="by"),
    Column(title="last used", right=True), Column(title="expires", right=True),
)  # fmt: skip
FOR_EVER = "never"


@click.group()
def tokens() -> None:
    """Tokens by which programs use the HTTP API."""


@tokens.command()
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True, help="What it may do at the most.")
@click.option("--expires", default="90d", show_default=True, metavar="TIME", help="After how long: 12h, 30d; `never`.")
@click.option("--scope", multiple=True, metavar="ABILITY", help=f"Narrow it down, several times or by commas: {', '.join(Ability)}.")
@options.as_json
def add(name: str, role: str, expires: str, scope: tuple[str, ...], as_json: bool) -> None:
    """Make a token called NAME and print it, this once.

    The token alone goes to standard output, so that it can be piped to where secrets are kept.
    """
    wanted = [word.strip() for part in scope for word in part.split(",") if word.strip()] or None
    token, text = TokenControl(apps.runtime()).add(apps.actor(), name, role, scope=wanted, expires=_after(expires))
    if as_json:
        _print({**_shape(token), "token": text})
        return
    click.echo(text)
    until = f"until {words.exact(token.expires_at, UTC)}" if token.expires_at else "for ever"
    click.echo(f"Keep it now, for it is not shown again. It holds {until}. Send it as\n  Authorization: Bearer {text[:16]}...", err=True)


@tokens.command("list")
@options.as_json
def list_tokens(as_json: bool) -> None:
    """List them, the newest first."""
    control = TokenControl(apps.runtime())
    found, now = control.list(), control.backend.now()
    if as_json:
        _print({"items": [_shape(token) for token in found], "next": None, "total": len(found)})
        return
    table(COLUMNS, [_row(token, now) for token in found], empty="No token yet: horizon tokens add NAME --role viewer")


@tokens.command()
@click.argument("token", metavar="ID|NAME")
@options.yes
def revoke(token: str, yes: bool) -> None:
    """Accept a token no longer, from this moment on. It may be named by its id, or by a name that only one has."""
    control = TokenControl(apps.runtime())
    confirm(f"Revoke the token {escaped(token[:16])}?", yes)
    gone = control.revoke(apps.actor(), token)
    click.echo(f"Revoked {gone.id} ({escaped(gone.name)}).")


def _after(text: str) -> Micros | None:
    if text == FOR_EVER:
        return None
    try:
        return search.duration(text, f"--expires {text}", "--expires 30d")
    except InvalidFilter as error:
        raise click.UsageError(str(error)) from None


def _row(token: ApiToken, now: Micros) -> tuple[str, ...]:
    over = token.expires_at is not None and token.expires_at <= now
    expires = "never" if token.expires_at is None else ("expired " if over else "") + words.exact(token.expires_at, UTC)
    used = "never" if token.used_at is None else words.past(token.used_at, now)
    scope = "all of the role" if token.scope is None else ", ".join(token.scope)
    return (token.id, token.name, token.role, scope, token.created_by, used, expires)


def _shape(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role,
        "scope": None if token.scope is None else list(token.scope),
        "created_at": iso(token.created_at or None),
        "created_by": token.created_by,
        "expires_at": iso(token.expires_at),
        "used_at": iso(token.used_at),
    }


_print = as_json
