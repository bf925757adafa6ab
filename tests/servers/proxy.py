"""A proxy between a store and its server that can drop, hold back or cut what passes."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class Proxy:
    """Passes bytes both ways, until told otherwise; `close` ends it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.cut_after: int | None = None
        """Bytes of replies that still pass; then the connection is cut, and others pass again."""
        self.cut_at: int | None = None
        """Pieces of replies that still pass; half of the next one does, then the connection is cut, and others pass again."""
        self.mute = False
        """Replies are swallowed while the connection stays open."""
        self.delay = 0.0
        """Seconds by which every piece of a reply comes later."""
        self.shut = False
        """Nobody is let in."""
        threading.Thread(target=self._welcome, daemon=True).start()

    def _welcome(self) -> None:
        while True:
            try:
                guest, _ = self._door.accept()
            except OSError:
                return
            if self.shut:
                guest.close()
                continue
            host = socket.create_connection(("127.0.0.1", self._port))
            self._pairs.append((guest, host))
            threading.Thread(target=self._pass_on, args=(guest, host), daemon=True).start()
            threading.Thread(target=self._pass_back, args=(host, guest), daemon=True).start()

    def _pass_on(self, guest: socket.socket, host: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := guest.recv(65_536):
                host.sendall(data)
        _end(guest, host)

    def _pass_back(self, host: socket.socket, guest: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := host.recv(65_536):
                if self.mute:
                    continue
                if self.delay:
                    time.sleep(self.delay)
                data, over = self._let_through(data)
                guest.sendall(data)
                if over:
                    break
        _end(guest, host)

    def _let_through(self, data: bytes) -> tuple[bytes, bool]:
        """(what of it passes, whether the connection is cut then)."""
        if self.cut_after is not None:
            data, over = data[: self.cut_after], len(data) >= self.cut_after
            self.cut_after = None if over else self.cut_after - len(data)
            return data, over
        if self.cut_at is None:
            return data, False
        over = self.cut_at == 0
        self.cut_at = None if over else self.cut_at - 1
        return data[: len(data) // 2] if over else data, over

    def cut(self) -> None:
        """Cut every connection there is."""
        for guest, host in self._pairs:
            _end(guest, host)
        self._pairs.clear()

    def close(self) -> None:
        """The end."""
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # closing alone would leave whoever waits at the door there for ever
        self._door.close()
        self.cut()


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
