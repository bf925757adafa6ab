"""Jobs brought into every state they can be in, by what people and workers do."""

from __future__ import annotations

from horizon.core.clock import SECOND
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, after


def in_state(drive: Driver, state: str, **options) -> str:
    """A job brought into this state, on a queue of its own."""
    options = {"queue": f"q-{state}", **options}
    if state == "blocked":
        return drive.push(edges=after(drive.push(queue="parents", delay=900 * SECOND)), **options)
    if state == "scheduled":
        return drive.push(delay=60 * SECOND, **options)
    id = drive.push(**options)
    if state == "pending":
        return id
    got = drive.take(id, queues=(options["queue"],))
    if state == "retrying":
        drive.retry(got, delay=60)
    if state in ("completed", "failed", "cancelled"):
        drive.settle(got, {"completed": Kind.COMPLETED, "failed": Kind.FAILED, "cancelled": Kind.CANCELLED}[state])
    assert drive.state(id) == state
    return id


LIVE = ("scheduled", "blocked", "pending", "processing", "retrying")


ENDED = ("completed", "failed", "cancelled")
