"""From what somebody wants to a schedule that is kept, and from that to the job of one time. Everything is checked at the door."""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol

from horizon.backends.schedules import STORED, Schedule
from horizon.core import current, ids
from horizon.core.clock import SECOND, Micros
from horizon.core.envelope import Edge, Envelope
from horizon.core.errors import HorizonError, InvalidInput, InvalidOption, UnknownJobName
from horizon.jobs import codec, envelopes, form, options, stored
from horizon.jobs.ambient import RuntimeLike, loader
from horizon.jobs.function import JobFunction
from horizon.jobs.plan import plan_of
from horizon.jobs.registry import REGISTRY, Registry
from horizon.jobs.shape import Shape
from horizon.security.sealed import is_sealed
from horizon.timetable import words
from horizon.timetable.cron import Times, parse
from horizon.timetable.wanted import Wanted

NAMESPACE = "6f1d7a52-3a5c-5d0e-9a0b-7c4f2e9d1b68"
"""What the ids of scheduled jobs are derived from, together with the schedule's name and the time."""
DEFINITION = ("target", "when", "timezone", "args", "options", "misfire", "most", "overlap", "jitter")
"""What somebody says of a schedule; all else is how it fares."""
NEVER = "it never comes again"
LOOKED_AHEAD = 12
"""Times to come that are looked at for how close together they are."""


class Settled(RuntimeLike, Protocol):
    """What is needed of a runtime."""

    def connections(self) -> tuple[str, ...]:
        """Every connection by name."""


# from words to a schedule ---------------------------------------------------------------------------


def title(wanted: Wanted) -> str:
    """The name it goes by."""
    if wanted.name is not None:
        return words.name(wanted.name)
    return words.name_from(wanted.target if isinstance(wanted.target, str) else name_of(wanted.target))


def look_over(wanted: Wanted) -> None:
    """Refuse, without any app, what can be known to be wrong already. Raises InvalidInput and its children."""
    _behaviour(wanted)
    parse(wanted.when, wanted.timezone or "UTC")
    if not isinstance(wanted.params, Mapping):
        raise InvalidOption(f"arguments and options are a dict, such as {{'priority': 'high'}}; got {wanted.params!r}")
    words.checked(wanted.options)
    cls = _class_of(wanted.target, REGISTRY) if not isinstance(wanted.target, str) else _loaded(wanted.target)
    if cls is not None:
        args, given = split(cls, wanted)
        words.checked(given)
        made(cls, args)


def settle(wanted: Wanted, runtime: Settled, *, source: str = STORED) -> Schedule:
    """The schedule, everything checked and as it is kept; its times are not set yet. Raises InvalidInput and its children."""
    cls = _class_of(wanted.target, runtime.registry)
    args, given = split(cls, wanted)
    kept = words.checked(given)
    if "connection" in kept and kept["connection"] not in runtime.connections():
        raise InvalidOption(f"there is no connection {kept['connection']!r}; there are: {', '.join(runtime.connections())}")
    times = parse(wanted.when, wanted.timezone or runtime.settings.TIMEZONE)
    with current.use(runtime):
        job = made(cls, args)
        connection, tried = envelopes.make(job, runtime, words.said(kept, "schedule").over(job._horizon.said))
    _refuse_here(connection, runtime)
    schedule = Schedule(
        name=title(wanted), target=plan_of(cls).name, when=times.text, timezone=times.zone, args=_arguments(cls, job, is_sealed(tried.payload)), options=kept,
        source=source, **_behaviour(wanted),
    )  # fmt: skip
    return _with_room_for_jitter(schedule, times)


def _behaviour(wanted: Wanted) -> dict[str, Any]:
    title(wanted)
    return {
        "misfire": words.one_of(wanted.misfire, words.MISFIRE, "misfire (what becomes of times that nobody was there for)"),
        "most": words.most(wanted.most),
        "overlap": words.one_of(wanted.overlap, words.OVERLAP, "overlap (what happens while the job before still runs)"),
        "jitter": words.jitter(wanted.jitter),
    }


def _with_room_for_jitter(schedule: Schedule, times: Times) -> Schedule:
    ahead = times.following(0, LOOKED_AHEAD)
    closest = min(later - one for one, later in pairwise(ahead))
    if schedule.jitter >= closest:
        raise InvalidOption(
            f"jitter is shorter than the time between two runs, which is {closest / SECOND:g} s in {schedule.when!r}; got {schedule.jitter / SECOND:g} s"
        )
    return schedule


def split(cls: type[Shape], wanted: Wanted) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arguments and options. Of `params`, what the constructor names is an argument."""
    call, skip = form.constructor(cls)
    parameters = list(inspect.signature(call).parameters.values())[skip:]
    named = {one.name for one in parameters if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)}
    args = {key: value for key, value in wanted.params.items() if key in named or key not in words.OPTIONS}
    given = {key: value for key, value in wanted.params.items() if key not in args}
    return {**args, **wanted.args}, {**given, **wanted.options}


def made(cls: type[Shape], args: Mapping[str, Any]) -> Shape:
    """The job, made by its own constructor. Raises InvalidInput for arguments that it does not take."""
    try:
        call, skip = form.constructor(cls)
        if not skip:
            inspect.signature(call).bind(**args)
        return cls(**args)
    except HorizonError:
        raise
    except Exception as error:
        raise InvalidInput(f"{cls.__name__} cannot be made with {_listed(args)}: {error}") from error


def _listed(args: Mapping[str, Any]) -> str:
    return f"the arguments {', '.join(map(str, args))}" if args else "no arguments"


def _arguments(cls: type[Shape], job: Shape, encrypted: bool) -> str:
    plan = plan_of(cls)
    named = plan.signature.named(job._horizon.args, job._horizon.kwargs)
    if named and encrypted:
        raise InvalidOption(
            f"{plan.name} is encrypted, and a schedule keeps its arguments as they are; schedule a job without arguments that looks up what it needs"
        )
    return json.dumps(stored.arguments(codec.encode(named)), ensure_ascii=False, separators=(",", ":"))


def _refuse_here(connection: str, runtime: Settled) -> None:
    if runtime.runs_here(connection):
        raise InvalidOption(
            f"jobs of the connection {connection!r} run where they are dispatched, and a schedule is no such place; name another connection"
        )


# targets --------------------------------------------------------------------------------------------


def _class_of(target: object, registry: Registry) -> type[Shape]:
    if isinstance(target, JobFunction):
        target = target.job_class
    if isinstance(target, type) and issubclass(target, Shape):
        plan = plan_of(target)
        if plan.problem:
            raise InvalidInput(plan.problem)
        return target
    if not isinstance(target, str) or not target:
        raise InvalidOption(f"a schedule dispatches a job: a class, a @job function or the name of one; got {str(target)[:80]!r}")
    if len(target) > options.MAX_NAME:
        raise UnknownJobName(f"no job is registered under a name of {len(target):,} characters; {options.MAX_NAME} are the most")
    return registry.find(target) or registry.find(_with_colon(target)) or registry.require(target)


def _with_colon(target: str) -> str:
    """`app.jobs.DailyReport` as it is registered."""
    module, _, last = target.rpartition(".")
    return f"{module}:{last}"


def _loaded(target: str) -> type[Shape] | None:
    """The class of a name, where it is known already. Raises UnknownJobName where its module is here and has no such job."""
    found = REGISTRY.find(target) or REGISTRY.find(_with_colon(target))
    if found is None and ":" in target:
        module = sys.modules.get(target.partition(":")[0])
        if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
            return REGISTRY.require(target)
    return found


def name_of(target: object) -> str:
    """The registered name of a class or a `@job` function. Raises InvalidOption for anything else."""
    return plan_of(_class_of(target, REGISTRY)).name


# the times of a schedule ----------------------------------------------------------------------------


def times_of(schedule: Schedule) -> Times:
    """When it comes. Raises InvalidOption where this machine does not know its time zone."""
    return parse(schedule.when, schedule.timezone)


def delayed(schedule: Schedule, due: Micros) -> Micros:
    """A time and its jitter: the same in whichever process it is worked out."""
    if not schedule.jitter:
        return due
    drawn = int.from_bytes(hashlib.sha256(f"{schedule.name}@{due}".encode()).digest()[:8])
    return due + drawn % schedule.jitter


def from_now(schedule: Schedule, now: Micros) -> Schedule:
    """The same with its first time after now."""
    return at_time(schedule, times_of(schedule).after(now))


def at_time(schedule: Schedule, due: Micros | None, why: str = NEVER) -> Schedule:
    """The same with this as its next time; None: it does not come again, and rests for this reason."""
    if due is None:
        return replace(schedule, paused=True, paused_reason=why)
    return replace(schedule, due_at=due, next_at=delayed(schedule, due))


# the job of one time --------------------------------------------------------------------------------


def job_id(schedule: Schedule, due: Micros) -> str:
    """The id of the job of one time: the same in whichever process it is dispatched, so that it is stored once."""
    return ids.derived(NAMESPACE, f"{schedule.name}@{due}")


def tag_of(name: str) -> str:
    """What every job of a schedule is tagged with."""
    return f"schedule:{name}"


def envelope(schedule: Schedule, runtime: Settled, id: str, edges: Sequence[Edge] = ()) -> tuple[str, Envelope]:
    """The connection and the job. Raises InvalidInput and its children, UnknownJobName, NotFound for a model that is gone."""
    cls = _class_of(schedule.target, runtime.registry)
    with current.use(runtime):
        args = codec.decode(stored.payload(json.loads(schedule.args)))
        job = made(cls, codec.with_models(args, loader(runtime)))
        own = job._horizon.said
        said = words.said(schedule.options, tag_of(schedule.name)).over(own)
        connection, built = envelopes.make(job, runtime, said, id=id, edges=tuple(edges))
        if schedule.overlap == "skip" and built.unique_key is None:
            said = words.said(schedule.options, tag_of(schedule.name), tag_of(schedule.name)).over(own)
            connection, built = envelopes.make(job, runtime, said, id=id, edges=tuple(edges))
    _refuse_here(connection, runtime)
    return connection, built
