"""`horizon VERB`. A worker is not started by loading Flask first: its verb is recognised here and replaced by its guardian."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

WORK = ("work", "queue:work")


def main(argv: Sequence[str] | None = None) -> None:
    """The console command."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = worker_arguments(words)
    if arguments is not None:
        from horizon.cli.work import become_guardian

        become_guardian(arguments)
    from horizon.cli.group import run

    run(words)


def worker_arguments(words: Sequence[str]) -> list[str] | None:
    """The arguments of `work`, with an `--app` that stood in front of it among them; None where the verb is another one."""
    app: list[str] = []
    rest = list(words)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word in ("-A", "--app") and rest:
            app = ["--app", rest.pop(0)]
        elif word.startswith("--app="):
            app = ["--app", word.removeprefix("--app=")]
        else:
            return None
    return [*app, *rest[1:]] if rest and rest[0] in WORK else None


def __getattr__(name: str) -> Any:
    if name == "cli":  # `flask horizon VERB` asks for this object; until then click and Flask are not loaded
        from horizon.cli.group import cli

        return cli
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


if __name__ == "__main__":
    main()
