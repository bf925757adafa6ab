"""An executor does not outlive its guardian: nobody would stop it at its timeout or renew its lease."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(guardian: int) -> None:
    """Ask the system to kill this process when the guardian dies, and look whether that has happened already.

    Only Linux can be asked; everywhere the end of the pipe says the same a moment later.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != guardian:
        die()


def die() -> None:
    """End this process and what its jobs started, at once and without a trace of Python's own ending."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
