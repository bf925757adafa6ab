"""`python -m horizon.cli.executor`: load the app, then run its jobs under the guardian that started this process."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from horizon.backends.database import files
from horizon.cli.resolve import explained, import_modules, load_runtime
from horizon.web import later
from horizon.worker import lifeline
from horizon.worker.executor import open_line, serve
from horizon.worker.page import Page
from horizon.worker.tally import Tally

if TYPE_CHECKING:
    from horizon.runtime import Runtime


def main(argv: Sequence[str] | None = None) -> None:
    """Everything it needs comes over `--pipe`; `--page` is the memory shared with the guardian."""
    parser = argparse.ArgumentParser(prog="python -m horizon.cli.executor")
    parser.add_argument("--app")
    parser.add_argument("--guardian", type=int, required=True)
    parser.add_argument("--page", type=int, required=True)
    parser.add_argument("--pipe", type=int, required=True)
    parser.add_argument("--tally", type=int)
    parser.add_argument("--stacks", help="its end of the line for stacks, and the file of the signal's")
    args = parser.parse_args(argv)
    lifeline.die_with(args.guardian)
    _say_at_once()
    files.make_none()
    later.spare()
    os.set_inheritable(args.page, False)
    pipe, orders = open_line(args.pipe)
    page = Page(args.page, orders.concurrency)
    tally = None
    if args.tally is not None:
        os.set_inheritable(args.tally, False)
        tally = Tally(args.tally, orders.max_jobs)
    stacks = None if args.stacks is None else tuple(map(int, args.stacks.split(",")))
    for fd in stacks or ():
        os.set_inheritable(fd, False)
    runtime, problems = explained(lambda: _load(args.app, orders.connection))
    try:
        serve(runtime, page=page, pipe=pipe, orders=orders, tally=tally, problems=problems, stacks=stacks)
    finally:
        runtime.close()


def _say_at_once() -> None:
    """What a job prints is there line by line in a file or a service's journal too: kept back until a buffer is full it would
    stand behind what came later, and be lost with a process that is killed."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


def _load(app_path: str | None, connection: str | None) -> tuple[Runtime, list[str]]:
    with _kept_for_good():
        runtime = load_runtime(app_path)
        problems = import_modules(runtime.settings.IMPORTS)
        runtime.backend(connection)  # a store that is not there is told like an app that is not
    return runtime, problems


@contextmanager
def _kept_for_good() -> Iterator[None]:
    """What is made in here stays, so the collector need not look for garbage in it: not now, and not in the middle of jobs
    (20 to 30 ms each time, for a small app). Thresholds that the app sets itself are left alone."""
    before = gc.get_threshold()
    gc.set_threshold(0)
    yield
    gc.freeze()
    if gc.get_threshold()[0] == 0:
        gc.set_threshold(*before)


if __name__ == "__main__":
    main()
