"""`.with_idempotency_key(key)`: of all jobs of a class with this key one takes effect; the others have its result, and do not run.

1. The key is a tag of the job, so it is found by it, and travels wherever the job goes.
2. A job that is about to run takes the lock of the key and looks into the ledger of effects. Where another one has completed, it
   completes with that one's result; its log says so. Where another one is running, it comes back later, at no cost.
3. When it completes, its result goes into the ledger in the act that settles it. The lock is left to expire: until the end is
   stored, nobody else may begin. Where it does not complete, the lock is given up, and the next one may run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from horizon.backends.base import Backend
from horizon.backends.values import Lease
from horizon.core.clock import SECOND, iso
from horizon.core.effect import LONGEST, Noted
from horizon.core.errors import InvalidOption
from horizon.jobs import ambient, codec, options
from horizon.jobs.effects import WHOLE
from horizon.jobs.naming import stored_name
from horizon.middleware.base import Middleware, Next
from horizon.middleware.sending_back import come_back, running_of, store_of
from horizon.middleware.without_overlapping import SPARE, UNKNOWN

KEY = "idempotency:"
MAX_KEY = 150
LATER = 5.0
"""Seconds after which a job looks again whether the one that runs has ended."""


def tag(key: object) -> str:
    """By what a job with this key is known. Raises InvalidOption."""
    text = options.label(key, "an idempotency key")
    if len(text) > MAX_KEY or text.endswith("*"):
        raise InvalidOption(f"an idempotency key has at most {MAX_KEY} characters, of which the last is no asterisk; got {text!r}")
    return KEY + text


def key_of(tags: tuple[str, ...]) -> str | None:
    """The key of a job; None where it has none."""
    return next((tag[len(KEY) :] for tag in tags if tag.startswith(KEY)), None)


def names_of(cls: type, key: str) -> list[str]:
    """Under what the ledger knows the jobs of this class with this key: by the class's name now, and by those it had before."""
    return [named(name, key) for name in (stored_name(cls), *cls.__dict__.get("aliases", ()))]


def named(job: str, key: str) -> str:
    """The name in the ledger of the jobs that are stored under this name, with this key."""
    name = f"{WHOLE}{job} {key}"
    return name if len(name) <= LONGEST else f"{name[:100]}~{hashlib.sha256(name.encode()).hexdigest()}"


class OncePerKey(Middleware):
    """Around a job with an idempotency key, outside of everything else."""

    def __init__(self, key: str) -> None:
        self.key = key

    def handle(self, job: Any, next: Next) -> Any:
        lease, value = self._enter(job)
        if lease is None:
            return value
        try:
            value = next(job)
        except BaseException:
            store_of(job).locks.release(lease)
            raise
        return self._leave(job, lease, value)

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        lease, value = self._enter(job)
        if lease is None:
            return value
        try:
            value = await next(job)
        except BaseException:
            store_of(job).locks.release(lease)
            raise
        return self._leave(job, lease, value)

    def _enter(self, job: Any) -> tuple[Lease | None, Any]:
        """The right to run; without it, what the job completes with, or that it comes back."""
        running, store = running_of(job), store_of(job)
        names = names_of(type(job), self.key)
        lasts = UNKNOWN if running.timeout is None else running.timeout + SPARE
        lease = store.locks.acquire(f"once {names[0]}", running.id, round(lasts * SECOND))
        found = running.inside(running).effects(names) if running.inside is not None else {}
        effect = next((found[name] for name in names if name in found), None)
        if effect is not None:
            if lease is not None:
                store.locks.release(lease)
            running.line("INFO", f"not run: its idempotency key {self.key!r} took effect already, in job {effect.job_id}, {iso(effect.at)}")
            return None, codec.decode_result(effect.value)
        if lease is None:
            come_back(job, LATER, f"waits for {_holder(store, names[0])}, which runs with the same idempotency key")
        return lease, None

    def _leave(self, job: Any, lease: Lease, value: Any) -> Any:
        """It came back; whether it completed, it has decided itself."""
        running = running_of(job)
        if running.decided is not None:
            store_of(job).locks.release(lease)
            return value
        kept = codec.encode_result(value, ambient.runtime().settings.MAX_RESULT)
        running.noted = (*running.noted, Noted(names_of(type(job), self.key)[0], kept))
        return value


def _holder(store: Backend, name: str) -> str:
    held = store.locks.read(f"once {name}")
    return "another job" if held is None else f"job {held.holder}"
