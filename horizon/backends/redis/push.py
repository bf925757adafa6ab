"""push: store new jobs, all of up to 1,000 or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from horizon.backends.redis import header
from horizon.backends.redis.packed import BACK, FRONT, HOOK, NEAR, TAGGED
from horizon.backends.redis.store import Store, audit_of
from horizon.backends.redis.wire import Part
from horizon.backends.values import PUSH_LIMIT, Pushed, PushStatus
from horizon.core.audit import AuditEntry
from horizon.core.cycles import refuse_cycles
from horizon.core.envelope import Envelope
from horizon.core.errors import ComesLater, HorizonError, QueueFull, UnknownDependency

STATUS = (PushStatus.CREATED, PushStatus.EXISTS, PushStatus.DUPLICATE, PushStatus.GONE)
FIRST = 3
"""Where the bytes of an act begin among its arguments, counted as Lua does."""


def push(store: Store, envelopes: Sequence[Envelope], audit: AuditEntry | None = None) -> list[Pushed]:
    """See `Backend.push`. Sent again where the answer was lost: an id that is there already changes nothing."""
    answers: list[Pushed] = []
    for chunk in _chunks(envelopes):
        check(chunk)
        answers += answers_of(chunk, send(store, chunk, audit=audit_of(audit)))
    return answers


def _chunks(envelopes: Sequence[Envelope]) -> Iterator[Sequence[Envelope]]:
    return (envelopes[start : start + PUSH_LIMIT] for start in range(0, len(envelopes), PUSH_LIMIT))


def check(envelopes: Sequence[Envelope]) -> None:
    """Refuse what needs no look into the store. Raises ComesLater, DependencyCycle."""
    if any(envelope.group is not None for envelope in envelopes):
        raise ComesLater("groups of jobs (batches, chains, workflows) come with the whole job model; push the jobs without a group")
    if any(envelope.edges for envelope in envelopes):
        refuse_cycles({envelope.id: envelope for envelope in envelopes})


def send(store: Store, envelopes: Sequence[Envelope], **more: object) -> Any:
    """The script's own answer."""
    if len(envelopes) == 1 and not any(more.values()) and (alone := _one(envelopes[0])):
        status = store.link.run("push_one", (store.time(), *alone), safe=True)
        if status:
            return [[status], [b""]]
    shapes: list[object] = []
    known: dict[object, int] = {}
    jobs: list[object] = []
    blobs: list[Part] = []
    parents: list[bytes] = []
    edges_from = FIRST + 2 * len(envelopes)
    for envelope in envelopes:
        line = header.write(envelope)
        key = _sameness(envelope, line)
        index = known.get(key)
        if index is None:
            shapes.append(_shape(envelope, line))
            index = known[key] = len(shapes)
        edges: object = False
        if envelope.edges:
            edges = [[edges_from + len(parents) + at, int(edge.on)] for at, edge in enumerate(envelope.edges)]
            parents += [header.pack_id(edge.job_id) for edge in envelope.edges]
        jobs.append((index, envelope.created_at or False, edges))
        blobs += (header.pack_id(envelope.id), line + envelope.payload)
    if set(more) <= {"audit"} and not more.get("audit") and not parents and all(map(_is_plain, envelopes)):
        statuses = store.run("push_plain", {"shapes": shapes, "jobs": jobs}, *blobs, safe=True)
        return statuses if len(statuses) > 1 else [statuses[0], [b""] * len(envelopes)]
    return store.run("push", {"shapes": shapes, "jobs": jobs, "audit": False, "refused": False, **more}, *blobs, *parents, safe=True)


def _one(envelope: Envelope) -> tuple[Part, ...] | None:
    """As push_one.lua takes it; nothing where it cannot."""
    if (
        envelope.delay > 0 or envelope.available_at is not None or envelope.deadline is not None or envelope.edges
        or not _is_plain(envelope) or len(envelope.payload) > NEAR
    ):  # fmt: skip
        return None
    line, id, labels = header.write(envelope), header.pack_id(envelope.id), [f"t{tag}" for tag in envelope.tags]
    if envelope.user is not None:
        labels.append(f"u{envelope.user}")
    if len(line) + len(envelope.payload) > NEAR:
        return None
    front = FRONT.pack(TAGGED * bool(labels) | HOOK * envelope.hook, 0, 0, _or(envelope.max_tries), _or(envelope.timeout))
    back = BACK.pack(envelope.round, envelope.crashes, _or(envelope.max_crashes), envelope.created_at or -1, len(id))
    return (envelope.queue, envelope.name, envelope.priority, len(line), id, line + envelope.payload, front, back, *labels)


def _or(limit: int | None) -> int:
    return -1 if limit is None else limit


def _is_plain(envelope: Envelope) -> bool:
    return envelope.unique_key is None and not envelope.tries


def _sameness(envelope: Envelope, line: bytes) -> tuple[object, ...]:
    return (
        line, envelope.queue, envelope.priority, envelope.delay, envelope.available_at, envelope.max_tries, envelope.timeout,
        envelope.unique_for, envelope.unique_until_processing, envelope.round, envelope.tries, envelope.crashes,
    )  # fmt: skip


def _shape(envelope: Envelope, line: bytes) -> dict[str, object]:
    """What a script has to know of jobs like this one; `kept` goes into the record as it is."""
    tagged = bool(envelope.tags or envelope.user)
    kept = {
        "g": 1 if tagged else None, "d": envelope.deadline, "m": envelope.max_tries, "o": envelope.timeout, "X": envelope.max_crashes,
        "H": 1 if envelope.hook else None, "K": envelope.unique_key, "Kf": envelope.unique_for,
        "Ku": 1 if envelope.unique_until_processing else None, "R": envelope.round or None, "t": envelope.tries or None,
        "x": envelope.crashes or None,
    }  # fmt: skip
    shape: dict[str, object] = {
        "queue": envelope.queue, "name": envelope.name, "priority": envelope.priority, "length": len(line),
        "kept": {letter: value for letter, value in kept.items() if value is not None},
    }  # fmt: skip
    if envelope.available_at is not None:
        shape["at"] = envelope.available_at
    else:
        shape["delay"] = envelope.delay
    if tagged:
        shape["header"] = {"t": envelope.tags, **({"u": envelope.user} if envelope.user is not None else {})}
    return shape


def answers_of(envelopes: Sequence[Envelope], reply: Any) -> list[Pushed]:
    """What a push answers. Raises QueueFull, UnknownDependency."""
    if reply and isinstance(reply[0], bytes):
        raise refusal(reply)
    return [
        Pushed(id=envelope.id, status=STATUS[status - 1], holder=header.unpack_id(holder) if holder else None)
        for envelope, status, holder in zip(envelopes, *reply, strict=True)
    ]


def refusal(reply: Any) -> HorizonError:
    """Why nothing was stored."""
    if reply[0] == b"full":
        _, name, most, waiting, more = reply
        return QueueFull(
            f"queue {name.decode()!r} takes at most {most} waiting jobs, holds {waiting} and was given {more} more; "
            "push again when some have started, or raise its max_jobs"
        )
    child, parent, state = header.unpack_id(reply[1]), header.unpack_id(reply[2]), reply[3].decode()
    if state:
        return UnknownDependency(f"job {child} waits for {parent}, which already ended {state}: it would wait for ever")
    return UnknownDependency(
        f"job {child} waits for {parent}, which is not on this connection; push that one first, or together with this one"
    )
