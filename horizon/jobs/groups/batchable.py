"""`BatchableJob` and `ChainableJob`: jobs whose work stands in `_handle`, with what their group asks of them around it."""

from __future__ import annotations

from typing import Any

from horizon.core.errors import HorizonError
from horizon.jobs.entering import maybe_inside
from horizon.jobs.job import Job

_IS_COROUTINE = 0x80
"""`inspect.CO_COROUTINE`, without importing `inspect`: a module that only defines jobs stays light."""


async def _ahandle(self: _Wrapped) -> Any:
    return None if self._skipped() else await self._handle()


def _is_coroutine(function: object) -> bool:
    code = getattr(function, "__code__", None)
    return bool(code is not None and code.co_flags & _IS_COROUTINE)


class _Wrapped(Job):
    """`handle` goes on to `_handle`, which may be `async`."""

    _horizon_register = False

    def __init_subclass__(cls, **given: Any) -> None:
        if _is_coroutine(cls.__dict__.get("_handle")) and "handle" not in cls.__dict__:
            cls.handle = _ahandle  # type: ignore[method-assign]
        super().__init_subclass__(**given)

    def _handle(self) -> Any:
        """Do the work; what it returns is the result."""
        raise HorizonError(f"{type(self).__name__} has no _handle() method; define one")

    def _skipped(self) -> bool:
        return False

    def handle(self) -> Any:
        return None if self._skipped() else self._handle()


class BatchableJob(_Wrapped):
    """A job for batches: once its batch has been cancelled, or has failed, it ends as cancelled without doing anything."""

    _horizon_register = False

    def _skipped(self) -> bool:
        inside = maybe_inside(self)
        if inside is None or not inside.stopped():
            return False
        self._decide("CANCELLED", reason="its batch was cancelled")
        return True


class ChainableJob(_Wrapped):
    """A job for chains: `self.get_previous_result()` in `_handle` is what the step before it returned."""

    _horizon_register = False
