"""What the app says about itself: asked of a short-lived process that loads it, so that the guardian need not."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from horizon.worker import signals
from horizon.worker.judge import how_it_ended
from horizon.worker.screen import say
from horizon.worker.signals import STOPS, Signals

TRIES = 3
"""Processes that may be killed while they load the app before the worker gives up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """The answer: addresses and settings in full, and what to tell people."""

    values: Mapping[str, object]
    location: str
    warnings: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def connections(self) -> tuple[str, ...]:
        """Every store that a worker can reach."""
        found = self.values.get("connections")
        return tuple(found) if isinstance(found, list) else ()

    def homes(self, queue: str) -> tuple[str, ...]:
        """The stores in which jobs of a queue may be."""
        known = self.values.get("homes")
        found = known.get(queue, known.get("")) if isinstance(known, Mapping) else None
        return tuple(found) if isinstance(found, list) else ()

    def number(self, name: str) -> float:
        """A setting that is a number."""
        value = self.values[name]
        if not isinstance(value, (int, float)):
            raise TypeError(f"expected a number for {name}, got {value!r}")
        return value


def read(text: bytes) -> Told:
    """The answer from its JSON."""
    values = json.loads(text)
    return Told(
        values=values,
        location=str(values["location"]),
        warnings=tuple(values["warnings"]),
        problems=tuple(values["problems"]),
    )


def ask(app: str | None, ears: Signals, connection: str | None = None) -> Told | int:
    """Load the app elsewhere and read what it says; an exit code where it cannot be loaded or we were told to stop.

    Of an app with several stores it says which (`connections`), and of one of them only where it is named here. That somebody
    kills the process that loads it, a person or a system without memory, says nothing about the app: it is loaded again.
    """
    for _ in range(TRIES):
        said = _ask(app, ears, connection)
        if not isinstance(said, int) or said >= 0:
            return said
        say(f"the process that loads the app was ended by {how_it_ended(said)}")
    return 1


def _ask(app: str | None, ears: Signals, connection: str | None) -> Told | int:
    """Once; the exit code is negative where a signal ended it."""
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "horizon.cli.resolve", "--fd", str(writer)]
    command += ["--app", app] if app else []
    command += ["--connection", connection] if connection else []
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(writer,), start_new_session=True)
    os.close(writer)
    try:
        text = _read(reader, ears, process)
        if text is None:
            return 0
        code = process.wait()
        return read(text) if code == 0 and text else code or 1
    finally:
        os.close(reader)
        if process.returncode is None:
            signals.group(process.pid, signal.SIGKILL)
            process.wait()


def _read(reader: int, ears: Signals, process: subprocess.Popen[bytes]) -> bytes | None:
    """All that is written until the process ends (what the app started may hold the pipe open for longer), or None once a
    signal says stop."""
    text, ended = b"", False
    while True:
        ready, _, _ = select.select((reader, ears.fileno()), (), (), 0 if ended else None)
        if any(number in STOPS for number in ears.read()):
            return None
        piece = os.read(reader, 65_536) if reader in ready else b""
        if not piece and (ended or reader in ready):
            return text
        text += piece
        ended = process.poll() is not None
