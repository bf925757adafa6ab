"""Where a test may stand in the way of dispatches: what its net takes goes to no store.

A net is known by a weak reference only, so that one that a test has forgotten catches nothing any more.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, Protocol

from horizon.core.envelope import Envelope
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.jobid import JobId
from horizon.jobs.shape import Shape


class Net(Protocol):
    """What stands in the way."""

    def takes(self, cls: type[Shape]) -> bool:
        """Whether jobs of this class are caught."""

    def keep(self, runtime: RuntimeLike, connection: str, job: Shape, envelope: Envelope) -> JobId | None:
        """Keep what was to be dispatched; its id, or None where its unique key is held."""

    def keep_group(self, runtime: RuntimeLike, group: Any, id: str) -> None:
        """Keep a batch, chain or workflow that was to be dispatched under this id."""


_nets: list[weakref.ref[Net]] = []


def net(cls: type[Shape] | None = None) -> Net | None:
    """The one that catches jobs of this class (None: groups), the latest first; None where there is none, as nearly always."""
    if not _nets:
        return None
    for ref in reversed(_nets):
        found = ref()
        if found is not None and (cls is None or found.takes(cls)):
            return found
    return None


def spread(net: Net) -> None:
    """Let a net catch from now on."""
    _nets.append(weakref.ref(net, _forget))


def take_in(net: Net) -> None:
    """Let it catch no more; a second time changes nothing."""
    _nets[:] = [ref for ref in _nets if ref() is not None and ref() is not net]


def spread_now() -> Sequence[Net]:
    """Those that catch at this moment, the first spread first."""
    return [found for ref in _nets if (found := ref()) is not None]


def _forget(gone: weakref.ref[Net]) -> None:
    _nets[:] = [ref for ref in _nets if ref is not gone]
