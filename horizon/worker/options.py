"""The flags of `horizon work`, checked at the door."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from horizon.core.dead import is_dead, own
from horizon.core.errors import InvalidOption
from horizon.worker import reserve

ENVIRONMENT = {
    "timeout": "QUEUE_WORKER_TIMEOUT", "memory": "QUEUE_WORKER_MEMORY", "sleep": "QUEUE_WORKER_SLEEP", "tries": "QUEUE_WORKER_TRIES",
}  # fmt: skip
"""Variables that say what a flag does where it is left out, as other queues have them."""
ALSO = {"high": "default_high", "low": "default_low"}
"""Short names of levels of the default queue: who serves one serves the other."""
QUEUE_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What was asked on the command line; None: the app's setting decides."""

    app: str | None
    queues: tuple[str, ...]
    fair: bool
    processes: int | None
    concurrency: int | None
    timeout: float | None
    tries: int | None
    sleep: float
    memory: int | None
    max_jobs: int
    max_time: float
    once: bool
    stop_when_empty: bool
    verbose: bool
    connection: str | None = None
    """The one store to work for; None: every store in which there may be jobs of these queues."""
    max_processes: int | None = None
    """How many it may be set to while it runs; None: twice the processors, and as many as it was started with at the least."""
    reserve: tuple[int, ...] = ()
    """Floors of the slots that are kept for urgent jobs."""
    print_config: bool = False
    flags: frozenset[str] = frozenset()
    """What was given as a flag."""
    environment: frozenset[str] = frozenset()
    """What a variable of `ENVIRONMENT` said."""
    parent: int | None = None
    """Process id of the guardian that started this one for its connection, with which it ends."""


def _queues(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise argparse.ArgumentTypeError("name at least one queue, or leave --queue out to serve every queue; got an empty list")
    for name in names:
        if not QUEUE_NAME.fullmatch(name):
            raise argparse.ArgumentTypeError(f"a queue name has 1 to 64 letters, digits, '_', '.', ':' or '-'; got {name!r}")
        if is_dead(name):
            raise argparse.ArgumentTypeError(
                f"{name!r} holds dead letters, which no worker runs; `horizon dead requeue {own(name)}` gives them back to their queue"
            )
    return tuple(dict.fromkeys(served for name in names for served in (name, ALSO.get(name, name))))


def _floors(text: str) -> tuple[int, ...]:
    try:
        return reserve.parse(text)
    except InvalidOption as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _number(kind: Callable[[str], float], least: float, most: float, unit: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            raise argparse.ArgumentTypeError(f"expected {least:g} to {most:g} {unit}, got {text!r}")
        return value

    return read


NUMBERS = {
    "timeout": _number(float, 0.01, 2_592_000, "seconds"),
    "memory": _number(int, 0, 1_000_000, "MB"),
    "sleep": _number(float, 0.01, 60, "seconds"),
    "tries": _number(int, 1, 10_000, "tries"),
}
"""How those are read that the environment may say as well."""


def parser() -> argparse.ArgumentParser:
    """The flags with their help."""
    made = argparse.ArgumentParser(prog="horizon work", description="Run jobs: one worker, which is a guardian and its executors.")
    add = made.add_argument
    add("-A", "--app", metavar="MODULE:NAME", help="where the Flask app is; left out: FLASK_APP, wsgi.py or app.py, as Flask finds it")
    add("--queue", "--queues", dest="queues", type=_queues, default=(), metavar="A,B", help="these queues, in strict order; left out: all")
    add("--connection", metavar="NAME", help="work for this connection only; left out: for each that has jobs of these queues")
    add("--parent", type=int, help=argparse.SUPPRESS)
    add("--fair", action="store_true", help="draw from the listed queues by weight instead of in strict order")
    add("--processes", type=_number(int, 1, 256, "processes"), metavar="P", help="executors; left out: HORIZON_PROCESSES")
    add(
        "--max-processes", type=_number(int, 1, 256, "processes"), metavar="P",
        help="as many as it may be set to while it runs, by `horizon scale` or on its page (twice the processors)",
    )  # fmt: skip
    add("--concurrency", type=_number(int, 1, 1000, "slots"), metavar="N", help="slots of one executor; left out: HORIZON_CONCURRENCY")
    add("--reserve", type=_floors, default=(), metavar="LEVEL=N", help="keep slots for urgent jobs: critical=2, or high=1,critical=2")
    add("--timeout", type=NUMBERS["timeout"], metavar="S", help="for jobs that set no timeout themselves")
    add("--tries", type=NUMBERS["tries"], metavar="N", help="for jobs that set no max_tries themselves")
    add("--sleep", type=NUMBERS["sleep"], default=1.0, metavar="S", help="longest wait between two looks for work (1)")
    add("--memory", type=NUMBERS["memory"], metavar="MB", help="replace an executor that grew beyond this")
    add(
        "--max-jobs", type=_number(int, 0, 1e9, "jobs"), default=0, metavar="N", help="exit after so many jobs, with those in hand finished"
    )
    add(
        "--max-time",
        type=_number(float, 0, 1e8, "seconds"),
        default=0.0,
        metavar="S",
        help="exit after so long, with the jobs in hand finished",
    )
    add("--once", action="store_true", help="run one job, or none if none is there, and exit")
    add("--stop-when-empty", action="store_true", help="exit when nothing of these queues is pending or running")
    add("--print-config", action="store_true", help="say what this worker would go by, and from where, and exit")
    add("-v", "--verbose", action="store_true", help="a line for every job, also without a terminal")
    return made


def parse(argv: Sequence[str], environ: Mapping[str, str] | None = None) -> Options:
    """The flags as a value, over what the environment says; prints what is wrong and exits with 2 otherwise."""
    env, made = os.environ if environ is None else environ, parser()
    values = vars(made.parse_args(argv))
    flags = _given(argv)
    told = {name for name, variable in ENVIRONMENT.items() if env.get(variable) and name not in flags}
    for name in sorted(told):
        try:
            values[name] = NUMBERS[name](env[ENVIRONMENT[name]])
        except argparse.ArgumentTypeError as error:
            made.error(f"{ENVIRONMENT[name]} (from the environment): {error}")
    return Options(**values, flags=flags, environment=frozenset(told))


def _given(argv: Sequence[str]) -> frozenset[str]:
    """Names of the flags that are there."""
    made, absent = parser(), object()
    made.set_defaults(**dict.fromkeys(vars(made.parse_args([])), absent))
    return frozenset(name for name, value in vars(made.parse_args(argv)).items() if value is not absent)
