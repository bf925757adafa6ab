"""What the page of an encrypted job says of that: with which key, whether it could be opened here, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.control.revealing import may_reveal
from horizon.core.record import Record
from horizon.jobs import unsealing
from horizon.security.permissions import Actor
from horizon.web.state import state_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """What the page of an encrypted job says of that."""

    key: str
    """Fingerprint of the key; empty where only what the job said is encrypted."""
    trouble: str
    """Why this process cannot open it; empty where it can."""
    allowed: bool
    role: str
    """The least role that may."""


def lock(record: Record, actor: Actor) -> Lock | None:
    """None for a job that is not encrypted."""
    if not unsealing.keeps_secrets(record):
        return None
    state = state_of()
    return Lock(
        key=unsealing.key_of(record) or "",
        trouble=unsealing.why_not(record, state.runtime.keyring),
        allowed=may_reveal(actor),
        role=state.settings.REVEAL,
    )
