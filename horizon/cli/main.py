"""`horizon VERB`. Two verbs are recognised here, before Flask and click are loaded: this process is replaced by what they
start, which needs neither."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

REPLACED = ("work", "queue:work", "demo")


def main(argv: Sequence[str] | None = None) -> None:
    """The console command."""
    words = list(sys.argv[1:] if argv is None else argv)
    found = replaced(words)
    if found is not None:
        from horizon.cli import programs

        programs.become(*found)
    from horizon.cli.group import run

    run(words)


def replaced(words: Sequence[str]) -> tuple[str, list[str]] | None:
    """The verb and its arguments, an `--app` that stood in front of it among them; None where it is another verb."""
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
    if not rest or rest[0] not in REPLACED:
        return None
    verb = rest[0].removeprefix("queue:")
    return verb, [*(app if verb == "work" else []), *rest[1:]]


def __getattr__(name: str) -> Any:
    if name == "cli":  # `flask horizon VERB` asks for this object; until then click and Flask are not loaded
        from horizon.cli.group import cli

        return cli
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


if __name__ == "__main__":
    main()
