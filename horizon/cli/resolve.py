"""`python -m horizon.cli.resolve`: load the app once and tell the guardian what it must know, over a pipe.

So the guardian never imports the app, and nothing it learns (addresses with passwords) stands in an argument, in the
environment or on disk.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

from horizon.control.acting import backend_of
from horizon.core.errors import ConfigurationError, HorizonError
from horizon.web import later

if TYPE_CHECKING:
    from horizon.runtime import Runtime

T = TypeVar("T")


def load_runtime(app_path: str | None) -> Runtime:
    """Find the app as Flask does and return its Horizon.

    Raises whatever the app raises while it loads, click's error where there is none, and ConfigurationError for an app
    without Horizon.
    """
    from flask.cli import ScriptInfo, load_dotenv

    from horizon.cli.apps import horizon_of

    load_dotenv()
    app = ScriptInfo(app_import_path=app_path or os.environ.get("FLASK_APP")).load_app()
    return horizon_of(app).runtime


def import_modules(names: Sequence[str]) -> list[str]:
    """Import the modules of HORIZON_IMPORTS; one that fails is told on screen, and returned as a sentence."""
    problems = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            traceback.print_exc()
            problems.append(
                f"the module {name!r} of HORIZON_IMPORTS cannot be imported, so its jobs are unknown here: {type(error).__name__}: {error}"
            )
    return problems


def unusable_schedules(runtime: Runtime) -> list[str]:
    """Why schedules of the code cannot be used, such as a job that nobody defines: at the worker's start, too, it is told."""
    if not runtime.schedules.all():
        return []
    from horizon.timetable.declared import settled

    with nullcontext() if runtime.around is None else runtime.around():
        return [
            f"the schedule {name!r} cannot be used: {problem}" for name, problem in settled(runtime.schedules, runtime).problems.items()
        ]


def explained(load: Callable[[], T]) -> T:
    """What it returns; an error that prevents that is shown, and ends the process: with 2 where no app is found, else with 1."""
    from flask.cli import NoAppException

    from horizon.cli.noapp import WRONG_USAGE, sentence

    try:
        return load()
    except NoAppException as error:
        print(f"Error: {sentence(error)}", file=sys.stderr)
        raise SystemExit(WRONG_USAGE) from None
    except HorizonError as error:
        print(f"horizon: {error}", file=sys.stderr)
    except Exception as error:
        shown = getattr(error, "format_message", None)  # click's own errors explain themselves
        if shown is None:
            traceback.print_exc()
        print(f"horizon: the app cannot be loaded: {shown() if shown else f'{type(error).__name__}: {error}'}", file=sys.stderr)
    raise SystemExit(1)


def _tell(app_path: str | None, fd: int, connection: str | None) -> None:
    runtime = load_runtime(app_path)
    if connection is None and len(runtime.resolved()["connections"]) > 1:
        _write(fd, {**runtime.resolved(), "location": "", "warnings": [], "problems": []})  # each has a guardian that asks for itself
        return
    problems = import_modules(runtime.settings.IMPORTS)
    backend = backend_of(runtime, connection) if connection else runtime.backend()
    if backend.kind == "memory":
        raise ConfigurationError(
            "a memory:// store lives inside one process, so no worker can reach its jobs; set HORIZON_URL to sqlite:///horizon.db, for example"
        )
    warnings = [*runtime.settings.warnings(), *backend.warnings(), *unusable_schedules(runtime)]
    _write(fd, {**runtime.resolved(connection), "location": backend.location, "warnings": warnings, "problems": problems})
    runtime.close()


def _write(fd: int, told: dict[str, object]) -> None:
    with os.fdopen(fd, "w") as pipe:
        json.dump(told, pipe)


def main(argv: Sequence[str] | None = None) -> None:
    """Write one JSON object to `--fd`."""
    parser = argparse.ArgumentParser(prog="python -m horizon.cli.resolve")
    parser.add_argument("--app")
    parser.add_argument("--connection")
    parser.add_argument("--fd", type=int, required=True)
    args = parser.parse_args(argv)
    later.spare()
    gc.disable()  # over before there is any garbage worth looking for
    explained(lambda: _tell(args.app, args.fd, args.connection))


if __name__ == "__main__":
    main()
