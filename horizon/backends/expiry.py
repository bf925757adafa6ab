"""The end of a job whose deadline passed before it started, where that is how it was dispatched: the same on every store."""

from __future__ import annotations

from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.outcome import Failure

REASON = "expired: its deadline passed before it started"
FAILURE = Failure(type="JobExpired", message=REASON, cause="JobExpired")


def expires_at(envelope: Envelope) -> Micros | None:
    """From when on a waiting job is not started any more."""
    return envelope.deadline if envelope.expires else None
