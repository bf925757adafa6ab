"""Where there is no app: the same sentence and the same exit code, whichever verb was typed."""

from __future__ import annotations

import click

WRONG_USAGE = 2


def sentence(error: click.ClickException) -> str:
    """What Flask says of an app it cannot find, in the words of our own command line."""
    text = (
        error.format_message()
        .rstrip()
        .replace("the 'flask --app' option, 'FLASK_APP' environment variable,", "--app MODULE:NAME, FLASK_APP,")
    )
    return f"no app found: {text[:1].lower()}{text[1:]}"


class NoAppFound(click.ClickException):
    """Said without the usage of the verb, which has nothing to do with it."""

    exit_code = WRONG_USAGE
