"""One connection to a Redis: bytes out, replies in.

Not redis-py's: importing that costs a process 38 MB, and a worker is two processes; a call through it costs twice the
processor time. What reads replies is the same hiredis; without it a reader in Python does.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from typing import TYPE_CHECKING, Any, Protocol

from horizon.backends.redis.address import Address
from horizon.backends.redis.parser import PlainReader, ReplyError
from horizon.core.clock import perf_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_pack_fast: Callable[[Any], Any] | None = None
with contextlib.suppress(ImportError):
    from hiredis import pack_command as _pack_fast

Part = bytes | str | int | float
LINGER = 100_000
"""Nanoseconds."""
SOME, SELDOM = 3, 64
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
"""With one only, nobody can answer while we look."""
KEEPALIVE = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))


class Lost(Exception):
    """The connection is gone, or silent for too long. `sent`: the server may have got the command."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class Reader(Protocol):
    """Turns bytes into replies."""

    def feed(self, data: bytes) -> object: ...
    def gets(self) -> Any: ...


def pack(parts: Sequence[Part]) -> bytes:
    """A command as it goes over the wire; hiredis does it in a third of the time, where all parts are of the plainest types."""
    if _pack_fast is not None:
        with contextlib.suppress(TypeError):
            packed: bytes = _pack_fast(tuple(parts))
            return packed
    return pack_slowly(parts)


def pack_slowly(parts: Sequence[Part]) -> bytes:
    """The same in Python."""
    out = [b"*%d\r\n" % len(parts)]
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        out.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(out)


def reader() -> Reader:
    """hiredis' where it is installed."""
    try:
        import hiredis
    except ImportError:
        return PlainReader()
    made: Reader = hiredis.Reader(replyError=ReplyError, protocolError=ReplyError)
    return made


class Wire:
    """Not thread-safe: one call at a time. Never shared with another process."""

    def __init__(self, address: Address, target: tuple[str, int] | None) -> None:
        """Connect, present ourselves, choose the database. Raises Lost, ReplyError."""
        self._address = address
        self._reader = reader()
        try:
            self.socket = _open(address, target)
        except OSError as error:
            raise Lost(f"cannot connect: {error}", sent=False) from error
        self._in_vain = 0
        self._poll = select.poll()
        self._poll.register(self.socket.fileno(), select.POLLIN)
        try:
            self._present()
        except BaseException:
            self.close()
            raise

    def _present(self) -> None:
        address = self._address
        if address.password is not None:
            self.call(*(["AUTH"] + ([address.user] if address.user else []) + [address.password]))
        if address.database:
            self.call("SELECT", address.database)

    def call(self, *parts: Part) -> Any:
        """Send one command and wait for its reply. Raises ReplyError, Lost."""
        self.send(parts)
        return self.answer()

    def answer(self) -> Any:
        """The reply to what was sent. Raises ReplyError, Lost."""
        reply = self.receive()
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def send(self, parts: Sequence[Part]) -> None:
        """Only send it."""
        try:
            self.socket.sendall(pack(parts))
        except OSError as error:
            raise Lost(f"the connection broke: {error}", sent=True) from error

    def receive(self) -> Any:
        """The next reply, errors as values."""
        reply = self._reader.gets()
        while reply is False:
            try:
                data = self.socket.recv(65_536)
            except TimeoutError as error:
                raise Lost(f"no answer within {self._address.timeout:g} s", sent=True) from error
            except OSError as error:
                raise Lost(f"the connection broke: {error}", sent=True) from error
            if not data:
                raise Lost("the server closed the connection", sent=True)
            self._reader.feed(data)
            reply = self._reader.gets()
        return reply

    def linger(self) -> None:
        """Look for an answer that is there at once, awake: to fall asleep and be woken takes longer than a short script.

        Of a server that is too far away for that it is tried only now and then.
        """
        self._in_vain += 1
        if PROCESSORS < 2 or (self._in_vain > SOME and self._in_vain % SELDOM):
            return
        ends = perf_ns() + LINGER
        while not self._poll.poll(0):
            if perf_ns() > ends:
                return
            os.sched_yield()
        self._in_vain = 0

    def has_news(self) -> bool:
        """Whether something came in. Where nothing was asked that is the end of the connection, mostly."""
        return bool(self._poll.poll(0))

    def close(self) -> None:
        """Let go."""
        with contextlib.suppress(OSError):
            self.socket.close()


def _open(address: Address, target: tuple[str, int] | None) -> socket.socket:
    if address.path is not None:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(address.connect_timeout)
        made.connect(address.path)
    else:
        made = socket.create_connection(target or address.hosts[0], address.connect_timeout)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, seconds in KEEPALIVE:
            if hasattr(socket, name):
                made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), seconds)
    made.settimeout(address.timeout)
    if not address.tls:
        return made
    from horizon.backends.redis.tls import secured

    return secured(made, address, (target or address.hosts[0])[0])
