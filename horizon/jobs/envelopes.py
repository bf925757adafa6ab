"""From a job to what is stored: every option resolved by precedence, the arguments encoded.

Precedence: fluent > instance > class > route > queue. What none of them says stays None and is resolved at the first
reservation from the worker's flag, the connection, the setting; only the queue and the connection are always decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from horizon.core import dead
from horizon.core.alike import Alike
from horizon.core.clock import Micros, now
from horizon.core.envelope import Edge, Envelope
from horizon.core.errors import InvalidInput, InvalidOption, PayloadTooLarge
from horizon.core.ids import uuid7, uuid7s
from horizon.core.lanes import PREFIX, is_lane
from horizon.core.limit import Limit
from horizon.jobs import codec, debounce, limiting, moments, options, ordering, permits, standard, unique
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.encrypted import NO_GUARD
from horizon.jobs.limited import RateLimited
from horizon.jobs.plan import Plan, Template, encode_backoff, plan_of
from horizon.jobs.routing import QueueDefinition, Routing
from horizon.jobs.said import Said
from horizon.jobs.sealing import protect
from horizon.jobs.shape import Inner, Shape
from horizon.security.keys import Keyring

_SILENT = Said()
FIELDS = ("delay", "max_tries", "timeout", "backoff")
BESIDE = ("connection", "sealed")
"""Among the fields, and not of an envelope."""


def make(
    job: Shape,
    runtime: RuntimeLike,
    said: Said | None = None,
    *,
    id: str | None = None,
    group: str | None = None,
    edges: tuple[Edge, ...] = (),
) -> tuple[str, Envelope]:
    """The connection the job belongs to and the envelope to push there; `said` replaces its own fluent words.

    `id`, `group`, `edges`: of a job that is part of a batch, chain or workflow; `edges` come beside those of its words.
    Raises InvalidInput and its children, saying what to do, for anything that cannot be dispatched.
    """
    plan = plan_of(type(job))
    if plan.problem:
        raise InvalidInput(plan.problem)
    inner = job._horizon
    words = inner.said if said is None else said
    template = _template(plan, runtime, job)
    fields = template.fields
    if template.ready is not None and words is None and not edges and _says_nothing(inner) and _class_says_all(plan, runtime):
        return fields["connection"], Envelope(id=id or uuid7(), payload=_payload(job, plan, runtime), group=group, **template.ready)
    if words is not None or inner.options:
        fields = _merged(fields, plan, job, words or _SILENT, runtime)
    payload = _payload(job, plan, runtime)
    sealed = plan.sealed or fields["sealed"]
    base = {**fields, **_extras(job, plan, words, payload, fields["limits"], runtime.keyring if sealed else None)}
    if base.get("retry_until") is not None and base["max_tries"] is None:
        base["max_tries"] = options.MAX_TRIES  # a limit in time takes the place of one in tries
    connection, _ = base.pop("connection"), base.pop("sealed")
    if words is not None and words.debounce is not None:
        base.update(_debounced(words, base["tags"], runtime, connection, alone=group is None and not edges))
    if runtime.settings.ACTOR is not None and "user" not in base:
        base["user"] = permits.user_here(runtime.settings)
    if inner.guard is not None:
        permits.at_dispatch(job, base.get("user"), plan.name, runtime, connection)
    if edges:
        base["edges"] = tuple(dict.fromkeys((*base.get("edges", ()), *edges)))
    base.update(_turn(job, plan, runtime, base))
    envelope = Envelope(id=id or uuid7(), name=plan.name, payload=payload, hook=plan.hook, group=group, **base)
    if (sealed or runtime.keyring) and not runtime.runs_here(connection):  # what runs here is kept nowhere
        return connection, protect(
            envelope, runtime.keyring, sealed=sealed, sensitive=(*plan.cls.redact, *(inner.guard or NO_GUARD).sensitive)
        )
    return connection, envelope


def make_alike(jobs: Sequence[Shape], runtime: RuntimeLike) -> tuple[str, Alike] | None:
    """The same of several jobs of one class that say nothing themselves; None where each has to be looked at.

    Raises InvalidInput and its children, naming the item, for arguments that cannot be dispatched.
    """
    cls = type(jobs[0])
    plan = plan_of(cls)
    if plan.problem or not _class_says_all(plan, runtime):
        return None
    template = _template(plan, runtime, jobs[0])
    if template.ready is None or template.chosen:
        return None
    if not all(type(job) is cls and job._horizon.said is None and _says_nothing(job._horizon) for job in jobs):
        return None
    return template.fields["connection"], Alike(uuid7s(len(jobs)), _payloads(jobs, plan, runtime), template.ready)


def of_item(index: int, error: InvalidInput) -> InvalidInput:
    """What is wrong with one of several that are dispatched."""
    return type(error)(f"item {index}: {error}")


def _debounced(said: Said, tags: tuple[str, ...], runtime: RuntimeLike, connection: str, *, alone: bool) -> dict[str, Any]:
    """When it starts at the earliest, and by what those that come after it are found. Raises InvalidOption."""
    assert said.debounce is not None
    if not alone or said.edges:
        raise InvalidOption("debounce is for jobs on their own: in a batch, chain or workflow the one that is replaced would be missing")
    if said.delay is not None or said.available_at is not None:
        raise InvalidOption("debounce says itself when a job starts; leave delay_until() or later() out")
    timed = debounce.timed(said.debounce, runtime, connection)
    return {"available_at": timed.available_at, "tags": options.tags((*tags, *timed.tags))}


def _payload(job: Shape, plan: Plan, runtime: RuntimeLike) -> bytes:
    return _kept(job._horizon, plan, runtime, runtime.settings.MAX_PAYLOAD)


def _payloads(jobs: Sequence[Shape], plan: Plan, runtime: RuntimeLike) -> list[bytes]:
    most, made = runtime.settings.MAX_PAYLOAD, list[bytes]()
    for job in jobs:
        try:
            made.append(_kept(job._horizon, plan, runtime, most))
        except InvalidInput as error:
            raise of_item(len(made), error) from error.__cause__
    return made


def _kept(inner: Inner, plan: Plan, runtime: RuntimeLike, most: int) -> bytes:
    """The arguments as they are kept, in `most` bytes at the most."""
    payload = codec.encode(plan.signature.named(inner.args, inner.kwargs))
    if len(payload) > most:
        raise PayloadTooLarge(
            f"the arguments of {plan.name} take {len(payload):,} bytes and HORIZON_MAX_PAYLOAD allows {most:,}; "
            "keep the data in a file or table and pass its id"
        )
    if codec.MODEL_MARK in payload and runtime.host is None:
        raise InvalidInput(
            f"{plan.name} takes a SQLAlchemy model, and this app's Horizon knows no database to load it from; "
            "pass db: Horizon(app, db=db), or give the job the row's id"
        )
    return payload


# options ------------------------------------------------------------------------------------------


def _says_nothing(inner: Inner) -> bool:
    """Whether a job says nothing itself, but for fluent words."""
    return not inner.options and inner.guard is None


def _class_says_all(plan: Plan, runtime: RuntimeLike) -> bool:
    """Whether the class alone says what becomes of such a job; so with most of those that are dispatched in thousands."""
    return plan.cls.retry_until is None and runtime.settings.ACTOR is None and not runtime.keyring


def _template(plan: Plan, runtime: RuntimeLike, job: Shape) -> Template:
    """The fields of a job of this class that says nothing itself; worked out again only when something changed, or where a route
    looks at each job."""
    own, routing = plan.refresh(), runtime.routing
    kept = plan.template
    if kept is not None and not kept.chosen and kept.routing is routing and kept.version == routing.version and kept.own is own:
        return kept
    settings, chosen = runtime.settings, routing.chooses
    routed = routing.routed(plan.name, plan.cls, job if chosen else None)
    queue = own.get("queue") or routed.get("queue") or settings.QUEUE
    levels = {**routed, **own}
    _not_ours(queue)
    made = {
        "queue": queue,
        "tags": levels.get("tags", ()),
        "max_crashes": plan.cls.max_crashes,
        "weight": plan.cls.weight,
        "code_version": settings.CODE_VERSION,
        **_with_queue(levels, queue, routing, routed.get("connection"), runtime.default),
        "limits": limiting.merged(limiting.of_queue(routing, queue), limiting.of_class(plan.cls)),
        **({"priority": routed["priority"]} if routed.get("priority") else {}),
    }
    ready = None
    if not (plan.sealed or made["sealed"] or issubclass(plan.cls, (unique.ShouldBeUnique, RateLimited))):
        turn = _fixed(routing.queue(queue), plan, runtime)
        if turn is not None:
            ready = {key: value for key, value in made.items() if key not in BESIDE} | {"name": plan.name, "hook": plan.hook, **turn}
    plan.template = Template(routing, routing.version, own, made, ready, chosen)
    return plan.template


def _not_ours(queue: str) -> None:
    """Refuse a queue in which jobs wait to be carried to another store, or lie dead. Raises InvalidOption."""
    dead.refuse(queue)
    if is_lane(queue):
        raise InvalidOption(f"queues whose name begins with {PREFIX!r} are Horizon's own; give this one another name: {queue!r}")


def _with_queue(levels: Mapping[str, Any], queue: str, routing: Routing, connection: str | None, default: str) -> dict[str, Any]:
    """Those fields on which the queue's definition has a say, below everything in `levels`."""
    said = routing.queue(queue)
    if said is None:
        standard.wonder(queue, routing)
    return {
        "connection": connection or (said and said.connection) or default,
        "delay": levels.get("delay", 0),
        "max_tries": levels.get("max_tries", said and said.max_tries),
        "timeout": levels.get("timeout", said and said.timeout),
        "backoff": encode_backoff(levels.get("backoff", said and said.backoff)),
        "sealed": bool(said and said.sealed),
    }


def _turn(job: Shape, plan: Plan, runtime: RuntimeLike, base: Mapping[str, Any]) -> dict[str, Any]:
    """What decides when it starts among others, and whether it still does after its deadline."""
    said = runtime.routing.queue(base["queue"])
    made = _fixed(said, plan, runtime)
    if made is None:
        assert said is not None
        assert said.fair is not None
        made = said.fair.turn(job, plan.name, base)
    if "deadline" in base and said is not None and said.expire:
        made.setdefault("expires", base.get("expires", True))
    return made


def _fixed(said: QueueDefinition | None, plan: Plan, runtime: RuntimeLike) -> dict[str, Any] | None:
    fifo = not runtime.settings.PRIORITIES or (said is not None and said.fifo)
    return ordering.fixed(None if said is None else said.fair, fifo=fifo, weight=plan.cls.weight)


def _merged(template: Mapping[str, Any], plan: Plan, job: Shape, said: Said, runtime: RuntimeLike) -> dict[str, Any]:
    """The template with the instance's options and the fluent words over it."""
    made, instance = dict(template), job._horizon.options or {}
    queue = said.queue or instance.get("queue")
    if queue and queue != made["queue"]:
        _not_ours(queue)
        routed = runtime.routing.routed(plan.name, plan.cls, job)
        made.update(_with_queue({**routed, **plan.options}, queue, runtime.routing, routed.get("connection"), runtime.default), queue=queue)
        made["limits"] = limiting.merged(limiting.of_queue(runtime.routing, queue), limiting.of_class(plan.cls))
    for key in FIELDS:
        if key in instance:
            made[key] = encode_backoff(instance[key]) if key == "backoff" else instance[key]
        value = getattr(said, key)
        if value is not None:
            made[key] = encode_backoff(value) if key == "backoff" else value
    if "tags" in instance:
        made["tags"] = instance["tags"]
    if said.tags:
        made["tags"] = options.tags((*made["tags"], *said.tags))
    if said.connection:
        made["connection"] = said.connection
    return made


def _extras(
    job: Shape, plan: Plan, said: Said | None, payload: bytes, limits: tuple[Limit, ...], keyring: Keyring | None
) -> dict[str, Any]:
    """The fields that most jobs leave alone. `limits`: those of its queue and class."""
    made: dict[str, Any] = {}
    if said is not None:
        for key in ("available_at", "deadline", "user", "tenant", "edges", "unique_key", "unique_for"):
            value = getattr(said, key)
            if value:
                made[key] = value
        if said.priority is not None:
            made["priority"] = said.priority
        if said.expires is not None and said.deadline is not None:
            made["expires"] = said.expires
    if plan.cls.retry_until is not None:
        made["retry_until"] = _retry_until(job)
    if isinstance(job, RateLimited):
        made["limits"] = limiting.merged(limits, limiting.of_job(job, keyring))
    unique_by_class = None if "unique_key" in made else unique.key_of(job, plan.name, payload, keyring)
    if unique_by_class is not None:
        made["unique_key"], made["unique_for"], made["unique_until_processing"] = unique_by_class
    return made


def _retry_until(job: Shape) -> Micros:
    given = type(job).retry_until
    value = given(job) if callable(given) else given
    if isinstance(value, datetime):
        return moments.aware(value, "retry_until")
    if value is None:
        raise InvalidOption(f"{type(job).__name__}.retry_until() must answer an aware datetime, a timedelta or seconds; it answered None")
    return now() + options.seconds(value, "retry_until")
