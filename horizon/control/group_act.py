"""An act on many batches, chains or workflows, as it is kept. Pure.

Two notes hold it: a small one that says how far it is, which every page reads, and the ids of the groups it is about.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from horizon.backends import guarding
from horizon.backends.driven import pace
from horizon.backends.notes import Note
from horizon.backends.values import Acted, Operation
from horizon.core.clock import Micros
from horizon.core.group import GroupKind
from horizon.core.query import JobQuery

KIND, IDS = "group-act", "group-act-ids"
CANCEL, RETRY, UNCANCEL = VERBS = ("cancel", "retry", "uncancel")
MARK = "reason"
"""The parameter by which what a cancel ended is found again, as in acts on jobs."""
MOST_REASONS = 20
"""Told apart; groups that were left alone for others are counted together."""
OTHER = "for other reasons"
Result = tuple[str, str, int, tuple[str, ...]]
"""What became of a group: (id, why it was left alone or nothing, jobs put to work, acts that go on)."""
_KEPT = ("id", "verb", "params", "actor", "state", "created_at", "finished_at", "expected", "done", "skipped", "reasons")
_OWN = ("about", "origin", "connection", "jobs", "operations", "inside", "cursor", "here", "refused", "paid")


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupAct(Operation):
    """What is told of it; its figures count groups."""

    kind: GroupKind
    about: str = ""
    """The search that found them, in words; empty: they were ticked one by one."""
    origin: str = "code"
    """Where whoever asked for it came from."""
    connection: str | None = None
    """Of the list it was asked from; None: all of them."""
    jobs: int = 0
    """Retried, or put back, at once; those of wide groups follow in acts of their own."""
    operations: tuple[str, ...] = ()
    """Those acts."""
    inside: str = ""
    """Of one that goes on with care: the group, the one it has come to or one nested in it, whose failed jobs come next."""
    cursor: str | None = None
    """Behind which of them."""
    here: int = 0
    """Jobs put to work in the group it has come to."""
    refused: str = ""
    """Why others of that group were not."""
    paid: Micros = 0
    """The moment up to which its pace is used up."""
    version: int = 0
    """Of its note."""

    @property
    def noun(self) -> str:
        """What its figures count, one of them."""
        return self.kind.value

    @property
    def nouns(self) -> str:
        """Many of them."""
        return many_of(self.kind)

    @property
    def careful(self) -> bool:
        """Whether it goes on at a pace, tries a few first or stops by itself."""
        return pace(self.params) is not None or guarding.guard_of(self.params).on()

    @property
    def looked(self) -> int:
        """How many groups it has come to."""
        return self.done + self.skipped


@dataclass(frozen=True, kw_only=True, slots=True)
class Undone:
    """What became of the wish to undo an act."""

    said: Acted | Operation
    """What was put back, or the act that puts it back."""
    stopped: bool
    """Whether the act ran until then: one that was over, or that somebody had stopped, is only undone."""


def many_of(kind: GroupKind) -> str:
    """The plural."""
    return {GroupKind.BATCH: "batches", GroupKind.CHAIN: "chains", GroupKind.WORKFLOW: "workflows"}[kind]


def write(act: GroupAct) -> str:
    """As kept."""
    kept: dict[str, Any] = {name: getattr(act, name) for name in (*_KEPT, *_OWN)}
    return json.dumps({**kept, "kind": act.kind.value, "trace": guarding.write(act.trace)}, ensure_ascii=False)


def read(note: Note) -> GroupAct:
    """What `write` wrote."""
    kept = json.loads(note.body)
    known = {one.name for one in fields(GroupAct)}
    given = {name: value for name, value in kept.items() if name in known and name not in ("kind", "trace", "operations")}
    return GroupAct(
        **given, kind=GroupKind(kept["kind"]), query=JobQuery(), trace=guarding.read(kept.get("trace")), operations=tuple(kept["operations"]),
        version=note.version,
    )  # fmt: skip


def moved(act: GroupAct, results: Sequence[Result], now: Micros) -> GroupAct:
    """With what became of the next groups."""
    left = {id: why for id, why, _, _ in results if why}
    reasons = dict(act.reasons)
    for why in left.values():
        told = why if why in reasons or len(reasons) < MOST_REASONS else OTHER
        reasons[told] = reasons.get(told, 0) + 1
    over = act.looked + len(results) >= (act.expected or 0)
    return replace(
        act,
        done=act.done + len(results) - len(left),
        skipped=act.skipped + len(left),
        reasons=reasons,
        jobs=act.jobs + sum(jobs for _, _, jobs, _ in results),
        operations=(*act.operations, *(id for _, _, _, more in results for id in more))[: guarding.ACTED],
        trace=guarding.grown(act.trace, [id for id, why, _, _ in results if not why], left, watched=False),
        state="done" if over else act.state,
        finished_at=now if over else None,
    )
