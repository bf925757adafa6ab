"""What becomes of an attempt that did not end well: pure functions of what is known about it."""

from __future__ import annotations

from typing import NamedTuple

from horizon.core.clock import SECOND, Micros


class Again(NamedTuple):
    """Another try, after `delay`."""

    delay: Micros


class Over(NamedTuple):
    """No further try; why, in words."""

    reason: str


def wanted(error: BaseException, retry_on: tuple[type[BaseException], ...] | None, dont: tuple[type[BaseException], ...] | None) -> bool:
    """Whether the class of the exception allows another try: never where `dont` holds it, only then where `retry_on` is set."""
    if dont and isinstance(error, dont):
        return False
    return not retry_on or isinstance(error, retry_on)


def after_failure(
    *, attempt: int, max_tries: int | None, now: Micros, delay: Micros, retry_until: Micros | None, wanted: bool = True
) -> Again | Over:
    """After failed try number `attempt` (from 1): again after `delay`, unless the tries or the time are used up."""
    if not wanted:
        return Over("an exception that is not retried")
    if max_tries is not None and attempt >= max_tries:
        return Over(f"the last of {max_tries} tries" if max_tries > 1 else "the only try")
    if retry_until is not None and now + delay > retry_until:
        return Over("its time for retries is over")
    return Again(delay)


def after_release(*, attempt: int, max_tries: int | None, delay: Micros) -> Again | Over:
    """After the job released itself: that costs a try, so on the last one there is nothing left to come back with."""
    if max_tries is not None and attempt >= max_tries:
        return Over(f"it released itself on the last of {max_tries} tries")
    return Again(delay)


def unknown(*, now: Micros, created_at: Micros, first_seen: Micros, patience: Micros) -> Again | Over:
    """A job whose class is not known here: given back for a while, since another worker may know it, then failed.

    A while is counted from when the job was made or when this process first met the name, whichever is later: an old
    scheduled job is not failed by the first worker that is a version behind.
    """
    since = max(min(created_at, now), first_seen)
    if now - since >= patience:
        return Over(f"no worker has known its class for {patience / SECOND:g} seconds")
    return Again(min(30 * SECOND, max(SECOND // 2, patience // 20)))
