"""Which verbs a job offers to an actor: what its state allows and their role may do. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.backends.values import Verb
from horizon.control.preview import FITS
from horizon.control.verbs import RULES
from horizon.core.record import Record
from horizon.core.states import TERMINAL, JobState
from horizon.security.permissions import Actor

S = JobState


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """One act as people see it."""

    verb: Verb
    label: str
    icon: str
    danger: bool = False


BUTTONS: dict[Verb, Button] = {
    Verb.RETRY: Button(verb=Verb.RETRY, label="Retry", icon="retry"),
    Verb.RUN_NOW: Button(verb=Verb.RUN_NOW, label="Run now", icon="run"),
    Verb.PRIORITIZE: Button(verb=Verb.PRIORITIZE, label="Prioritize", icon="up"),
    Verb.RESCHEDULE: Button(verb=Verb.RESCHEDULE, label="Reschedule", icon="clock"),
    Verb.MOVE: Button(verb=Verb.MOVE, label="Move", icon="right"),
    Verb.CANCEL: Button(verb=Verb.CANCEL, label="Cancel", icon="cancel", danger=True),
    Verb.FORGET: Button(verb=Verb.FORGET, label="Forget", icon="forget", danger=True),
    Verb.RESTORE: Button(verb=Verb.RESTORE, label="Restore", icon="undo"),
}
OFFERED: dict[JobState, tuple[Verb, ...]] = {
    S.PENDING: (Verb.PRIORITIZE, Verb.CANCEL),
    S.PROCESSING: (Verb.CANCEL,),
    S.SCHEDULED: (Verb.RUN_NOW, Verb.PRIORITIZE, Verb.CANCEL),
    S.RETRYING: (Verb.RUN_NOW, Verb.PRIORITIZE, Verb.CANCEL),
    S.BLOCKED: (Verb.PRIORITIZE, Verb.CANCEL),
    S.COMPLETED: (Verb.RETRY, Verb.FORGET),
    S.FAILED: (Verb.RETRY, Verb.FORGET),
    S.CANCELLED: (Verb.RETRY, Verb.FORGET),
}
STEPS = (10, 20, 50, 100)
"""Where one click on Prioritize raises a job to: the first step above where it stands."""


def allowed(actor: Actor, verb: Verb) -> bool:
    """Whether the actor's role may use the verb."""
    return actor.can(RULES[verb].ability)


def of(record: Record, actor: Actor) -> list[Button]:
    """The buttons of one job."""
    if record.forgotten:
        verbs: tuple[Verb, ...] = (Verb.RESTORE,)
    elif record.in_inbox or (record.state is S.PROCESSING and record.cancel_requested):
        verbs = ()
    else:
        verbs = OFFERED[record.state]
        if record.waits_for_limit:
            verbs = tuple(verb for verb in verbs if verb is not Verb.RUN_NOW)  # there is no room for it
    return [BUTTONS[verb] for verb in verbs if allowed(actor, verb)]


def of_many(states: tuple[JobState, ...], actor: Actor, *, forgotten: bool = False) -> list[Button]:
    """The buttons for a selection among jobs of these states (empty: any); `forgotten`: some can be brought back."""
    asked = set(states or JobState)
    verbs: set[Verb] = {verb for verb in BUTTONS if verb is not Verb.RESTORE and asked & FITS[verb]}
    if asked <= TERMINAL:
        verbs -= {Verb.MOVE}  # it would only change where they go when somebody retries them
    elif Verb.FORGET in verbs and not asked & TERMINAL:
        verbs -= {Verb.FORGET}  # one cancels what waits
    if forgotten:
        verbs |= {Verb.RESTORE}
    return [button for verb, button in BUTTONS.items() if verb in verbs and allowed(actor, verb)]


def raised(priority: int) -> int:
    """The priority after one click."""
    return next((step for step in STEPS if step > priority), STEPS[-1])
