"""Everything people do to schedules: add, edit, pause, resume, run now, remove."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from horizon.backends.schedules import CODE, STORED, Schedule, ScheduleChange, ScheduleRun
from horizon.control import differing
from horizon.control.acting import entry
from horizon.control.dispatching import Dispatcher, store, typed
from horizon.control.verbs import check_reason
from horizon.core.audit import AuditEntry, Changed
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidOption, InvalidTransition, NotFound
from horizon.core.ids import uuid7
from horizon.core.record import Record
from horizon.monitor import schedules as seen
from horizon.security.permissions import Ability, Actor, require
from horizon.timetable import planning
from horizon.timetable.declared import TIMES
from horizon.timetable.planning import DEFINITION
from horizon.timetable.wanted import Declared, Wanted

AGAIN = 10
"""How often a change is made anew that somebody else came before."""
Change = Callable[[Schedule], Schedule]


class Timed(Dispatcher, Protocol):
    """What is needed of a runtime."""

    schedules: Declared


class ScheduleControl:
    """The verbs on schedules of one app; they live on its default connection."""

    def __init__(self, runtime: Timed) -> None:
        self.runtime = runtime

    def get(self, name: str) -> Schedule:
        """One of them. Raises NotFound."""
        found = seen.find(self.runtime, name)
        if found is None:
            raise NotFound(f"there is no schedule {name[:80]!r}; the page Schedules and `horizon schedule list` show those there are")
        return found

    def runs(self, name: str, limit: int = 50) -> Sequence[ScheduleRun]:
        """Its history, newest first. Raises NotFound."""
        self.get(name)
        return self.runtime.backend().schedules.runs(name, limit)

    def add(self, actor: Actor, wanted: Wanted) -> Schedule:
        """Keep a new one. Raises PermissionDenied, InvalidInput for what cannot work, InvalidTransition for a name that is taken."""
        require(actor, Ability.OPERATE)
        made, backend = self._settled(wanted), self.runtime.backend()
        made = planning.from_now(replace(made, created_at=backend.now()), backend.now())
        taken = seen.find(self.runtime, made.name) is not None
        change = ScheduleChange(
            name=made.name, version=0, schedule=made, audit=_entry(actor, "add", made, _told(made), differing.of_schedules(None, made))
        )
        if taken or not backend.schedules.write([change])[0]:
            raise InvalidTransition(f"there is a schedule {made.name!r} already; edit that one, or give this one another name")
        return replace(made, version=1)

    def edit(self, actor: Actor, name: str, changes: Mapping[str, Any]) -> Schedule:
        """Say some of it anew: `target when timezone args options misfire most overlap jitter`; its pause and its history stay.

        Raises PermissionDenied, NotFound, InvalidInput, InvalidTransition for one that the code defines.
        """
        require(actor, Ability.OPERATE)
        return self._change(actor, "edit", name, lambda kept: self._edited(kept, changes), ", ".join(sorted(changes)))

    def _edited(self, kept: Schedule, changes: Mapping[str, Any]) -> Schedule:
        self._must_be_stored(kept, "edited")
        made = self._settled(replace(wanted_of(kept), **changes))
        edited = replace(kept, **{key: getattr(made, key) for key in DEFINITION})
        same_times = all(getattr(kept, key) == getattr(edited, key) for key in TIMES)
        return edited if same_times else planning.from_now(edited, self.runtime.backend().now())

    def pause(self, actor: Actor, name: str, reason: str | None = None) -> Schedule:
        """Dispatch nothing by plan until resumed. Raises PermissionDenied, NotFound, InvalidOption."""
        require(actor, Ability.OPERATE)
        if reason is not None:
            check_reason(reason)
        return self._change(actor, "pause", name, lambda kept: replace(kept, paused=True, paused_reason=reason), reason)

    def resume(self, actor: Actor, name: str) -> Schedule:
        """Go on with the next time after now: what passed meanwhile is not made up for.

        Raises PermissionDenied, NotFound, InvalidTransition for one that the code no longer has.
        """
        require(actor, Ability.OPERATE)
        return self._change(actor, "resume", name, self._resumed)

    def _resumed(self, kept: Schedule) -> Schedule:
        if kept.gone:
            raise InvalidTransition(f"the code no longer defines the schedule {kept.name!r}; remove it, or bring it back in the code")
        awake = replace(kept, paused=False, paused_reason=None)
        return planning.from_now(awake, self.runtime.backend().now()) if kept.paused else awake

    def run(self, actor: Actor, name: str) -> Record:
        """Dispatch its job now, beside its plan; returns the job.

        Raises PermissionDenied, NotFound, InvalidInput where the job cannot be made, QueueFull, InvalidTransition where the one
        before still stands and there shall be one only.
        """
        require(actor, Ability.OPERATE)
        schedule = self.get(name)
        connection, envelope = planning.envelope(schedule, self.runtime, uuid7())
        record = store(self.runtime, connection, envelope, _entry(actor, "run", schedule, f"job {envelope.id}"))

        def told(kept: Schedule) -> Schedule:
            return replace(kept, last_at=self.runtime.backend().now(), last_job=record.id)

        now = self.runtime.backend().now()
        run = ScheduleRun(at=now, due_at=now, kind="by hand", job=record.id, detail=f"by {actor.name[:100]}")
        self._change(actor, "run", name, told, runs=(run,), audited=False)
        return record

    def remove(self, actor: Actor, name: str) -> Schedule:
        """Forget it and its history; its jobs stay. Raises PermissionDenied, NotFound, InvalidTransition while the code defines it."""
        require(actor, Ability.OPERATE)
        for _ in range(AGAIN):
            kept = self.get(name)
            if not kept.gone:
                self._must_be_stored(kept, "removed")
            change = ScheduleChange(
                name=name,
                version=kept.version,
                schedule=None,
                audit=_entry(actor, "remove", kept, _told(kept), differing.of_schedules(kept, None)),
            )
            if self.runtime.backend().schedules.write([change])[0]:
                return kept
        raise _busy(name)

    # how ------------------------------------------------------------------------------------------

    def _settled(self, wanted: Wanted) -> Schedule:
        if wanted.name is None and not isinstance(wanted.target, str):
            raise InvalidOption("target is missing: the registered name of the job to dispatch")
        return planning.settle(replace(wanted, args=typed(wanted.args, self.runtime)), self.runtime, source=STORED)

    def _must_be_stored(self, schedule: Schedule, done: str) -> None:
        if schedule.source == CODE:
            raise InvalidTransition(
                f"the schedule {schedule.name!r} is defined in the code, where it is {done}; here it can be paused and run, which a deployment keeps"
            )

    def _change(
        self,
        actor: Actor,
        verb: str,
        name: str,
        made: Change,
        detail: str | None = None,
        *,
        runs: tuple[ScheduleRun, ...] = (),
        audited: bool = True,
    ) -> Schedule:
        """Make a change from what stands, again where somebody was faster."""
        for _ in range(AGAIN):
            kept = self.get(name)
            changed = made(kept)
            audit = _entry(actor, verb, kept, detail, differing.of_schedules(kept, changed)) if audited else None
            change = ScheduleChange(name=name, version=kept.version, schedule=changed, runs=runs, audit=audit)
            if self.runtime.backend().schedules.write([change])[0]:
                return replace(changed, version=kept.version + 1)
        raise _busy(name)


def wanted_of(kept: Schedule) -> Wanted:
    """What somebody would say to make it once more."""
    return Wanted(
        target=kept.target, when=kept.when, name=kept.name, args=json.loads(kept.args), options=kept.options, timezone=kept.timezone,
        misfire=kept.misfire, most=kept.most, overlap=kept.overlap, jitter=kept.jitter / SECOND,
    )  # fmt: skip


def _entry(actor: Actor, verb: str, schedule: Schedule, detail: str | None = None, changes: tuple[Changed, ...] = ()) -> AuditEntry:
    return entry(actor, f"{verb} schedule", f"schedule:{schedule.name}", detail=detail, changes=changes)


def _told(schedule: Schedule) -> str:
    return f"{schedule.target}: {schedule.when} ({schedule.timezone})"


def _busy(name: str) -> InvalidTransition:
    return InvalidTransition(f"the schedule {name!r} was changed by others again and again; look at it, and try once more")
