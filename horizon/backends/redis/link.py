"""How a process comes at its Redis: a few connections, scripts by their names, and every fault as an error of ours.

Nothing is sent twice that must not be: a call whose answer was lost is repeated only where the act is `safe`, that is,
where it says the same when it is done again. A dead connection is noticed before it is used.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Sequence
from typing import Any

from horizon.backends.redis.address import Address
from horizon.backends.redis.parser import ReplyError
from horizon.backends.redis.scripts import Script, script
from horizon.backends.redis.wire import Lost, Part, Wire
from horizon.core.clock import monotonic, sleep
from horizon.core.errors import BackendUnavailable, HorizonError, InvalidTransition, StoreFull

IDLE = 8
"""Idle connections kept."""
PATIENCE = 2.0
"""Seconds during which a safe act is tried again."""
PAUSES = (0.0, 0.02, 0.05, 0.1, 0.2)
PASSING = ("LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN", "READONLY", "CLUSTERDOWN")
"""Answers of a server that will be itself again."""
ADVICE = {
    "LOADING": "it is reading its data after a start",
    "BUSY": "another client's script has run for too long",
    "READONLY": "it is a replica: point the address at the primary, or use redis+sentinel://",
    "MASTERDOWN": "its primary is down",
    "CLUSTERDOWN": "the cluster is down",
    "MISCONF": "it cannot write to its disk",
    "NOAUTH": "it wants a password: redis://:password@host",
    "WRONGPASS": "user or password is wrong",
    "NOPERM": "this user may not do all that is needed",
}


class Link:
    """Thread-safe; a process that forked starts over with connections of its own."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.prefix = f"{{{address.prefix}}}"
        self._inherited: list[Wire] = []
        self.openings = 0
        """How many connections were opened so far."""
        self._start_over()

    def _start_over(self) -> None:
        self._pid = os.getpid()
        self._idle: list[Wire] = []
        self._target: tuple[str, int] | None = None
        self._lock = threading.Lock()

    def run(self, name: str, args: Sequence[Part], *, safe: bool = False, soon: bool = False) -> Any:
        """Run a script; `soon`: one that takes microseconds. Raises BackendUnavailable, StoreFull, InvalidTransition."""
        act = script(name)

        def once(wire: Wire) -> Any:
            _send(wire, act, self.prefix, args)
            if soon:
                wire.linger()
            return _heard(wire, act, self.prefix, args)

        return self._patiently(once, safe)

    def begin(self, name: str, args: Sequence[Part]) -> Begun:
        """Send a script and leave its answer for later. Raises BackendUnavailable."""
        act = script(name)
        try:
            wire = self.take()
            _send(wire, act, self.prefix, args)
        except Lost as error:
            raise self._unavailable(str(error)) from error
        except ReplyError as error:
            raise self.told(error) from error
        return Begun(self, wire, act, args)

    def call(self, *parts: Part, safe: bool = True) -> Any:
        """Run a plain command."""
        return self._patiently(lambda wire: wire.call(*parts), safe)

    def key(self, name: str) -> str:
        """A key of this connection."""
        return self.prefix + name

    def _patiently(self, once: Any, safe: bool) -> Any:
        ends, tries = monotonic() + PATIENCE, 0
        while True:
            try:
                return self._once(once)
            except Lost as error:
                if (error.sent and not safe) or monotonic() >= ends:
                    raise self._unavailable(str(error)) from error
            except ReplyError as error:
                if not self._may_pass(error) or not safe or monotonic() >= ends:
                    raise self.told(error) from error
            tries += 1
            sleep(PAUSES[min(tries, len(PAUSES) - 1)])

    def finish(self, begun: Begun) -> Any:
        """The answer to what was begun. Raises BackendUnavailable, StoreFull, InvalidTransition."""
        try:
            return self._once(lambda wire: _heard(wire, begun.act, self.prefix, begun.args), begun.wire)
        except Lost as error:
            raise self._unavailable(str(error)) from error
        except ReplyError as error:
            self._may_pass(error)
            raise self.told(error) from error

    def _once(self, once: Any, wire: Wire | None = None) -> Any:
        wire = wire or self.take()
        try:
            result = once(wire)
        except ReplyError as error:
            if str(error).startswith(("READONLY", "MOVED", "ASK", "LOADING")):
                wire.close()
            else:
                self.give(wire)
            raise
        except BaseException:
            wire.close()
            raise
        self.give(wire)
        return result

    def _may_pass(self, error: ReplyError) -> bool:
        """Whether to try again; follows a cluster's word to where the keys are."""
        text = str(error)
        if moved := re.match(r"(?:MOVED|ASK) \d+ (\S*):(\d+)", text):
            self.drop()
            self._target = (moved[1] or self.address.hosts[0][0], int(moved[2]))
            return True
        if text.startswith("READONLY"):
            self.drop()
        return text.startswith(PASSING)

    # connections ----------------------------------------------------------------------------------

    def take(self) -> Wire:
        """A connection that nobody uses. Raises Lost, ReplyError."""
        if self._pid != os.getpid():
            self._inherited += self._idle
            self._start_over()
        while True:
            try:
                wire = self._idle.pop()
            except IndexError:
                return self.open()
            if not wire.has_news():
                return wire
            wire.close()

    def give(self, wire: Wire) -> None:
        """Put it back."""
        if len(self._idle) < IDLE:
            self._idle.append(wire)
        else:
            wire.close()

    def open(self) -> Wire:
        """A new one."""
        if self.address.service is not None and self._target is None:
            from horizon.backends.redis.sentinel import primary

            self._target = primary(self.address)
        self.openings += 1
        try:
            return Wire(self.address, self._target)
        except Lost:
            self._target = None
            raise

    def drop(self) -> None:
        """Close all idle connections and forget where the server was."""
        self._target = None
        while self._idle:
            self._idle.pop().close()

    def close(self) -> None:
        """Let go of every idle connection; the next act opens new ones."""
        if self._pid == os.getpid():
            self.drop()

    # faults ---------------------------------------------------------------------------------------

    def told(self, error: ReplyError) -> HorizonError:
        """A server's complaint as an error of ours."""
        text = str(error)
        word = text.split(" ", 1)[0]
        if "InvalidTransition " in text:
            return InvalidTransition(text.split("InvalidTransition ", 1)[1])
        if word == "OOM" or "OOM command not allowed" in text:
            return StoreFull(f"{self.address.location} has no memory left for more jobs: raise its maxmemory, or keep fewer ended jobs")
        advice = next((f": {ADVICE[known]}" for known in ADVICE if word == known or f"-{known} " in text), "")
        return self._unavailable(f"{text[:300]}{advice}")

    def _unavailable(self, why: str) -> BackendUnavailable:
        return BackendUnavailable(f"{self.address.location} did not do what it was asked: {why}")


class Begun:
    """A script that was sent and whose answer nobody has read yet; it has a connection for itself until then."""

    def __init__(self, link: Link, wire: Wire, act: Script, args: Sequence[Part]) -> None:
        self.link, self.wire, self.act, self.args = link, wire, act, args

    def ready(self) -> bool:
        """Whether there is something to read."""
        return self.wire.has_news()

    def finish(self) -> Any:
        """See `Link.finish`."""
        return self.link.finish(self)


def _send(wire: Wire, act: Script, prefix: str, args: Sequence[Part]) -> None:
    """By its name."""
    wire.send((b"EVALSHA", act.sha, 1, prefix, *args))


def _heard(wire: Wire, act: Script, prefix: str, args: Sequence[Part]) -> Any:
    """The answer; a server that does not know the script (new, or its cache flushed) gets it whole."""
    try:
        return wire.answer()
    except ReplyError as error:
        if not str(error).startswith("NOSCRIPT"):
            raise
        return wire.call(b"EVAL", act.text, 1, prefix, *args)
