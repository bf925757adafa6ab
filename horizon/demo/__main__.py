"""`python -m horizon.demo`: what stands behind `horizon demo`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from horizon.core.errors import HorizonError
from horizon.demo.run import run

DEFAULT_PORT = 8000
SIGHTS = {"etl": "/chains?name=ETL+pipeline"}
"""What `horizon demo WORD` points at."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="horizon demo", description="All of it in one: a small shop with web, worker and traffic. One Ctrl-C stops everything."
    )
    parser.add_argument("about", nargs="?", choices=list(SIGHTS), help="point at the sample pipeline: extract, transform, load, notify")
    parser.add_argument("--port", type=_port, metavar="N", help="where the pages are; left out: PORT, else 8000; 0: any free one")
    parser.add_argument("--folder", type=Path, metavar="PATH", help="keep everything here; left out: a temporary folder")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what the processes say")
    args = parser.parse_args(argv)
    try:
        port = args.port if args.port is not None else _port(os.environ.get("PORT") or str(DEFAULT_PORT))
    except argparse.ArgumentTypeError as error:
        parser.error(f"PORT: {error}")
    try:
        run(port=port, folder=args.folder, say=_say, verbose=args.verbose, see=SIGHTS.get(args.about, ""))
    except HorizonError as error:
        red, plain = ("\x1b[31m", "\x1b[0m") if sys.stderr.isatty() else ("", "")
        print(f"{red}Error: {error}{plain}", file=sys.stderr)
        return 1
    return 0


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"expected a port, a number up to 65535, got {text!r}")
    return int(text)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
