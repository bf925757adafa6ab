"""`horizon doctor`: what is wrong with this installation, and how to put it right."""

from __future__ import annotations

import importlib.util

import click
from flask import Flask

import horizon
from horizon.cli import apps, options
from horizon.cli.inspecting import encrypted, imports, store
from horizon.cli.output import as_json as print_json
from horizon.cli.output import at_terminal, escaped
from horizon.core.errors import HorizonError
from horizon.core.settings import BY_NAME
from horizon.monitor import schedules
from horizon.monitor.doctor.examine import examine, is_wrong
from horizon.monitor.doctor.facts import ERROR, NOTE, WARNING, Facts, Finding, StoreFacts
from horizon.web.state import State
from horizon.web.words import plural

COLOURS = {ERROR: "red", WARNING: "yellow", NOTE: "cyan"}


@click.command()
@options.as_json
def doctor(as_json: bool) -> None:
    """Look for what is wrong with this installation, and say how to put it right. Exits with 1 where something is."""
    app = apps.info().load_app()
    findings = examine(_facts(app, apps.horizon_of(app)))
    if as_json:
        print_json({"ok": not is_wrong(findings), "findings": [_shape(one) for one in findings]})
    else:
        _tell(findings)
    if is_wrong(findings):
        raise SystemExit(1)


def _facts(app: Flask, state: State) -> Facts:
    runtime, settings = state.runtime, state.settings
    failing = imports(settings.IMPORTS)
    stores = [store(state, name) for name in runtime.connections()]
    unusable, overdue = _schedules(state, stores)
    values = {name.removeprefix("HORIZON_"): value for name, value in settings.values.items() if not BY_NAME[name].secret}
    return Facts(
        version=horizon.__version__,
        code_version=settings.CODE_VERSION,
        debug=app.debug,
        secret_key=bool(app.config.get("SECRET_KEY")),
        door=_door(app, state, stores),
        settings={**values, "ADDRESSES": [url for name in runtime.connections() if (url := runtime.url(name)) != "memory://"]},
        misspelt=settings.warnings(),
        keys=runtime.keyring.fingerprints,
        encrypted=encrypted(runtime),
        cryptography=importlib.util.find_spec("cryptography") is not None,
        imports=failing,
        stores=stores,
        unusable_schedules=unusable,
        overdue_schedules=overdue,
    )


def _schedules(state: State, stores: list[StoreFacts]) -> tuple[list[tuple[str, str]], list[str]]:
    """Those of the code that cannot be used, and those that nobody dispatched; of a store that does not answer, nothing."""
    if stores[0].error is not None or stores[0].schema is not None:
        return [], []
    try:
        board = schedules.board(state.runtime)
    except HorizonError:
        return [], []
    return list(board.problems.items()), [row.schedule.name for row in board.rows if row.overdue]


def _door(app: Flask, state: State, stores: list[StoreFacts]) -> str:
    """Who lets people in; an unanswering store is told elsewhere, and says nothing of who there is."""
    if app.config.get("HORIZON_AUTH") is not None:
        return "auth"
    if stores[0].error is not None:
        return "users"
    try:
        accounts = state.runtime.backend().accounts
        return "users" if accounts.any_user() else "tokens" if accounts.tokens() else "nobody"
    except HorizonError:
        return "users"


def _tell(findings: list[Finding]) -> None:
    for one in findings:
        if at_terminal():
            click.echo(f"{click.style(one.severity.ljust(8), fg=COLOURS[one.severity], bold=True)}{escaped(one.sentence)}")
            click.echo(f"{'':8}{click.style(escaped(one.fix), dim=True)}")
        else:
            click.echo(f"{one.severity}\t{one.code}\t{escaped(one.sentence)}\t{escaped(one.fix)}")
    wrong = sum(1 for one in findings if one.severity != NOTE)
    if not wrong:
        click.echo("Nothing is wrong.", err=not at_terminal())
    elif at_terminal():
        click.echo(f"\n{plural(wrong, 'thing')} to put right.")


def _shape(one: Finding) -> dict[str, str]:
    return {"severity": one.severity, "code": one.code, "sentence": one.sentence, "fix": one.fix}
