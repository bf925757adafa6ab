"""A job as searches see it: only what is asked of it is read out of what a script brought, and thousands are passed over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from horizon.backends.redis import header
from horizon.backends.redis.packed import Fields, fields_of
from horizon.backends.redis.show import reason_of, record_of
from horizon.backends.redis.store import Store
from horizon.core.clock import Micros
from horizon.core.outcome import Failure
from horizon.core.record import Record
from horizon.core.states import BY_CODE


class Glimpse:
    """One row of a list: where it stands (`number`), when it was pushed, or ended (`at`), and the rest on demand."""

    __slots__ = ("_fields", "_raw", "_store", "at", "number")

    def __init__(self, store: Store, raw: Sequence[Any], number: int, *, by_finish: bool) -> None:
        self._store, self._raw, self.number = store, raw, number
        self._fields: Fields = fields_of(raw[1])
        self.at: Micros = int((self._fields.get("F") if by_finish else None) or self._fields["P"])

    @property
    def id(self) -> str:
        return header.unpack_id(self._fields["i"])

    @property
    def name(self) -> str:
        return header.read(self._raw[2]).name

    @property
    def tags(self) -> tuple[str, ...]:
        return header.read(self._raw[2]).tags

    @property
    def queue(self) -> str:
        return self._store.queues.of(self._fields["q"])

    @property
    def runtime(self) -> Micros | None:
        text = self._fields.get("T")
        return None if text is None else int(text)

    @property
    def error(self) -> Failure | None:
        """Without its traceback."""
        kept = self._raw[3]
        if "E" not in self._fields or not kept:
            return None
        type, message = json.loads(kept)
        return Failure(type=type, message=message, cause=self._fields["E"])

    @property
    def reason(self) -> str | None:
        return reason_of(self._fields, BY_CODE[self._fields["s"]])

    @property
    def payload(self) -> bytes | None:
        """Where it was asked for."""
        return self._raw[6]  # type: ignore[no-any-return]

    @property
    def standing(self) -> tuple[str, str, str, str]:
        """Number, state, runs and round: whether it has changed since."""
        f = self._fields
        return self._raw[0].decode(), str(f["s"]), str(f.get("n", 0)), str(f.get("R", 0))

    @property
    def record(self) -> Record:
        """All of it."""
        return record_of(self._store, self._raw)
