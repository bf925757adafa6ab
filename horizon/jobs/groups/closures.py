"""Closures as callbacks: the one place where code is stored, and only where `HORIZON_CLOSURES` says so.

1. Written: the function is pickled by value there and then, so that what cannot be pickled is refused where it stands.
2. Dispatched: its bytes are stamped with a key of `HORIZON_KEYS`, together with the group, the event and the Python they are for.
   The signature of the job would not do: whoever may dispatch jobs by name would have code of their own signed.
3. Run: only with the setting, a key that fits and the same Python. Nothing is unpickled before all of that holds.
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from horizon.core import current
from horizon.core.envelope import On
from horizon.core.errors import ConfigurationError, InvalidOption, InvalidPayload, InvalidSignature, NoApp, UnknownKey
from horizon.jobs.ambient import RuntimeLike, runtime
from horizon.jobs.groups.calling import Calls
from horizon.security import pickled
from horizon.security.keys import Keyring

PYTHON = f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}"
"""Bytes of code mean the same in this Python only."""
LARGEST = 64_000
"""Bytes of a closure: what it holds is stored with it, and a callback that carries data with it should be a job."""
OFF = (
    "; or let functions be stored as they are: set HORIZON_CLOSURES = True and HORIZON_KEYS for web and workers, and install "
    "'flask-horizon[closures]'"
)
NO_KEYS = (
    "closures as callbacks are signed, and HORIZON_KEYS holds no key; make one with `horizon keys generate`, for web and workers alike"
)


def allowed(refused: InvalidOption) -> None:
    """Raise what was refused, with one more way out, unless closures may be stored; ConfigurationError where there is no key."""
    here = _runtime()
    if here is None or not here.settings.CLOSURES:
        raise InvalidOption(f"{refused}{OFF}") from None
    if not here.keyring:
        raise ConfigurationError(NO_KEYS)


def code_of(function: Callable[..., Any]) -> bytes:
    """A function with all that it holds. Raises ConfigurationError without cloudpickle, InvalidOption for one that cannot be pickled
    or is too large."""
    try:
        code = pickled.dumps(function)
    except ConfigurationError:
        raise
    except Exception as error:
        raise InvalidOption(
            f"{function!r} cannot be pickled: {type(error).__name__}: {error}; let it hold ids and plain data only"
        ) from None
    if len(code) > LARGEST:
        raise InvalidOption(
            f"{function!r} takes {len(code):,} bytes with all that it holds, and a closure has at most {LARGEST:,}; give a job that loads its data"
        )
    return code


class Closure(Calls):
    """Calls a function that was stored with its group."""

    _horizon_register = False
    dont_retry_on = (InvalidSignature, UnknownKey, ConfigurationError, InvalidPayload)
    redact = ("code",)

    def __init__(self, group: str, call: str, code: str, stamp: str, python: str) -> None:
        super().__init__(group, call)
        self._code, self._stamp, self._python = code, stamp, python

    def _function(self) -> Callable[..., Any]:
        here, code = runtime(), b64decode(self._code)
        if not here.settings.CLOSURES:
            raise ConfigurationError(f"{self._call} is a closure, and this worker does not run any: HORIZON_CLOSURES is not set here")
        here.keyring.check_stamp(_stamped(BY_CLASS[type(self)], self._group, self._python, code), self._stamp)
        if self._python != PYTHON:
            raise InvalidPayload(
                f"{self._call} was pickled by {self._python}, and this worker is {PYTHON}, which reads other bytes; retry it on a worker with "
                f"{self._python}, or write it as a function at the top level of a module"
            )
        return pickled.loads(code)


class ThenClosure(Closure):
    """The group has completed."""


class CatchClosure(Closure):
    """More failed than the group allows."""

    exception_first = True


class FinallyClosure(Closure):
    """The group has ended, whatever way."""


class ProgressClosure(Closure):
    """The figures of the group have changed."""


BY_EVENT: dict[On, type[Closure]] = {
    On.COMPLETED: ThenClosure,
    On.FAILED: CatchClosure,
    On.ANY: FinallyClosure,
    On.PROGRESS: ProgressClosure,
}
BY_CLASS = {cls: on for on, cls in BY_EVENT.items()}


def job_of(on: On, group: str, call: str, code: bytes, keyring: Keyring) -> Closure:
    """The job that calls it for this group."""
    stamp = keyring.stamp(_stamped(on, group, PYTHON, code))
    return BY_EVENT[on](group, call, b64encode(code).decode(), stamp, PYTHON)


def _stamped(on: On, group: str, python: str, code: bytes) -> bytes:
    return f"closure\n{int(on)}\n{group}\n{python}\n".encode() + code


def _runtime() -> RuntimeLike | None:
    try:
        current.get()
    except NoApp:
        return None
    return runtime()
