"""Who may sign in on the log-in page: `users add`, `list`, `password`, `role`, `revoke`."""

from __future__ import annotations

import sys
from datetime import UTC

import click

from horizon.backends.people import User
from horizon.cli import apps, options
from horizon.cli.output import Column, as_json, confirm, escaped, somebody_there, table
from horizon.control.users import UserControl
from horizon.core.clock import iso
from horizon.security.permissions import ROLES
from horizon.web import login, words

COLUMNS = (Column(title="name"), Column(title="role"), Column(title="last sign-in", right=True), Column(title="since", right=True))
_role = click.Choice(list(ROLES))
_from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")


@click.group()
def users() -> None:
    """People who sign in with a name and a password."""


@users.command()
@click.argument("name")
@click.option("--role", type=_role, required=True, help="What they may do.")
@_from_stdin
def add(name: str, role: str, password_stdin: bool) -> None:
    """Let somebody in from now on."""
    control, actor = _control(), apps.actor()
    user = control.add(actor, name, role, _password(password_stdin))
    click.echo(f"Added {escaped(user.name)} as {role}.")
    _warn()


@users.command("list")
@options.as_json
def list_users(as_json: bool) -> None:
    """List them."""
    found = _control().list()
    if as_json:
        _print({"items": [_shape(user) for user in found], "next": None, "total": len(found)})
        return
    rows = [(user.name, user.role, _moment(user.seen_at, "never"), _moment(user.created_at, "")) for user in found]
    table(COLUMNS, rows, empty="Nobody signs in here yet: horizon users add NAME --role admin")


@users.command()
@click.argument("name")
@_from_stdin
def password(name: str, password_stdin: bool) -> None:
    """Give a new password; whoever is signed in with the old one is signed out."""
    control, actor = _control(), apps.actor()
    control.set_password(actor, name, _password(password_stdin))
    click.echo(f"Changed the password of {escaped(name)}; what was signed in with the old one is signed out.")
    _warn()


@users.command()
@click.argument("name")
@click.argument("role", type=_role)
def role(name: str, role: str) -> None:
    """Give another role: viewer, operator or admin."""
    _control().set_role(apps.actor(), name, role)
    click.echo(f"{escaped(name)} is {role} now, from the next sign-in on.")


@users.command()
@click.argument("name")
@options.yes
def revoke(name: str, yes: bool) -> None:
    """Let somebody in no longer, from this moment on."""
    control = _control()
    confirm(f"Remove the user {escaped(name)}?", yes)
    control.remove(apps.actor(), name)
    click.echo(f"Removed {escaped(name)}.")
    if not control.list():
        click.echo("That was the last one: the dashboard is closed again, but in debug mode and to HORIZON_AUTH.", err=True)


def _control() -> UserControl:
    return UserControl(apps.runtime())


def _password(from_stdin: bool) -> str:
    """Asked for twice, or the first line of standard input. Raises UsageError where nobody is there to ask."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not somebody_there():
        raise click.UsageError("nobody is there to ask for a password; pipe it in and add --password-stdin")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return answer


def _warn() -> None:
    """Say what keeps a password from being of use."""
    app = apps.info().load_app()
    if app.config.get("HORIZON_AUTH") is not None:
        click.echo("Mind: HORIZON_AUTH is set, and its word is final; nobody is asked for a password.", err=True)
    elif not login.has_key(app):
        click.echo(f"Mind: {login.NO_KEY}. Set it:\n  " + "\n  ".join(login.SET_KEY), err=True)


def _shape(user: User) -> dict[str, object]:
    return {"name": user.name, "role": user.role, "created_at": iso(user.created_at), "signed_in_at": iso(user.seen_at)}


def _moment(at: int | None, otherwise: str) -> str:
    return otherwise if at is None else words.exact(at, UTC)


_print = as_json
