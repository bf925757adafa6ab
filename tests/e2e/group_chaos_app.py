"""Members and callbacks for the storm over groups; each writes which it is when it starts."""

from __future__ import annotations

import time

from horizon import Job
from tests.e2e.worker_app import create_app as create_app
from tests.e2e.worker_app import note


class Member(Job):
    """No crash is one too many here: the storm kills as it likes."""

    backoff = 0.05
    max_tries = 4
    max_crashes = 1000
    timeout = 60

    def handle(self) -> None:
        note("S", self.job_id)
        self.act()

    def act(self) -> None:
        """What it does."""


class Fine(Member):
    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def act(self) -> None:
        time.sleep(self.seconds)


class Flaky(Member):
    """Succeeds at its second try."""

    def act(self) -> None:
        if self.attempts < 2:
            raise ConnectionError("not yet")


class Fails(Member):
    max_tries = 1

    def act(self) -> None:
        raise ValueError("never")


class Adds(Member):
    """Adds to its own batch; half of the time it is told to fail afterwards, and tries again."""

    def __init__(self, count: int, again: bool) -> None:
        self.count, self.again = count, again

    def act(self) -> None:
        batch = self.batch()
        assert batch is not None
        batch.add([Fine() for _ in range(self.count)])
        if self.again and self.attempts < 2:
            raise ConnectionError("once more")


class Appends(Member):
    def __init__(self, again: bool) -> None:
        self.again = again

    def act(self) -> None:
        self.append_to_chain(Fine())
        if self.again and self.attempts < 2:
            raise ConnectionError("once more")


class Prepends(Member):
    def __init__(self, again: bool) -> None:
        self.again = again

    def act(self) -> None:
        self.prepend_to_chain(Fine(0.02))
        if self.again and self.attempts < 2:
            raise ConnectionError("once more")


class Called(Member):
    """A callback. `what`: of which kind; `key`: the group's, as the storm numbers them."""

    def __init__(self, what: str, key: int) -> None:
        self.what, self.key = what, key

    def act(self) -> None:
        note("C", self.what, self.key, self.job_id)
