"""Pushes of plain jobs that agree in nearly everything: what is sent once for all of them, and what each has of its own."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from horizon.backends.values import Pushed, PushStatus
from horizon.core.alike import Alike, ids
from horizon.core.clock import Micros
from horizon.core.envelope import VERSION, Envelope

SHARED = (
    "name", "queue", "version", "priority", "max_tries", "timeout", "backoff", "retry_until", "max_crashes", "deadline", "user", "tenant",
    "unique_for", "unique_until_processing", "weight", "hook", "code_version", "signature", "delay", "available_at", "round", "crashes",
)  # fmt: skip
"""What jobs of one such push agree in."""
USUAL = (
    ("priority", "0"), ("version", str(VERSION)), ("max_tries", "NULL"), ("timeout", "NULL"), ("backoff", "NULL"), ("retry_until", "NULL"),
    ("max_crashes", "NULL"), ("deadline", "NULL"), ("owner", "NULL"), ("tenant", "NULL"), ("unique_for", "NULL"), ("until_processing", "0"),
    ("weight", "1"), ("hook", "0"), ("code_version", "NULL"), ("signature", "NULL"),
)  # fmt: skip
"""Columns of `job` with what nearly every job has there: it stands in the statement then, and need not be sent."""
rare = attrgetter(
    "priority", "version", "max_tries", "timeout", "backoff", "retry_until", "max_crashes", "deadline", "user", "tenant", "unique_for",
    "unique_until_processing", "weight", "hook", "code_version", "signature",
)  # fmt: skip
"""What a job has in the columns of `USUAL`."""
_PLAIN = (0, VERSION, None, None, None, None, None, None, None, None, None, False, 1, False, None, None)
_NOTHING_ODD = (False,) * len(_PLAIN)
_agreed = attrgetter(*SHARED)
_asks = attrgetter("unique_key", "edges", "group", "before", "tries", "fair", "share", "expires", "limits")
_ASKS_NOTHING = (None, (), None, (), 0, None, 1, False, ())


def are_alike(envelopes: Sequence[Envelope]) -> bool:
    """Whether these ask for nothing that has to be looked at, and agree in all but ids, arguments, tags and time of dispatch."""
    first = envelopes[0]
    if _asks(first) != _ASKS_NOTHING:
        return False
    agreed = _agreed(first)
    if type(envelopes) is Alike:
        return True
    rest = envelopes[1:]
    if not all(_asks(one) == _ASKS_NOTHING and _agreed(one) == agreed for one in rest):
        return False
    return not rest or len({envelope.id for envelope in envelopes}) == len(envelopes)


class Own(NamedTuple):
    """What jobs that are alike have of their own, in columns."""

    ids: Sequence[str]
    payloads: Sequence[bytes]
    created: Sequence[Micros | None]
    tags: Sequence[tuple[str, ...]]
    """Empty where none of them has any."""


def own(envelopes: Sequence[Envelope]) -> Own:
    """Of these, which are alike."""
    if type(envelopes) is Alike:
        first, count = envelopes.first, len(envelopes)
        return Own(envelopes.ids, envelopes.payloads, [first.created_at] * count, [first.tags] * count if first.tags else ())
    if len(envelopes) == 1:
        (one,) = envelopes
        return Own((one.id,), (one.payload,), (one.created_at,), (one.tags,) if one.tags else ())
    return Own(
        [one.id for one in envelopes],
        [one.payload for one in envelopes],
        [one.created_at for one in envelopes],
        [one.tags for one in envelopes] if any(one.tags for one in envelopes) else (),
    )


def created(envelopes: Sequence[Envelope]) -> list[Pushed]:
    """The answer to a push of which all is new."""
    return [Pushed(id=id, status=PushStatus.CREATED) for id in ids(envelopes)]


def odd(values: Sequence[object]) -> tuple[bool, ...]:
    """Per column of `USUAL`: it holds something else."""
    return _NOTHING_ODD if values == _PLAIN else tuple(value != usual for value, usual in zip(values, _PLAIN, strict=True))
