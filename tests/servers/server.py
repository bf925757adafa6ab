"""What every server of the tests has in common: a folder, a port, a process with its keeper."""

from __future__ import annotations

import itertools
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

KEEPER = Path(__file__).with_name("keeper.py")
PATIENCE = 60.0
"""Seconds a server may take until it answers: minutes of work on a machine that is busy with other tests."""
PLENTY = 4 * 1024**3
"""Bytes that must be free in memory-backed storage before servers live there: it spares the disk thousands of writes."""


class Missing(Exception):
    """This server, or its driver, is not installed; the text says what to install."""


class DidNotStart(Exception):
    """The server ended, or did not answer; the text holds the end of its log."""


class Server(ABC):
    """One server process. `durable`: written to disk as in production, where it is else told that nothing matters.

    A kind of server says how to set up its folder, the command, and how to make, drop and clone databases.
    """

    kind: ClassVar[str]
    install: ClassVar[str]
    """What somebody should install who does not have it."""
    accounts: ClassVar[tuple[str, ...]] = ()
    """Users to run as, the first that exists, where we are root and the server does not want to be."""
    gentle: ClassVar[signal.Signals] = signal.SIGTERM
    quick: ClassVar[signal.Signals] = signal.SIGKILL

    def __init__(self, *options: str, durable: bool = False) -> None:
        self.options = options
        self.durable = durable
        self.port = 0
        self.pid = 0
        self._keeper: subprocess.Popen[str] | None = None
        self._numbers = itertools.count(1)
        self.look()
        self.folder = Path(tempfile.mkdtemp(prefix=f"horizon-{self.kind}-", dir=None if durable else quick_folder()))
        self.account = _account(self.accounts)
        if self.account:
            os.chown(self.folder, *self.account)

    # of a kind ------------------------------------------------------------------------------------

    @abstractmethod
    def look(self) -> None:
        """Find the programs and the driver. Raises Missing."""

    def set_up(self) -> None:  # noqa: B027 (most kinds need nothing)
        """Make what the server needs in its folder before its first start."""

    @abstractmethod
    def command(self) -> list[str]:
        """What to run, listening on `port`."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether somebody could work with it now."""

    @abstractmethod
    def fresh(self, template: str | None = None) -> str:
        """Address of an empty database that nobody else uses, or of a copy of one made by `template`."""

    @abstractmethod
    def drop(self, address: str) -> None:
        """Let go of a database, whoever may still be connected."""

    # of all ---------------------------------------------------------------------------------------

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "log"

    def start(self) -> None:
        """Start it and wait until it answers; on the port it had before, where it had one. Raises DidNotStart."""
        if not self.port:
            self.run_quietly(self.set_up)
        wanted = self.port
        for _ in range(3):  # another program can take a free port before the server does
            self.port = wanted or free_port()
            self._launch()
            if self._came_up():
                return
            hangs = _alive(self.pid)
            self.stop(self.quick)
            if hangs:
                break
        raise DidNotStart(f"{self.kind} did not start; the end of {self.log}:\n{self.tail()}")

    def stop(self, how: signal.Signals | None = None) -> None:
        """End the process (`how`: the signal; orderly by default) and wait for its end; the data stays for the next start."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        assert keeper.stdin is not None
        keeper.stdin.write(f"stop {int(how or self.gentle)}\n")
        keeper.stdin.close()
        keeper.wait()

    def kill(self) -> None:
        """End it at once, as a power cut would for the process (not for the disk)."""
        self.stop(signal.SIGKILL)

    def restart(self, how: signal.Signals | None = None) -> None:
        """Stop and start on the same port."""
        self.stop(how)
        self.start()

    def close(self) -> None:
        """The end: the process is stopped, the folder removed."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            assert keeper.stdin is not None
            keeper.stdin.close()
            keeper.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def tail(self) -> str:
        """The last that the server said."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:]) if self.log.exists() else "(no log)"

    def tool(self, *command: str) -> None:
        """Run a program to its end as the server's user. Raises DidNotStart."""
        as_whom = {"user": self.account[0], "group": self.account[1], "extra_groups": []} if self.account else {}
        env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LC_ALL": "C", "TZ": "UTC"}
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, **as_whom)
        if done.returncode:
            raise DidNotStart(f"{command[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def run_quietly(self, step: Callable[[], None]) -> None:
        """Do a step; where it fails nothing of the server stays behind."""
        try:
            step()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _launch(self) -> None:
        said = {
            "command": self.command(),
            "folder": str(self.folder),
            "log": str(self.log),
            "account": self.account,
            "quit": int(self.quick),
        }
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(KEEPER), json.dumps(said)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for pytest; the keeper ends when pytest has
        )
        assert self._keeper.stdout is not None
        line = self._keeper.stdout.readline()
        self._keeper.stdout.close()
        if not line:
            raise DidNotStart(f"{self.kind} could not be started: {said['command']}")
        self.pid = int(line)

    def _came_up(self) -> bool:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.answers():
                return True
            if not _alive(self.pid):
                return False
            time.sleep(0.02)
        return False


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def program(name: str, folders: Iterable[Path] = ()) -> str | None:
    """Path of a program: in these folders, else the system's, else wherever PATH finds it."""
    system = (Path(folder) for folder in ("/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"))
    for folder in itertools.chain(folders, system):
        if os.access(folder / name, os.X_OK):
            return str(folder / name)
    return shutil.which(name)


def _account(names: tuple[str, ...]) -> tuple[int, int] | None:
    """User and group to run as; None: as we are."""
    if not names or os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise Missing(f"a user other than root is needed to run the server: one of {', '.join(names)}, nobody")


def quick_folder() -> str | None:
    """Where what need not last lies best; None: where temporary files lie anyway."""
    memory = "/dev/shm"
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= PLENTY else None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
