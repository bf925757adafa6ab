"""What a class says of its secrets: that it is encrypted, and what one job of a `SecureJob` adds to that."""

from __future__ import annotations


class ShouldBeEncrypted:
    """Mix it into a job: its arguments, its result and all it says are encrypted wherever they are kept.

    They are decrypted just before `handle()`, by a worker that has the key (`HORIZON_KEYS`). Its name, queue, tags, user,
    tenant and unique key stay readable, since stores sort and find by them.
    """


class Guard:
    """What one job of a `SecureJob` has set."""

    __slots__ = ("permissions", "sensitive")

    def __init__(self) -> None:
        self.sensitive: tuple[str, ...] = ()
        """Names whose values are masked wherever the job is shown, whoever looks."""
        self.permissions: tuple[str, ...] = ()
        """What its user must have for it to be dispatched, and to run."""


NO_GUARD = Guard()
