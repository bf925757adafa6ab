"""An environment of its own for each peer, with a pinned version, kept beside the checkout for the next run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / ".bench"


class NotMade(Exception):
    """This environment cannot be made here; the text says why."""


def python_of(pins: Sequence[str], least: tuple[int, int] = (3, 11)) -> Path:
    """The interpreter of an environment with exactly these, `least` being the oldest Python they run on. Raises NotMade."""
    home = HOME / re.sub(r"[^a-z0-9.]+", "-", pins[0].lower()).strip("-")
    python, done = home / "bin" / "python", home / "made"
    wanted = "\n".join(pins)
    if not done.exists() or done.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        print(f"making an environment for {', '.join(pins)} ...", file=sys.stderr, flush=True)
        try:
            _make(home, python, pins, least)
        except subprocess.CalledProcessError as error:
            raise NotMade(f"{pins[0]}: {' '.join(map(str, error.cmd))} ended with {error.returncode}") from error
        done.write_text(wanted)
    return python


def _make(home: Path, python: Path, pins: Sequence[str], least: tuple[int, int]) -> None:
    uv = _uv()
    if uv:
        wanted = _interpreter(least) or ".".join(map(str, least))  # which uv then fetches
        subprocess.run([uv, "venv", "-q", "--python", wanted, str(home)], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", str(python), *pins], check=True)
    else:
        found = _interpreter(least)
        if found is None:
            raise NotMade(f"{pins[0]} needs Python {least[0]}.{least[1]}; install it, or uv, which fetches one")
        subprocess.run([found, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *pins], check=True)


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")


def _interpreter(least: tuple[int, int]) -> str | None:
    """A Python of this version or a little newer: this one, one on PATH, one of pyenv's."""
    if sys.version_info >= least:
        return sys.executable
    for minor in range(least[1], least[1] + 4):
        name = f"python{least[0]}.{minor}"
        kept = sorted(Path.home().glob(f".pyenv/versions/{least[0]}.{minor}.*/bin/{name}"))
        found = str(kept[-1]) if kept else shutil.which(name)
        if found:
            return found
    return None
