"""Child processes: started with a log of their own, ended by their process id."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.measure import children

ROOT = Path(__file__).resolve().parents[1]


class Failed(Exception):
    """A measured program did not do what it was told; the text holds the end of what it said."""


@contextlib.contextmanager
def process(argv: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child of ours, ended at the latest when the block ends: asked first, then killed with what it started."""
    with log.open("ab") as out:
        child = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            yield child
        finally:
            _end(child)


def told(argv: Sequence[str], env: Mapping[str, str], seconds: float) -> str:
    """Run a program to its end and return what it said. Raises Failed."""
    try:
        done = subprocess.run(
            argv, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=seconds
        )
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{' '.join(argv[1:])} did not end within {seconds:g} s") from late
    if done.returncode:
        raise Failed(f"{' '.join(argv[1:])} ended with {done.returncode}: {last(done.stderr)}")
    return done.stdout


def last(said: str, lines: int = 3) -> str:
    """The end of what a program said: where an error names itself."""
    return " | ".join(line.strip() for line in said.splitlines()[-lines:])


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    family = children(child.pid)
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(15)
    except subprocess.TimeoutExpired:
        for pid in [*family, child.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        child.wait()
