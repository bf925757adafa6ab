"""What people made of the causes of failure, and how a cause stands by it. Pure.

1. A cause is `new` for a day, as long as nobody has said anything of it; then it is `ongoing`.
2. Somebody resolves it: it is `resolved`, and `regressed` as soon as a job fails with it again.
3. Somebody snoozes it, until a time or until it has happened so many times more: until then it is `snoozed`.
4. Somebody mutes it: it is `muted`, whatever comes. Reopened, it is ongoing.

What is resolved, snoozed or muted is `quiet`: it turns nothing red, and no list of what to look at names it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from horizon.backends.spread import Tally
from horizon.core.clock import DAY, Micros

KIND = "cause"
"""Of the notes."""
FRESH: Micros = DAY
"""How long a cause is new."""
TALLIED = 100
"""Causes that a store counts at once."""
MOST_PAST = 30
"""Acts that are remembered of a cause."""


class CauseState(StrEnum):
    """How a cause stands."""

    NEW = "new"
    ONGOING = "ongoing"
    REGRESSED = "regressed"
    RESOLVED = "resolved"
    SNOOZED = "snoozed"
    MUTED = "muted"

    @property
    def quiet(self) -> bool:
        """Whether nobody needs to look at it now."""
        return self in (CauseState.RESOLVED, CauseState.SNOOZED, CauseState.MUTED)


class Word(StrEnum):
    """What can be said of a cause."""

    RESOLVE = "resolve"
    SNOOZE = "snooze"
    MUTE = "mute"
    REOPEN = "reopen"


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Somebody said something of a cause."""

    word: str
    at: Micros
    by: str
    note: str = ""
    until: Micros | None = None
    """Of a snooze: when it is over at the latest."""
    more: int | None = None
    """Of a snooze: it is over when it has happened so many times more."""
    count: int = 0
    """Jobs that stood failed with it then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What was said of one cause: the last word holds."""

    last: Act
    past: tuple[Act, ...] = ()
    """What was said before, the latest first."""
    type: str = ""
    """Of the exception, and"""
    name: str = ""
    """the class, for when no failed job is left that could tell."""
    first_at: Micros | None = None
    """When a job failed with it first, as far as was known whenever somebody spoke: kept when those jobs are gone."""
    version: int = 0
    """Of the note; 0 where there is none yet."""

    @property
    def history(self) -> tuple[Act, ...]:
        """Everything, the latest first."""
        return (self.last, *self.past)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a cause stands, and by whose word."""

    state: CauseState
    said: Said | None = field(default=None)

    @property
    def quiet(self) -> bool:
        """Whether nobody needs to look at it now."""
        return self.state.quiet


def standing(said: Said | None, *, first_at: Micros, last_at: Micros, count: int, now: Micros) -> Standing:
    """How a cause stands that was seen then, and with which so many jobs stand failed."""
    return Standing(state=_state(said, first_at, last_at, count, now), said=said)


def _state(said: Said | None, first_at: Micros, last_at: Micros, count: int, now: Micros) -> CauseState:
    if said is None:
        return CauseState.NEW if now - first_at < FRESH else CauseState.ONGOING
    act = said.last
    if act.word == Word.MUTE:
        return CauseState.MUTED
    if act.word == Word.RESOLVE:
        return CauseState.REGRESSED if last_at > act.at else CauseState.RESOLVED
    if act.word == Word.SNOOZE and sleeps(act, count, now):
        return CauseState.SNOOZED
    return CauseState.ONGOING


def sleeps(act: Act, count: int, now: Micros) -> bool:
    """Whether a snooze still holds."""
    in_time = act.until is None or now < act.until
    return in_time and (act.more is None or count < act.count + act.more)


def latest(said: Mapping[str, Said]) -> tuple[str, ...]:
    """The causes of which somebody spoke last, as many as a store tallies at once."""
    return tuple(sorted(sorted(said), key=lambda cause: -said[cause].last.at)[:TALLIED])


def quiet(said: Mapping[str, Said], tallies: Mapping[str, Tally], now: Micros) -> dict[str, int]:
    """The causes that nobody needs to look at, each with how many jobs stand failed with it."""
    return {
        cause: one.count
        for cause, one in tallies.items()
        if standing(said.get(cause), first_at=one.first_at, last_at=one.last_at, count=one.count, now=now).quiet
    }


def after(said: Said | None, act: Act, *, type: str = "", name: str = "", first_at: Micros | None = None) -> Said:
    """What is said of a cause once somebody has said this as well."""
    if said is None:
        return Said(last=act, type=type, name=name, first_at=first_at)
    first = first_at if said.first_at is None else earliest(said, first_at)
    return replace(said, last=act, past=said.history[:MOST_PAST], type=type or said.type, name=name or said.name, first_at=first)


def earliest(said: Said | None, first_at: Micros | None) -> Micros | None:
    """When it was first seen: by the jobs that stand failed with it, or by what its note kept of those before them."""
    known = [at for at in (first_at, said.first_at if said is not None else None) if at is not None]
    return min(known, default=None)


# as a note ------------------------------------------------------------------------------------------


def written(said: Said) -> str:
    """The text of its note."""
    acts = [{key: value for key, value in asdict(act).items() if value not in (None, "", 0)} for act in said.history]
    first = {} if said.first_at is None else {"first_at": said.first_at}
    return json.dumps({"acts": acts, "type": said.type, "name": said.name, **first}, ensure_ascii=False)


def read(body: str, version: int) -> Said | None:
    """What a note says; None for one that another version wrote and nobody here understands."""
    try:
        told = json.loads(body)
        acts = tuple(_act(one) for one in told["acts"])
        first, type, name = told.get("first_at"), str(told.get("type", "")), str(told.get("name", ""))
        return Said(last=acts[0], past=acts[1:], type=type, name=name, first_at=first if isinstance(first, int) else None, version=version)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def _act(told: Mapping[str, Any]) -> Act:
    until, more = told.get("until"), told.get("more")
    return Act(
        word=str(told["word"]),
        at=int(told["at"]),
        by=str(told.get("by", "")),
        note=str(told.get("note", "")),
        until=None if until is None else int(until),
        more=None if more is None else int(more),
        count=int(told.get("count", 0)),
    )
