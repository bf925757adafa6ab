"""Stands between pytest and one server, so that no server outlives its tests, however pytest ends.

Run as a script of its own with one argument, JSON: command, folder, log, account (user and group id, or null), quit (the
signal that ends the server quickly). Prints the server's pid. Then it reads orders from its standard input:

    stop N      send the signal N (0: none, it is gone already), wait, leave the folder for the next start
    the end     (pytest is gone or done): send `quit`, wait, remove the folder

Standard library only.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import Any

PATIENCE = 30
"""Seconds a server has to end before it is killed."""


def main() -> None:
    """Start the server, tell its pid, wait for the one order."""
    said = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = start(said)
    threading.Thread(target=child.wait, daemon=True).start()  # a server that died by itself is no zombie
    print(child.pid, flush=True)
    order = sys.stdin.readline().split()
    if order:
        end(child, int(order[1]))
    else:
        end(child, said["quit"])
        shutil.rmtree(said["folder"], ignore_errors=True)


def start(said: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The server, writing to its log, with an environment that says nothing of ours."""
    account = said["account"]
    as_whom = {"user": account[0], "group": account[1], "extra_groups": []} if account else {}
    with open(said["log"], "ab") as log:
        return subprocess.Popen(
            said["command"],
            cwd=said["folder"],
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": said["folder"], "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **as_whom,
        )


def end(child: subprocess.Popen[bytes], how: int) -> None:
    """Send the signal, and KILL where that does not help."""
    if how and child.poll() is None:
        child.send_signal(how)
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    main()
