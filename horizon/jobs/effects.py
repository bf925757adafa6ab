"""Effects that shall not take place twice, as a running job speaks of them.

1. `self.once("charge:42", charge, order)` asks the ledger; where the effect took place, what came of it then is the answer.
2. Else the function is called, and what it returns is noted in the attempt. The store keeps it in the act that settles the
   attempt, however that ends: what took place stays so, though the job fail afterwards.
3. Where the process dies between the effect and that act, nobody knows: the next attempt calls the function again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from horizon.core.clock import to_datetime
from horizon.core.effect import LONGEST, Noted
from horizon.core.errors import HorizonError, InvalidOption, InvalidPayload
from horizon.jobs import codec, options
from horizon.jobs.known import Known

if TYPE_CHECKING:
    from horizon.jobs.running import Running
    from horizon.jobs.shape import Shape

WHOLE = "job "
"""Names in the ledger that begin so are those of whole jobs."""
MOST = 1_000
"""Effects of one attempt."""
LARGEST = 16_000
"""Bytes of what came of one."""


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
    """See `Job.effect_of`. What was asked before or done by this attempt itself is known at once; all else is asked of the store."""
    running, name = _running(job), checked(key)
    known = running.effects.get(name)
    if known is None and running.inside is not None:
        effect = running.inside(running).effects([name]).get(name)
        if effect is not None:
            known = Known(key=name, value=codec.decode_result(effect.value), job_id=effect.job_id, at=to_datetime(effect.at))
            running.effects[name] = known
    return known


def note(job: Shape, key: str, value: Any = None) -> None:
    """See `Job.took_effect`."""
    running, name = _running(job), checked(key)
    if name in running.effects:
        return
    if len(running.effects) >= MOST:
        raise HorizonError(f"one attempt of a job names {MOST:,} effects at the most; give each item a job of its own")
    running.effects[name] = Known(key=name, value=value, job_id=running.id, at=None)
    running.noted = (*running.noted, Noted(name, _encoded(running, name, value)))


def _encoded(running: Running, key: str, value: Any) -> bytes | None:
    """None where a store cannot hold it, which the job's log says: the effect took place all the same."""
    try:
        data = codec.encode_value(value)
    except InvalidPayload as error:
        why = str(error)
    else:
        if data is None or len(data) <= LARGEST:
            return data
        why = f"it takes {len(data):,} bytes, and {LARGEST:,} are kept"
    running.line("WARNING", f"the effect {key!r} is kept without what came of it: {why}; return an id or plain data instead")
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
