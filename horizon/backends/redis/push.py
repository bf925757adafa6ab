"""push: store new jobs, all of up to 1,000 or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any

from horizon.backends.grouping import asked_of, refuse_progress_of_jobs
from horizon.backends.parking import refuse_limits
from horizon.backends.redis import header
from horizon.backends.redis.groups import RedisGroups
from horizon.backends.redis.link import Begun
from horizon.backends.redis.packed import BACK, FRONT, HOOK, NEAR, TAGGED
from horizon.backends.redis.refusal import STATUS, refusal, refuse_groups
from horizon.backends.redis.store import Store, audit_of, encode
from horizon.backends.redis.wire import Part
from horizon.backends.values import PUSH_LIMIT, Pushed
from horizon.core.alike import Alike, ids, kinds
from horizon.core.audit import AuditEntry
from horizon.core.cycles import refuse_cycles
from horizon.core.envelope import Edge, Envelope
from horizon.core.errors import BackendUnavailable, HorizonError
from horizon.core.group import NewGroup

FIRST = 3
"""Where the bytes of an act begin among its arguments, counted as Lua does."""


def push(
    store: Store,
    envelopes: Sequence[Envelope],
    *,
    groups: Sequence[NewGroup] = (),
    seal: Sequence[str] = (),
    audit: AuditEntry | None = None,
) -> list[Pushed]:
    """See `Backend.push`. Sent again where the answer was lost: an id that is there already changes nothing."""
    if len(envelopes) == 1 and audit is None and not groups and not seal and (alone := _push_one(store, envelopes[0])) is not None:
        return [alone]
    answers: list[Pushed] = []
    if len(envelopes) <= PUSH_LIMIT:
        if not (envelopes or groups or seal):
            return answers
        refuse(store, envelopes, groups, seal)
        return answers_of(envelopes, send(store, envelopes, groups, seal, audit=audit_of(audit)), groups, seal)
    under_way: _UnderWay | None = None
    try:
        for start in range(0, len(envelopes), PUSH_LIMIT):
            chunk, first, last = envelopes[start : start + PUSH_LIMIT], start == 0, start + PUSH_LIMIT >= len(envelopes)
            its = (groups if first else (), seal if last else ())
            refuse(store, chunk, *its)
            following = _Act(chunk, {"audit": audit_of(audit)}, *its)
            if under_way is not None:
                before, under_way = under_way, None
                answers += before.answers()
            under_way = _UnderWay(store, following)
    finally:
        if under_way is not None:
            answers += under_way.answers()
    return answers


def check(envelopes: Sequence[Envelope], groups: Sequence[NewGroup] = ()) -> None:
    """Refuse what needs no look into the store. Raises InvalidInput, InvalidOption, DependencyCycle."""
    refuse_limits(envelopes)
    if any(envelope.edges for envelope in kinds(envelopes)):
        refuse_cycles({envelope.id: envelope for envelope in envelopes}, {group.id: group.parent for group in groups})
        refuse_progress_of_jobs(envelopes)


def refuse(store: Store, envelopes: Sequence[Envelope], groups: Sequence[NewGroup], seal: Sequence[str]) -> None:
    """The same; what is wrong with groups that are stored is said first. Raises UnknownGroup, GroupEnded."""
    try:
        check(envelopes, groups)
    except HorizonError:
        if asked := asked_of(envelopes, groups, seal):
            refuse_groups(envelopes, groups, seal, {group.id: group.state for group in RedisGroups(store).many(asked)})
        raise


def send(store: Store, envelopes: Sequence[Envelope], groups: Sequence[NewGroup] = (), seal: Sequence[str] = (), **more: object) -> Any:
    """The script's own answer."""
    act = _Act(envelopes, more, groups, seal)
    return act.run(store)


class _Act:
    """One push of up to 1,000 jobs, as its script takes it."""

    def __init__(
        self, envelopes: Sequence[Envelope], more: Mapping[str, object], groups: Sequence[NewGroup] = (), seal: Sequence[str] = ()
    ) -> None:
        self.envelopes, self.groups, self.seal = envelopes, groups, seal
        self._shapes: list[dict[str, object]] = []
        self._jobs: list[tuple[object, ...]] = []
        self._parts: list[Part] = []
        self._own: dict[str, list[object]] = {}
        others_from = FIRST + 2 * len(envelopes)
        others = self._take_alike(envelopes) if type(envelopes) is Alike else self._take(others_from)
        for at, own in enumerate(self._own.values()):
            own.append(others_from + len(others) + at)
        asked = asked_of(envelopes, groups, seal) if groups or seal or self._own or others else []
        plain = set(more) <= {"audit"} and not more.get("audit") and not others and not groups and all(map(_is_plain, kinds(envelopes)))
        self.script = "push_plain" if plain else "push"
        alike = plain and len(self._shapes) == 1 and not any(job[1] for job in self._jobs)
        what: dict[str, object] = {"shapes": self._shapes, "jobs": len(envelopes) if alike else self._jobs}
        if asked and plain:
            what |= {"seal": seal, "asked": asked}
        elif asked or any(envelope.before for envelope in kinds(envelopes)):
            others_to = others_from + len(others) - 1
            what |= {"groups": list(map(_new_group, groups)), "seal": seal, "asked": asked, "others": (others_from, others_to)}
        if limits := {limit.key: limit for envelope in kinds(envelopes) for limit in envelope.limits}:
            what["limits"] = header.rows_of(limits.values())
        self._text = encode(what if plain else {**what, "audit": False, "refused": False, **more})
        self._parts += [*others, *map(header.pack_id, self._own)]

    def _take(self, others_from: int) -> list[Part]:
        """Shapes, jobs and bytes of every envelope; returns ids of those they wait for, and of those they go before."""
        known: dict[object, tuple[int, bytes]] = {}
        key: object = None
        shape = (0, b"")
        others: list[Part] = []
        for envelope in self.envelopes:
            before, key = key, _sameness(envelope)
            if key != before:
                shape = self._shape_of(envelope, key, known)
            edges: object = False
            if envelope.edges:
                edges = [_edge(others_from + len(others) + at, edge) for at, edge in enumerate(envelope.edges)]
                others += [header.pack_id(edge.job_id) for edge in envelope.edges]
            if envelope.before:
                before_those = [others_from + len(others) + at for at in range(len(envelope.before))]
                others += map(header.pack_id, envelope.before)
                self._jobs.append((shape[0], envelope.created_at or False, edges, before_those))
            else:
                self._jobs.append((shape[0], envelope.created_at or False, edges))
            self._parts += (header.pack_id(envelope.id), shape[1] + envelope.payload)
        return others

    def _take_alike(self, envelopes: Alike) -> list[Part]:
        """The same of jobs that have one shape; they wait for none, and go before none."""
        first = envelopes.first
        number, line = self._shape_of(first, _sameness(first), {})
        self._jobs = [(number, first.created_at or False, False)] * len(envelopes)
        for id, payload in zip(envelopes.ids, envelopes.payloads, strict=True):
            self._parts += (header.pack_id(id), line + payload)
        return []

    def _shape_of(self, envelope: Envelope, key: object, known: dict[object, tuple[int, bytes]]) -> tuple[int, bytes]:
        """Number of its shape, and its header."""
        shape = known.get(key)
        if shape is None:
            line = header.write(envelope)
            self._shapes.append(_shape(envelope, line))
            if envelope.group is not None:
                self._shapes[-1]["group"] = self._own.setdefault(envelope.group, [envelope.group])
            shape = known[key] = len(self._shapes), line
        return shape

    def args(self, store: Store) -> tuple[Part, ...]:
        """All that is sent."""
        return (store.time(), self._text, *self._parts)

    def run(self, store: Store) -> Any:
        """Send it and wait. Raises BackendUnavailable, StoreFull."""
        return self.answer(store, store.link.run(self.script, self.args(store), safe=True))

    def answer(self, store: Store, reply: Any) -> Any:
        """The same from either script."""
        if self.script != "push_plain" or len(reply) != 1:
            return reply
        if reply[0] == b"long":
            return _Act(self.envelopes, {"audit": False, "long": True}, self.groups, self.seal).run(store)
        count = len(self.envelopes)
        return [reply[0] or [1] * count, [b""] * count]


class _UnderWay:
    """A push that was sent."""

    def __init__(self, store: Store, act: _Act) -> None:
        self._store, self._act = store, act
        self._args = act.args(store)
        self._begun: Begun | None = None
        with suppress(BackendUnavailable):  # it is sent again below, as patiently as any
            self._begun = store.link.begin(act.script, self._args)

    def answers(self) -> list[Pushed]:
        """See `answers_of`. Raises BackendUnavailable, StoreFull."""
        return answers_of(self._act.envelopes, self._act.answer(self._store, self._reply()), self._act.groups, self._act.seal)

    def _reply(self) -> Any:
        if self._begun is not None:
            with suppress(BackendUnavailable):
                return self._begun.finish()
        return self._store.link.run(self._act.script, self._args, safe=True)


def _push_one(store: Store, envelope: Envelope) -> Pushed | None:
    """The shortest way, for a job that can take it; nothing is stored where the answer is None."""
    alone = _one(envelope)
    status = 0 if alone is None else store.link.run("push_one", (store.time(), *alone), safe=True, soon=True)
    return Pushed(id=envelope.id, status=STATUS[status - 1]) if status else None


def _one(envelope: Envelope) -> tuple[Part, ...] | None:
    """As push_one.lua takes it; nothing where it cannot."""
    if (
        envelope.delay > 0 or envelope.available_at is not None or envelope.deadline is not None or envelope.edges or envelope.group is not None
        or not _is_plain(envelope) or len(envelope.payload) > NEAR
    ):  # fmt: skip
        return None
    line, id, labels = header.write(envelope), header.pack_id(envelope.id), [f"t{tag}" for tag in envelope.tags]
    if envelope.user or (labels and envelope.user is not None):
        labels.append(f"u{envelope.user}")
    if len(line) + len(envelope.payload) > NEAR:
        return None
    front = FRONT.pack(TAGGED * bool(labels) | HOOK * envelope.hook, 0, 0, _or(envelope.max_tries), _or(envelope.timeout))
    back = BACK.pack(envelope.round, envelope.crashes, _or(envelope.max_crashes), envelope.created_at or -1, len(id))
    return (envelope.queue, envelope.name, envelope.priority, len(line), id, line + envelope.payload, front, back, *labels)


def _edge(index: int, edge: Edge) -> list[object]:
    return [index, int(edge.on), edge.job_id] if edge.of_group else [index, int(edge.on)]


def _new_group(group: NewGroup) -> dict[str, object]:
    """As joining.lua takes it."""
    allow = group.allow
    return {
        "id": group.id, "kind": group.kind.code, "name": group.name, "parent": group.parent or False,
        "allow": False if allow is None else f"{'f' if isinstance(allow, float) else 'i'}{allow}", "allow_all": group.allow_all,
        "options": encode(dict(group.options)), "user": _or_false(group.user), "tenant": _or_false(group.tenant),
    }  # fmt: skip


def _or_false(text: str | None) -> str | bool:
    return False if text is None else text


def _or(limit: int | None) -> int:
    return -1 if limit is None else limit


def _is_plain(envelope: Envelope) -> bool:
    return envelope.unique_key is None and not envelope.tries and not envelope.before and _takes_no_turns(envelope)


def _takes_no_turns(envelope: Envelope) -> bool:
    return envelope.fair is None and envelope.share == 1 and not envelope.expires and not envelope.limits


_sameness = attrgetter(
    "name", "queue", "priority", "delay", "available_at", "max_tries", "timeout", "unique_for", "unique_until_processing", "round", "tries",
    "crashes", "version", "tags", "user", "tenant", "deadline", "backoff", "retry_until", "max_crashes", "hook", "code_version", "signature",
    "unique_key", "group", "fair", "share", "expires", "limits",
)  # fmt: skip
"""Jobs that are equal in these have one shape, and one header."""


def _shape(envelope: Envelope, line: bytes) -> dict[str, object]:
    """What a script has to know of jobs like this one; `kept` goes into the record as it is."""
    tagged = bool(envelope.tags or envelope.user)
    kept = {
        "g": 1 if tagged else None, "d": envelope.deadline, "m": envelope.max_tries, "o": envelope.timeout, "X": envelope.max_crashes,
        "H": 1 if envelope.hook else None, "K": envelope.unique_key, "Kf": envelope.unique_for,
        "Ku": 1 if envelope.unique_until_processing else None, "R": envelope.round or None, "t": envelope.tries or None,
        "x": envelope.crashes or None, "fk": envelope.fair, "fs": None if envelope.share == 1 else envelope.share,
        "ex": 1 if envelope.expires and envelope.deadline is not None else None,
        "lk": sorted(limit.key for limit in envelope.limits) or None,
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


def answers_of(envelopes: Sequence[Envelope], reply: Any, groups: Sequence[NewGroup] = (), seal: Sequence[str] = ()) -> list[Pushed]:
    """What a push answers. Raises QueueFull, UnknownDependency, UnknownGroup, GroupEnded."""
    if reply and isinstance(reply[0], bytes):
        raise refusal(reply, envelopes, groups, seal)
    return [
        Pushed(id=id, status=STATUS[status - 1], holder=header.unpack_id(holder) if holder else None)
        for id, status, holder in zip(ids(envelopes), *reply, strict=True)
    ]
