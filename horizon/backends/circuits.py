"""How the circuits of a store stand, kept in its locks: which there are, and for each whether it is open.

1. Each circuit has a number, and the lock of that number names it: so they are found one after the other. A number is never free
   again; a circuit that nobody has used for a month is left out.
2. `broken` is held while it is not closed, and says since when. While `wait` is held as well, nobody may enter; whoever gets it
   is the probe.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from horizon.backends.base import Backend
from horizon.backends.slices import SLICES
from horizon.backends.values import Lease
from horizon.core.clock import DAY, SECOND, Micros

MOST = 100
"""Circuits of a store that are listed; more work as well, unseen."""
FOREVER: Micros = 3_660 * DAY
UNUSED: Micros = 30 * DAY
OPEN = "open"
"""Who holds a circuit's time-out, where no probe does."""


class State(StrEnum):
    """How a circuit stands."""

    CLOSED = "closed"
    """Jobs run."""
    OPEN = "open"
    """Jobs wait."""
    HALF_OPEN = "half-open"
    """The time-out is over: the next job is a probe."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Circuit:
    """One service, by the newest word of whoever uses it."""

    service: str
    fail_max: int
    within: Micros
    reset: Micros

    @property
    def meter(self) -> str:
        """Where its failures are counted."""
        return f"circuit {self.service} {self.fail_max}/{self.within // SECOND}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CircuitRecord:
    """A circuit as pages show it."""

    circuit: Circuit
    state: State
    since: Micros | None = None
    """When it opened."""
    probe_at: Micros | None = None
    """When the next job may try the service; None where it may now, or where one does."""
    probe: str | None = None
    """Id of the job that tries it."""


def broken(service: str) -> str:
    """The lock that is held while the circuit is not closed."""
    return f"circuit {service} broken"


def wait(service: str) -> str:
    """The lock that is held while nobody may enter."""
    return f"circuit {service} wait"


def _used(service: str) -> str:
    return f"circuit {service} used"


# reading --------------------------------------------------------------------------------------------


def circuits(store: Backend) -> list[CircuitRecord]:
    """Those that were used lately, those that are not closed first, then by name."""
    found = {one.service: one for _, one in _listed(store)}
    used = [one for one in found.values() if store.locks.read(_used(one.service)) is not None]
    return sorted((_record(store, one) for one in used), key=lambda one: (one.state is State.CLOSED, one.circuit.service))


def circuit(store: Backend, service: str) -> CircuitRecord | None:
    """One of them; None where no job of this store has used it."""
    found = next((one for _, one in _listed(store) if one.service == service), None)
    return None if found is None else _record(store, found)


def state(store: Backend, service: str) -> State:
    """How one stands."""
    if store.locks.read(broken(service)) is None:
        return State.CLOSED
    return State.HALF_OPEN if store.locks.read(wait(service)) is None else State.OPEN


def _record(store: Backend, one: Circuit) -> CircuitRecord:
    held = store.locks.read(broken(one.service))
    if held is None:
        return CircuitRecord(circuit=one, state=State.CLOSED)
    waiting = store.locks.read(wait(one.service))
    if waiting is None:
        return CircuitRecord(circuit=one, state=State.HALF_OPEN, since=_since(held))
    if waiting.holder == OPEN:
        return CircuitRecord(circuit=one, state=State.OPEN, since=_since(held), probe_at=waiting.expires_at)
    return CircuitRecord(circuit=one, state=State.HALF_OPEN, since=_since(held), probe=waiting.holder)


def _since(held: Lease) -> Micros | None:
    word = held.holder.removeprefix(f"{OPEN} ")
    return int(word) if word.isdecimal() else None


def _listed(store: Backend) -> Iterator[tuple[Lease, Circuit]]:
    for number in range(MOST):
        held = store.locks.read(_number(number))
        if held is None:
            return
        service, fail_max, within, reset = json.loads(held.holder)
        yield held, Circuit(service=service, fail_max=fail_max, within=within, reset=reset)


def _number(number: int) -> str:
    return f"circuit number {number}"


# writing --------------------------------------------------------------------------------------------


def enlist(store: Backend, one: Circuit) -> None:
    """Let it be listed, with these figures."""
    words = json.dumps([one.service, one.fail_max, one.within, one.reset], ensure_ascii=False)
    listed = list(_listed(store))
    known = next((held for held, other in listed if other.service == one.service), None)
    if known is None:
        free = range(len(listed), MOST)
        any(store.locks.acquire(_number(number), words, FOREVER) is not None for number in free)
    elif known.holder != words and store.locks.release(known):
        store.locks.acquire(known.name, words, FOREVER)
    store.locks.acquire(_used(one.service), "jobs", UNUSED)


def open_it(store: Backend, one: Circuit, holder: str) -> None:
    """Let nobody in for a while; `broken` outlasts that, so that what comes then is a probe."""
    locks = store.locks
    held = locks.read(broken(one.service))
    locks.acquire(broken(one.service), f"{OPEN} {store.now()}" if held is None else held.holder, max(DAY, one.reset * 10))
    waiting = locks.acquire(wait(one.service), holder, one.reset)
    if waiting is not None and holder != OPEN:  # the probe's own time is over: the wait is nobody's now
        locks.release(waiting)
        locks.acquire(wait(one.service), OPEN, one.reset)


def close(store: Backend, one: Circuit) -> bool:
    """Let everybody in; whether it was open. Failures before this count no longer."""
    freed = [_free(store, name) for name in (broken(one.service), wait(one.service))]
    forget_failures(store, one)
    return freed[0]


def _free(store: Backend, name: str) -> bool:
    held = store.locks.read(name)
    return held is not None and store.locks.release(held)


def forget_failures(store: Backend, one: Circuit) -> None:
    """A meter keeps them in eleven slices at the most, and gives back one at a time."""
    for _ in range(min(SLICES + 1, one.fail_max)):
        store.meters.give_back(one.meter, one.fail_max)
