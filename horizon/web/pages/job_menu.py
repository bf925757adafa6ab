"""What can be done to one job beside the buttons: acts that need a form of their own, and ways to copy it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.jobs.unsealing import key_of
from horizon.security.payloads import may_see_payloads
from horizon.security.permissions import Ability, Actor

S = JobState


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A link to a form."""

    endpoint: str
    label: str
    icon: str
    dialog: bool = True
    """False: a page of its own even with JavaScript."""
    prominent: bool = False
    """Stands beside the buttons, not in the menu."""


EDIT = Item(endpoint="job_edit", label="Edit and retry", icon="edit", dialog=False, prominent=True)
DUPLICATE = Item(endpoint="job_duplicate", label="Duplicate", icon="copies", dialog=False)
RESCHEDULE = Item(endpoint="job_reschedule", label="Reschedule", icon="clock")
RETRY_LATER = Item(endpoint="job_reschedule", label="Retry later", icon="clock")
MOVE = Item(endpoint="job_move", label="Move to a queue", icon="right")
PYTHON = Item(endpoint="job_python", label="Copy as Python", icon="copy")
CURL = Item(endpoint="job_curl", label="Copy as curl", icon="copy")
WAITS_FOR_TIME = (S.PENDING, S.SCHEDULED, S.RETRYING)


def of(record: Record, actor: Actor, known: bool) -> list[Item]:
    """The items of one job. `known`: its class is loaded here (copying as curl names it to the API of this process)."""
    items: list[Item] = []
    encrypted = key_of(record) is not None
    if actor.can(Ability.OPERATE) and not record.forgotten and not record.in_inbox:
        items += _acts(record, may_see_payloads(actor) and (not encrypted or actor.can(Ability.REVEAL)))
    if may_see_payloads(actor) and not encrypted:
        items += [PYTHON, CURL] if known else [PYTHON]
    return items


def _acts(record: Record, payloads: bool) -> list[Item]:
    items: list[Item] = []
    over = record.state.terminal
    if payloads:
        items += [EDIT, DUPLICATE] if over else [DUPLICATE]
    if over:
        items.append(RETRY_LATER)
    elif record.state in WAITS_FOR_TIME:
        items.append(RESCHEDULE)
    if record.state is not S.PROCESSING:
        items.append(MOVE)
    return items
