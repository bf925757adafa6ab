"""A running job in its groups: its batch, its chain, what came before it. Nothing is read before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from horizon.backends.base import Backend
from horizon.core import clock
from horizon.core.effect import Effect
from horizon.core.envelope import Edge
from horizon.core.errors import HorizonError, InvalidInput, InvalidPayload, NotFound
from horizon.core.group import GroupKind, GroupRecord
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.groups import adding
from horizon.jobs.groups.callbacks import ANNOUNCED
from horizon.jobs.groups.finding import handle_of
from horizon.jobs.groups.form import Form
from horizon.jobs.groups.handle import Handle, is_cancelled
from horizon.jobs.groups.inserting import MOST_BEFORE, blocked
from horizon.jobs.groups.job_batch import JobBatch
from horizon.jobs.groups.results import Parent, Results, latest
from horizon.jobs.running import Running
from horizon.jobs.shape import Shape
from horizon.security.sealed import is_sealed

LOOKED = 1.0
"""Seconds for which it is believed that a batch has not been cancelled."""
_looks: dict[str, float] = {}
"""When a group was last seen to go on."""


class Inside:
    """See `Insider`."""

    def __init__(self, here: RuntimeLike, running: Running) -> None:
        self._here, self._running = here, running

    @property
    def _store(self) -> Backend:
        return self._here.backend(self._running.connection)

    @property
    def _group(self) -> str | None:
        of = self._running.reservation
        return None if of is None else of.group

    def _around(self) -> Iterator[GroupRecord]:
        """Its group, the one around that, and so on."""
        id = self._group
        while id is not None:
            found = self._store.groups.get(id)
            if found is None:
                return
            yield found
            id = found.parent

    def _nearest(self, kind: GroupKind) -> GroupRecord | None:
        return next((group for group in self._around() if group.kind is kind), None)

    # batches --------------------------------------------------------------------------------------

    def batch(self) -> JobBatch | None:
        """See `Insider.batch`."""
        found = self._nearest(GroupKind.BATCH)
        return None if found is None else JobBatch(found.id, record=found, here=self._here)

    def stopped(self) -> bool:
        """See `Insider.stopped`. The group tells whether to look at all; that this very job is to stop, only its own record does:
        one that was retried since runs."""
        id = self._group
        if id is None or _looks.get(id, -LOOKED) > clock.monotonic() - LOOKED:
            return False
        if not any(is_cancelled(group) or group.failed_at is not None for group in self._around()):
            if len(_looks) > 1_000:
                _looks.clear()
            _looks[id] = clock.monotonic()
            return False
        return any(record.cancel_requested for record in self._store.many([self._running.id]))

    # chains ---------------------------------------------------------------------------------------

    def append(self, job: Any) -> Any:
        """See `Insider.append`. It waits for every step that has not ended."""
        chain = self._chain("append_to_chain")
        return adding.append(self._here, self._store, chain, job)

    def prepend(self, job: Shape) -> Any:
        """See `Insider.prepend`. Every step that has not started waits for it."""
        if isinstance(job, Form):
            raise InvalidInput(f"prepend_to_chain takes one job; got {job!r}: give its jobs one by one, the last one first")
        chain = self._chain("prepend_to_chain")
        waiting = [record.id for record in blocked(self._store, chain.id)]
        if len(waiting) > MOST_BEFORE:
            raise InvalidInput(
                f"{len(waiting):,} jobs of this chain wait to be started, and a step can be put before {MOST_BEFORE:,} at the most; "
                "let a job of its own do this work"
            )
        mine = (Edge(job_id=self._running.id),)
        return next(iter(adding.add(self._here, chain, [job], edges=mine, before=tuple(waiting))), None)

    def _chain(self, word: str) -> GroupRecord:
        found = self._nearest(GroupKind.CHAIN)
        if found is None:
            raise HorizonError(f"{word}() is for a step of a chain; this job belongs to none")
        return found

    # results --------------------------------------------------------------------------------------

    def previous(self) -> Any:
        """See `Insider.previous`."""
        parents = self._parents()
        if not parents:
            return None
        own = self._store.groups.get(self._group) if self._group and len(parents) > 1 else None
        if own is not None and own.kind is not GroupKind.CHAIN:
            raise HorizonError(f"this job waited for {len(parents)} others; get_previous_results() has what each of them returned")
        return self._results.of(latest(parents))

    def all_previous(self) -> list[Any]:
        """See `Insider.all_previous`."""
        return [self._results.of(parent) for parent in self._parents()]

    def _parents(self) -> list[Parent]:
        return self._results.parents(self._running.id)

    @property
    def _results(self) -> Results:
        return Results(self._here, self._store)

    # effects --------------------------------------------------------------------------------------

    def effects(self, names: Sequence[str]) -> Mapping[str, Effect]:
        """See `Insider.effects`."""
        found = self._store.effects.get(names)
        return {name: replace(one, value=self._opened(one.job_id, one.value)) for name, one in found.items()}

    def _opened(self, job: str, value: bytes | None) -> bytes | None:
        return self._here.keyring.open(job, value) if value is not None and is_sealed(value) else value

    # callbacks ------------------------------------------------------------------------------------

    def announce(self, group: str) -> None:
        """See `Insider.announce`."""
        handle = self.followed(group)
        kind, of = str(handle.kind), handle.record
        details = {f"{kind}_id": of.id, "name": of.name, "state": str(of.state), "connection": of.connection, kind: handle}
        self._here.events.send(ANNOUNCED[handle.kind], sender=self._here.sender, **details)

    def followed(self, group: str) -> Handle:
        """See `Insider.followed`."""
        found = self._store.groups.get(group)
        if found is None:
            raise NotFound(f"group {group}, which this job follows, is no longer stored")
        if group not in self._store.groups.parents(self._running.id):
            raise InvalidPayload(f"this job does not wait for group {group}, so it calls nothing; callbacks are pushed with their group")
        return handle_of(self._here, found)
