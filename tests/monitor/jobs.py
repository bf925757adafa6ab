"""Jobs that the tests of this folder play with."""

from __future__ import annotations

from horizon import Job, job


class MonitoredEmail(Job):
    """Sends nothing."""

    name = "monitored-email"
    queue = "emails"

    def __init__(self, to: str = "a@b.c") -> None:
        super().__init__()
        self.to = to

    def handle(self) -> None: ...


@job(queue="tidying")
def tidy() -> None:
    """Does nothing."""
