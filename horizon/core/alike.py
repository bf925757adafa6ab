"""Jobs that agree in everything but their ids and arguments, as a program dispatches them by the hundred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

from horizon.core.envelope import Envelope


class Alike(Sequence[Envelope]):
    """The envelopes of such jobs, in order. None of them is made before somebody looks at it, but the first: a store that knows what they
    agree in needs no others. Who asks whether something is of this kind asks for its type: the way round by `isinstance` is dear here."""

    __slots__ = ("_agreed", "_made", "_slices", "first", "fresh", "ids", "payloads")

    def __init__(self, ids: Sequence[str], payloads: Sequence[bytes], agreed: Mapping[str, Any], *, fresh: bool = False) -> None:
        """One or more, whose ids differ, and which wait for no others and go before none. `agreed`: every other field of theirs that holds
        anything; `fresh`: see `Envelope.fresh`."""
        self.ids, self.payloads = ids, payloads
        self._agreed = agreed
        self.first = Envelope(id=ids[0], payload=payloads[0], **agreed)
        self.fresh = fresh
        self._made: list[Envelope] | None = None
        self._slices: dict[tuple[int, int], Alike] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Envelope]:
        return iter(self._all())

    @overload
    def __getitem__(self, at: int) -> Envelope: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Envelope]: ...

    def __getitem__(self, at: int | slice) -> Envelope | Sequence[Envelope]:
        if isinstance(at, int):
            return self.first if at == 0 else self._all()[at]
        start, stop, step = at.indices(len(self.ids))
        return self._all()[at] if step != 1 or start >= stop else self._slice(start, stop)

    def _slice(self, start: int, stop: int) -> Alike:
        """Always the same one, so that what is no longer fresh is so whoever asks again."""
        if (start, stop) == (0, len(self.ids)):
            return self
        found = self._slices.get((start, stop))
        if found is None:
            found = Alike(self.ids[start:stop], self.payloads[start:stop], self._agreed, fresh=self.fresh)
            self._slices[start, stop] = found
        return found

    def _all(self) -> list[Envelope]:
        if self._made is None:
            agreed = self._agreed
            rest = zip(self.ids[1:], self.payloads[1:], strict=True)
            self._made = [self.first, *(Envelope(id=id, payload=payload, **agreed) for id, payload in rest)]
        return self._made


def kinds(envelopes: Iterable[Envelope]) -> Iterable[Envelope]:
    """One of each kind, as far as that is known: the first stands for all that are alike."""
    return (envelopes.first,) if type(envelopes) is Alike else envelopes


def ids(envelopes: Sequence[Envelope]) -> Sequence[str]:
    """Of all of these, in order."""
    return envelopes.ids if type(envelopes) is Alike else [envelope.id for envelope in envelopes]


def renew(envelopes: Sequence[Envelope]) -> None:
    """Say that all of these were made just now; see `Envelope.fresh`."""
    if type(envelopes) is Alike:
        envelopes.fresh = True
        return
    for envelope in envelopes:
        envelope.fresh = True


def take_back(envelopes: Sequence[Envelope]) -> bool:
    """Whether all of these were made just now; from now on none is."""
    if type(envelopes) is Alike:
        fresh, envelopes.fresh = envelopes.fresh, False
        return fresh
    fresh = all(envelope.fresh for envelope in envelopes)
    for envelope in envelopes:
        envelope.fresh = False
    return fresh
