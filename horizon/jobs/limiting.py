"""What holds a job back until there is room, as limits that travel with it.

They are worked out when it is dispatched, with its arguments at hand: those of its queue, of its class, its own. The store
counts and waits; a worker that has loaded the same code says anew what the limits of queues and classes allow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from itertools import count

from horizon.backends.parking import MOST_LIMITS
from horizon.core.errors import ConfigurationError, InvalidOption
from horizon.core.limit import CONCURRENT, MAX_KEY, ConcurrencyLimit, Limit, RateLimit
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.classes import name_of
from horizon.jobs.limited import RateLimited
from horizon.jobs.naming import stored_name
from horizon.jobs.routing import Routing
from horizon.jobs.shape import Shape
from horizon.security.keys import Keyring

MOST_OWN = MOST_LIMITS - 4
"""What a job may say itself: its queue has three at the most, its class one."""
AT_ONCE, ROOM = "at once", "room"
"""What is counted under a key where that is not starts: how many run, how many wait or run."""


def of_queue(routing: Routing, queue: str) -> tuple[Limit, ...]:
    """Those of a queue."""
    return tuple(_of_queue(routing, queue))


def _of_queue(routing: Routing, queue: str) -> Iterator[Limit]:
    rate, said = routing.limit(queue), routing.queue(queue)
    if rate is not None:
        yield _starts(f"queue {queue}", rate)
    if said is not None and said.max_concurrent is not None:
        yield _at_once(f"queue {queue}", said.max_concurrent)
    if said is not None and said.delays and said.max_jobs is not None:
        yield Limit(key=_key(f"queue {queue}", ROOM), most=said.max_jobs, strategy=CONCURRENT)


def keys_of_queue(queue: str) -> tuple[str, ...]:
    """Under which they are counted."""
    return tuple(_key(f"queue {queue}", what) for what in ("", AT_ONCE, ROOM))


def of_class(cls: type[Shape]) -> tuple[Limit, ...]:
    """Those of all jobs of a class."""
    most = cls.max_concurrent
    return () if most is None else (_at_once(stored_name(cls), most),)


def of_job(job: Shape, keyring: Keyring | None = None) -> tuple[Limit, ...]:
    """What a job says itself. `keyring`: of one that is encrypted, of which no key shall tell anything. Raises InvalidOption."""
    if not isinstance(job, RateLimited):
        return ()
    given = job.get_rate_limits()
    if isinstance(given, (RateLimit, ConcurrencyLimit)) or not isinstance(given, Iterable):
        raise InvalidOption(f"get_rate_limits() of {name_of(type(job))} answers a list of limits; got {given!r}")
    whose, made = stored_name(type(job)), dict[str, Limit]()
    for one in given:
        limit = _own(whose, one, name_of(type(job)), keyring)
        if limit not in made.values():
            key = _free(limit.key, made)
            made[key] = replace(limit, key=key)
        if len(made) > MOST_OWN:
            raise InvalidOption(f"a job has at most {MOST_OWN} limits of its own; {name_of(type(job))} has more")
    return tuple(made.values())


def defined(runtime: RuntimeLike, connection: str | None = None) -> list[Limit]:
    """What the code says of the limits of queues and classes whose jobs may be in the store of a connection."""
    routing, found, store = runtime.routing, dict[str, Limit](), runtime.way(connection)[0]
    for queue in sorted(routing.named()):
        if store in _stores_of(runtime, queue):
            found.update((limit.key, limit) for limit in of_queue(routing, queue))
    for name in runtime.registry.names():
        found.update((limit.key, limit) for limit in of_class(runtime.registry.require(name)))
    return list(found.values())


def _stores_of(runtime: RuntimeLike, queue: str) -> tuple[str, ...]:
    """Those in which its jobs may be; none where its connection is one that this app does not have."""
    said = runtime.routing.queue(queue)
    try:
        return runtime.way(said.connection if said is not None else None)
    except ConfigurationError:
        return ()


def merged(*several: Iterable[Limit]) -> tuple[Limit, ...]:
    """All of them, each key once."""
    return tuple({limit.key: limit for limits in several for limit in limits}.values())


def _own(whose: str, given: object, name: str, keyring: Keyring | None) -> Limit:
    if isinstance(given, RateLimit):
        return _starts(_whom(whose, given, keyring), given)
    if isinstance(given, ConcurrencyLimit):
        return _at_once(_whom(whose, given, keyring), given.max)
    raise InvalidOption(f"get_rate_limits() of {name} answers RateLimit(...) and ConcurrencyLimit(...); got {given!r}")


def _whom(whose: str, given: RateLimit | ConcurrencyLimit, keyring: Keyring | None) -> str:
    """For whom it counts: a class, those of it with a key, everybody with a key."""
    if given.key is None or given.shared:
        return given.key or whose
    return f"{whose} {keyring.digest(given.key.encode()) if keyring else given.key}"


def _starts(whom: str, rate: RateLimit) -> Limit:
    return Limit(key=_key(whom), most=rate.max_attempts, per=rate.per, strategy=rate.strategy)


def _at_once(whom: str, most: int) -> Limit:
    return Limit(key=_key(whom, AT_ONCE), most=most, strategy=CONCURRENT)


def _free(key: str, taken: Container[str]) -> str:
    """The key, or with a number where the job has another limit of it: ten in a minute, and a hundred in an hour."""
    return next(name for number in count(1) if (name := key if number == 1 else f"{key} ({number})") not in taken)


def _key(whom: str, what: str = "") -> str:
    """A key says whom it counts and what, and none of the figures: changed ones count for jobs that wait already."""
    key = f"{whom}, {what}" if what else whom
    if len(key) <= MAX_KEY:
        return key
    return f"{key[:150]}… {hashlib.sha256(key.encode()).hexdigest()[:32]}"
