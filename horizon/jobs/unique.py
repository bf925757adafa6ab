"""Jobs of which only one may be waiting or running at a time."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

from horizon.core.clock import Micros
from horizon.core.errors import InvalidOption
from horizon.jobs import options
from horizon.jobs.shape import Shape
from horizon.security.keys import Keyring


class ShouldBeUnique:
    """Mix it into a job: while one with the same `unique_id()` is active, dispatching another returns None.

    The key is freed when the job has ended, whatever way it did, and at the latest after `unique_for()`.
    """

    def unique_id(self) -> str:
        """What makes two jobs of this class the same; unless overridden, equal arguments do."""
        return ""

    def unique_for(self) -> float | timedelta | None:
        """The longest time the key is held, in seconds; None: until the job has ended."""
        return None


class ShouldBeUniqueUntilProcessing(ShouldBeUnique):
    """The same, but the key is freed as soon as the job starts: one may wait while another runs."""


def key_of(job: Shape, name: str, payload: bytes, keyring: Keyring | None = None) -> tuple[str, Micros | None, bool] | None:
    """The job's unique key, how long it is held, and whether only until it starts; None where it is not unique.

    `keyring`: of a job that is encrypted, whose arguments nobody may guess from the key.
    """
    if not isinstance(job, ShouldBeUnique):
        return None
    id = job.unique_id()
    if not isinstance(id, (str, int)) or isinstance(id, bool):
        raise InvalidOption(f"{type(job).__name__}.unique_id() returns text; it returned {id!r}")
    text = str(id) or _digest(payload, keyring)
    longest = job.unique_for()
    held = None if longest is None else options.seconds(longest, "unique_for", least=1)
    return options.label(_short(f"{name}:{text}"), "a unique key"), held, isinstance(job, ShouldBeUniqueUntilProcessing)


def _digest(payload: bytes, keyring: Keyring | None) -> str:
    """The same for equal arguments, in whatever order they were given."""
    text = json.dumps(json.loads(payload), sort_keys=True).encode()
    return hashlib.sha256(text).hexdigest()[:32] if keyring is None else keyring.digest(text)


def _short(key: str) -> str:
    """The key itself, or of a long one its beginning and a digest: stores index it."""
    return key if len(key) <= options.MAX_NAME else f"{key[:100]}~{hashlib.sha256(key.encode('utf-8', 'backslashreplace')).hexdigest()}"
