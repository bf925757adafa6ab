"""Processes that start together and stop together: none of them outlives the one that started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from horizon.worker.lifeline import PR_SET_PDEATHSIG
from horizon.worker.signals import group

LINES = 40
"""Last lines kept of what each says, to be shown where it ends unasked."""
Listener = Callable[[str, str], None]


class Member:
    """One process, in a group of its own: a Ctrl-C at the terminal reaches only the parent, which stops them in order."""

    def __init__(self, name: str, argv: Sequence[str], *, fds: Sequence[int], environ: Mapping[str, str]) -> None:
        self.name, self.argv, self.environ = name, argv, environ
        self.lines: deque[str] = deque(maxlen=LINES)
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=fds,
            env=dict(environ),
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        assert self.process.stdout is not None
        self.out = self.process.stdout
        os.set_blocking(self.out.fileno(), False)
        self._rest = b""

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def hear(self) -> list[str] | None:
        """Whole lines said since the last call; None once it will say no more."""
        try:
            heard = os.read(self.out.fileno(), 65_536)
        except BlockingIOError:
            return []
        *whole, self._rest = (self._rest + heard).split(b"\n")
        lines = [line.decode(errors="replace").rstrip("\r") for line in whole]
        self.lines.extend(lines)
        return lines if heard else None


class Family:
    """All of them."""

    def __init__(self, listener: Listener = lambda name, line: None) -> None:
        """`listener` is told the name and each line that one says."""
        self.members: dict[str, Member] = {}
        self.listener = listener
        self.selector = selectors.DefaultSelector()

    def start(self, name: str, argv: Sequence[str], *, fds: Sequence[int] = (), environ: Mapping[str, str] = os.environ) -> None:
        """Start one; `fds` are handed down."""
        member = self.members[name] = Member(name, argv, fds=fds, environ=environ)
        self.selector.register(member.out, selectors.EVENT_READ, member)

    def again(self, member: Member) -> None:
        """Start one anew that has ended, and was handed no descriptors."""
        if member.out in self.selector.get_map():
            self.selector.unregister(member.out)
        self._let_go(member)
        self.start(member.name, member.argv, environ=member.environ)

    def listen_to(self, descriptor: int) -> None:
        """End a `relay` early once there is something to read here."""
        self.selector.register(descriptor, selectors.EVENT_READ)

    def relay(self, timeout: float) -> None:
        """Pass on what is said, for at most this many seconds; without it a talkative process would stand still."""
        for key, _ in self.selector.select(timeout):
            member = key.data
            if member is None:
                continue
            lines = member.hear()
            if lines is None:
                self.selector.unregister(member.out)
            for line in lines or ():
                self.listener(member.name, line)

    def ended(self) -> Member | None:
        """One that is no longer alive, None while all are."""
        return next((member for member in self.members.values() if not member.alive), None)

    def alive(self, *names: str) -> list[Member]:
        """Those that still run, of these (none named: of all)."""
        return [member for name, member in self.members.items() if member.alive and (not names or name in names)]

    def tell(self, number: signal.Signals, *names: str) -> None:
        """Send a signal to the processes themselves; what they started is theirs to stop."""
        for member in self.alive(*names):
            member.process.send_signal(number)

    def kill(self) -> None:
        """End whoever is left, at once, with everything they started in their groups."""
        for member in self.alive():
            group(member.process.pid, signal.SIGKILL)
            member.process.wait()

    def close(self) -> None:
        """Pass on what they said last, and let go of the pipes; everybody has gone."""
        self.selector.close()
        for member in self.members.values():
            self._let_go(member)

    def _let_go(self, member: Member) -> None:
        """Of one that has ended; what it said last is in its pipe."""
        with contextlib.suppress(OSError):  # whoever listened may be gone as well
            while lines := member.hear():
                for line in lines:
                    self.listener(member.name, line)
        member.out.close()


def _end_with_parent() -> None:
    """Runs in the new process: should the parent be killed, this one is asked to stop. Only Linux can be asked."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
