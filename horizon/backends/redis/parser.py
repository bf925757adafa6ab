"""Replies of a Redis: its complaints, and a reader in Python for where hiredis is not installed."""

from __future__ import annotations

from typing import Any


class ReplyError(Exception):
    """What the server answered instead of a result; begins with a word in capitals."""


class PlainReader:
    """Feed it bytes, get whole replies; False while one is incomplete."""

    def __init__(self) -> None:
        self._data = b""

    def feed(self, data: bytes) -> None:
        """More bytes."""
        self._data += data

    def gets(self) -> Any:
        """The next reply; False where it is not all there yet."""
        try:
            reply, at = self._parse(0)
        except IndexError:
            return False
        self._data = self._data[at:]
        return reply

    def _line(self, at: int) -> tuple[bytes, int]:
        end = self._data.find(b"\r\n", at)
        if end < 0:
            raise IndexError
        return self._data[at:end], end + 2

    def _parse(self, at: int) -> tuple[Any, int]:
        line, at = self._line(at)
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest, at
        if kind == b"-":
            return ReplyError(rest.decode(errors="replace")), at
        if kind == b":":
            return int(rest), at
        size = int(rest)
        if size < 0:
            return None, at
        if kind == b"$":
            if len(self._data) < at + size + 2:
                raise IndexError
            return self._data[at : at + size], at + size + 2
        items = []
        for _ in range(size):
            item, at = self._parse(at)
            items.append(item)
        return items, at
