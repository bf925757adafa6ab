"""Answers as PyMySQL reads them, at a quarter of the price: it makes four calls for each value, ten for each packet, and describes every
column anew each time, which is most of what a turn costs here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

Column = tuple[str | None, Callable[[Any], Any] | None]
"""How the text of a column is encoded (None: bytes), and what makes a value of it."""
NULL, SHORT = 251, 250
WIDTHS = {252: 2, 253: 3, 254: 8}
"""Bytes of a length that does not fit into one, by their mark."""
HEADER, LONGEST = 4, (1 << 24) - 1
"""Bytes before each packet; how many at most stand in one: what is longer goes on in the next."""
ERROR, END, END_SIZE = 0xFF, 0xFE, 8
"""How packets begin that say what is wrong, or that there are no more rows, and how long the latter are at the most."""
MORE = 8
"""The flag of an answer behind which comes another one."""
DESCRIPTIONS = 2_000
"""Columns that are remembered."""


def row_of(data: bytes, columns: Sequence[Column]) -> tuple[Any, ...]:
    """The values of one packet of a row."""
    row: list[Any] = []
    at, end = 0, len(data)
    for encoding, convert in columns:
        if at >= end:
            break  # PyMySQL knows of servers that leave columns out
        size = data[at]
        at += 1
        if size == NULL:
            row.append(None)
            continue
        if size > SHORT:
            width = WIDTHS[size]
            size = int.from_bytes(data[at : at + width], "little")
            at += width
        value: Any = data[at : at + size]
        at += size
        if convert is int:
            row.append(int(value))
            continue
        if encoding is not None:
            value = value.decode(encoding)
        row.append(value if convert is None else convert(value))
    return tuple(row)


def quick(result: type[Any], field: type[Any], packet: type[Any]) -> Callable[..., int]:
    """What a connection of PyMySQL reads an answer with, in place of its own way: these are its classes of answers, of descriptions of
    columns, and of packets."""
    known: dict[tuple[bytes, str], tuple[Any, Column]] = {}

    def columns(self: Any) -> None:
        """The same description comes with every answer to the same question: it is understood once."""
        connection, described = self.connection, []
        self.fields, self.converters = [], []
        for _ in range(self.field_count):
            data = packet_of(connection, packet)
            meaning = known.get((data, connection.encoding))
            if meaning is None:
                if len(known) >= DESCRIPTIONS:
                    known.clear()
                meaning = known[data, connection.encoding] = _understood(result, connection, field(data, connection.encoding))
            described.append(meaning[0])
            self.converters.append(meaning[1])
        packet_of(connection, packet)  # the end of the columns
        self.description = tuple(described)

    def rows(self: Any) -> None:
        connection, converters, found = self.connection, self.converters, []
        while (data := packet_of(connection, packet))[0] != END or len(data) > END_SIZE:
            found.append(row_of(data, converters))
        self._check_packet_is_eof(packet(data, connection.encoding))
        self.connection = None  # else they hold each other
        self.affected_rows, self.rows = len(found), tuple(found)

    answer = type("Answer", (result,), {"_get_descriptions": columns, "_read_rowdata_packet": rows})

    def read(self: Any, unbuffered: bool = False) -> int:
        self._result = None
        made = answer(self)
        if unbuffered:
            made.init_unbuffered_query()
        else:
            made.read()
        self._result = made
        if made.server_status is not None:
            self.server_status = made.server_status
        return int(made.affected_rows)

    return read


def packet_of(connection: Any, packet: type[Any]) -> bytes:
    """The next packet, however long. Raises what the server says, EOFError where it says nothing more, OSError."""
    parts: list[bytes] = []
    while True:
        header = connection._rfile.read(HEADER)
        if len(header) < HEADER or header[3] != connection._next_seq_id:
            raise _lost(connection)
        connection._next_seq_id = (header[3] + 1) % 256
        size = int.from_bytes(header[:3], "little")
        data: bytes = connection._rfile.read(size)
        if len(data) < size:
            raise _lost(connection)
        if not parts and size and data[0] == ERROR:
            packet(data, connection.encoding).raise_for_error()
        parts.append(data)
        if size < LONGEST:
            return data if len(parts) == 1 else b"".join(parts)


def made_by(connection: Any, packet: type[Any]) -> int:
    """Read past the answers to several statements none of which answers rows; the number that the first of them made. Raises what the
    server says."""
    first, more = None, True
    while more:
        data = packet_of(connection, packet)
        _, at = _number(data, 1)
        made, at = _number(data, at)
        first = made if first is None else first
        connection.server_status = int.from_bytes(data[at : at + 2], "little")
        more = bool(connection.server_status & MORE)
    return first or 0


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A whole number of any length, and where it ends."""
    size = data[at]
    if size <= SHORT:
        return size, at + 1
    end = at + 1 + WIDTHS[size]
    return int.from_bytes(data[at + 1 : end], "little"), end


def _lost(connection: Any) -> EOFError:
    connection._force_close()
    return EOFError("the connection was lost in the middle of an answer")


class _Alone:
    """Has PyMySQL's own way read the description of one column, and then their end."""

    def __init__(self, connection: Any, described_by: Any) -> None:
        self.use_unicode, self.encoding, self.decoders = connection.use_unicode, connection.encoding, connection.decoders
        self._packets = [self, described_by]

    def _read_packet(self, packet_type: Any = None) -> Any:
        return self._packets.pop()

    def is_eof_packet(self) -> bool:
        """Behind the column there is nothing."""
        return True


def _understood(result: type[Any], connection: Any, described_by: Any) -> tuple[Any, Column]:
    """What stands in a cursor about a column, and how its values are read."""
    one = SimpleNamespace(field_count=1, connection=_Alone(connection, described_by))
    result._get_descriptions(one)
    return one.description[0], one.converters[0]
