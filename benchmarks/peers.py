"""Environments of the peers: one each, with a pinned version, kept beside the checkout for the next run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PINS = {"huey": "huey==3.5.4"}
HOME = Path(__file__).resolve().parents[1] / ".bench"


def python_of(peer: str) -> Path:
    """The interpreter of a peer's own environment, made on first use."""
    home = HOME / PINS[peer].replace("==", "-")
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", PINS[peer]], check=True)
    return python
