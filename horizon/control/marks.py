"""The reason that one act leaves on every job it cancels or forgets, and the search that finds those jobs again. Pure.

Undoing an act on many cannot name its jobs by their ids, and must not touch what somebody else cancelled or forgot: the
mark tells them apart.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from horizon.backends.values import Verb
from horizon.control.acting import MAX_REASON
from horizon.core.clock import Micros, from_datetime, iso
from horizon.core.query import JobQuery
from horizon.core.states import TERMINAL, JobState
from horizon.security.permissions import Actor

UNDONE_BY = {Verb.CANCEL: Verb.RETRY, Verb.FORGET: Verb.RESTORE}
"""Verbs that leave a mark, and what undoes each."""
WORDS = {Verb.CANCEL: "cancelled by ", Verb.FORGET: "forgotten by "}


_MOMENT = re.compile(r"((?:cancelled|forgotten|cleared) by .{1,200}?) at \d{4}-\d\d-\d\dT[\d:.]+Z", re.S)


def mark(verb: Verb, actor: Actor, now: Micros, reason: str | None) -> str:
    """`cancelled by ana at 2026-11-22T14:03:22.123Z: sale is over`; a reason that is a mark already stays."""
    if reason is not None and is_mark(verb, reason):
        return reason
    return (f"{WORDS[verb]}{actor.name[:200]} at {iso(now)}" + (f": {reason}" if reason else ""))[:MAX_REASON]


def spoken(text: str) -> str:
    """What a text with a mark in it says to people: without the moment, which stands beside it wherever a mark is shown."""
    return _MOMENT.sub(r"\1", text, count=1)


def said(reason: str) -> str:
    """What a person gave as the reason: all of it, or what follows the mark; empty if that is all there is."""
    found = _MOMENT.match(reason)
    return reason[found.end() :].removeprefix(": ") if found else reason


def given(reason: str) -> str:
    """What a person gave as the reason, or, where they gave none, who it was."""
    return said(reason) or spoken(reason)


def is_mark(verb: Verb, reason: str) -> bool:
    """Whether a reason was made by `mark`."""
    return bool(re.match(rf"{WORDS[verb]}.+ at \d{{4}}-\d\d-\d\dT", reason, re.S))


def marked(verb: Verb, query: JobQuery, mark: str) -> JobQuery:
    """What an act of this verb on that search has left behind under its mark.

    Only what the act did not change is still asked for: not the times, which mean something else in another state.
    """
    states = (JobState.CANCELLED,) if verb is Verb.CANCEL else _ended(query.states)
    kept = {name: getattr(query, name) for name in ("ids", "queue", "name", "tag", "user")}
    return replace(JobQuery(**kept), states=states, reason=mark, include_forgotten=verb is Verb.FORGET)


def _ended(states: tuple[JobState, ...]) -> tuple[JobState, ...]:
    """Where forgotten jobs of these states stand: one that had not ended was cancelled first."""
    ends = tuple(state for state in JobState if state in TERMINAL)
    if not states:
        return ends
    return tuple(state for state in ends if state in states or (state is JobState.CANCELLED and set(states) - TERMINAL))


_ASKED = re.compile(r"(?:cancelled|forgotten|cleared) by (.{1,200}?) at (\d{4}-\d\d-\d\dT[\d:.]+Z)(?:: (.*))?", re.S)


def asked(reason: str) -> tuple[str, Micros, str] | None:
    """(who, when, the reason given) of a mark; None for what is none."""
    found = _ASKED.fullmatch(reason)
    try:
        return None if found is None else (found[1], from_datetime(datetime.fromisoformat(found[2])), found[3] or "")
    except ValueError:
        return None
