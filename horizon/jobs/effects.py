"""Effects that shall not take place twice, as a running job speaks of them.

1. `self.once("charge:42", charge, order)` asks the ledger; where the effect took place, what came of it then is the answer.
2. Else the function is called, and what it returns is noted in the attempt. The store keeps it in the act that settles the
   attempt, however that ends: what took place stays so, though the job fail afterwards.
3. Where the process dies between the effect and that act, nobody knows: the next attempt calls the function again.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from horizon.core.clock import Micros, as_datetime
from horizon.core.effect import LONGEST, Noted
from horizon.core.errors import HorizonError, InvalidOption
from horizon.jobs import codec, options
from horizon.jobs.tagged import Refused

if TYPE_CHECKING:
    from horizon.jobs.running import Running
    from horizon.jobs.shape import Shape

log = logging.getLogger("horizon.jobs")
WHOLE = "job "
"""Names in the ledger that begin so are those of whole jobs."""
MOST = 1_000
"""Effects of one attempt."""
LARGEST = 16_000
"""Bytes of what came of one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """An effect that took place."""

    key: str
    value: Any
    """What came of it."""
    job_id: str
    """In which job."""
    at: datetime | None
    """When that attempt was settled; None: it is the one under way."""


def once(job: Shape, key: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """See `Job.once`."""
    name = checked(key)
    if not callable(function):
        raise InvalidOption(f"once() takes a key and a function with its arguments, such as once({key!r}, charge, order); got {function!r}")
    waits = inspect.iscoroutinefunction(function)
    known = find(job, name)
    if known is not None:
        return _later(known.value) if waits else known.value
    if waits:
        return _awaited(job, name, function(*args, **kwargs))
    value = function(*args, **kwargs)
    note(job, name, value)
    return value


async def _later(value: Any) -> Any:
    return value


async def _awaited(job: Shape, name: str, work: Any) -> Any:
    value = await work
    note(job, name, value)
    return value


def find(job: Shape, key: str) -> Known | None:
    """See `Job.effect_of`. What this attempt did itself is known at once, all else is asked of the store, once."""
    running = _running(job)
    name = checked(key)
    mine = running.effects.get(name)
    if mine is None and running.inside is not None:
        effect = running.inside(running).effects([name]).get(name)
        if effect is not None:
            mine = Known(key=name, value=codec.decode_result(effect.value), job_id=effect.job_id, at=_at(effect.at))
            running.effects[name] = mine
    return mine


def note(job: Shape, key: str, value: Any = None) -> None:
    """See `Job.took_effect`."""
    running = _running(job)
    name = checked(key)
    if name not in running.effects:
        if len(running.effects) >= MOST:
            raise HorizonError(f"one attempt of a job names {MOST:,} effects at the most; give each item a job of its own")
        running.effects[name] = Known(key=name, value=value, job_id=running.id, at=None)


def noted(running: Running) -> tuple[Noted, ...]:
    """What the store is told when the attempt ends; a value that no store can hold is left out, and the log says so."""
    if not running.has_effects:
        return ()
    return tuple(Noted(name, _encoded(running, known)) for name, known in list(running.effects.items()) if known.at is None)


def _encoded(running: Running, known: Known) -> bytes | None:
    if known.key.startswith(WHOLE):
        return known.value  # type: ignore[no-any-return]
    try:
        data = codec.encode_value(known.value)
    except (Refused, ValueError, RecursionError):
        data, why = None, f"{type(known.value).__name__} cannot be kept"
    else:
        if data is None or len(data) <= LARGEST:
            return data
        why = f"it takes {len(data):,} bytes, and {LARGEST:,} are kept"
    log.warning("the effect %r of job %s is kept without what came of it: %s; return an id or plain data", known.key, running.id, why)
    return None


def checked(key: object) -> str:
    """A key of an effect. Raises InvalidOption."""
    text = options.label(key, "the key of an effect")
    if text.startswith(WHOLE) or len(text) > LONGEST:
        raise InvalidOption(f"the key of an effect does not begin with {WHOLE!r}, which is for whole jobs; got {text!r}")
    return text


def _running(job: Shape) -> Running:
    running = job._horizon.running
    if running is None or running.closed:
        raise HorizonError(f"{type(job).__name__} is not running; once, effect_of and took_effect are for inside handle()")
    return running


def _at(at: Micros) -> datetime:
    return as_datetime(at)
