"""Statements that always come together, and those of them that a connection has prepared.

MariaDB prepares a whole block, and runs it by its name and values: nothing of it is read and planned again, and one answer comes where
each statement of several has one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from horizon.backends.database.mysql.values import literal

MOST = 20
"""Blocks that a connection prepares: pushes differ in which columns they fill, and those that do so often are few."""
SEEN = 200
"""Blocks of which a connection remembers that they came."""
BEGIN, END = b"BEGIN NOT ATOMIC ", b"; END"


class Statement(NamedTuple):
    """One or several, with semicolons between them."""

    template: bytes
    """Holes are `%b`. What differs from one time to the next is in them, else it is another one each time."""
    values: tuple[bytes, ...] = ()
    """As they stand in a statement."""
    ahead: Iterable[bytes] = ()
    """What goes before it, a piece at a time, each of which is made while the server does the one before."""

    def text(self) -> bytes:
        """With its values."""
        return self.template % self.values


class Blocks:
    """What one connection has prepared."""

    def __init__(self, *, able: bool) -> None:
        """`able`: whether the server prepares blocks."""
        self._able = able
        self._names: dict[bytes, bytes] = {}
        self._seen: set[bytes] = set()

    def written(self, block: Statement, last: bytes) -> bytes | None:
        """What runs this and `last`; it is prepared on the way when it comes for the second time. None where it is not prepared."""
        name = self._names.get(block.template)
        if name is not None:
            return _run(name, block)
        if not self._able or len(self._names) >= MOST or not self._came_before(block.template):
            return None
        name = self._names[block.template] = b"horizon_%d" % (len(self._names) + 1)
        whole = BEGIN + block.template % ((b"?",) * len(block.values)) + b";" + last + END
        return b"PREPARE %b FROM %b;%b" % (name, literal(whole.decode()), _run(name, block))

    def _came_before(self, template: bytes) -> bool:
        if template in self._seen:
            return True
        if len(self._seen) < SEEN:
            self._seen.add(template)
        return False

    def give_up(self) -> None:
        """One of them did not run as it should have: the server may not prepare such, or has forgotten it."""
        self._able = False
        self._names.clear()


def _run(name: bytes, block: Statement) -> bytes:
    return b"EXECUTE %b USING %b" % (name, b",".join(block.values))
