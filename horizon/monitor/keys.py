"""Which keys the stored jobs were signed and encrypted with, and whether everything that waits can still be read.

A bounded look: of jobs that wait up to `WAITING_LOOK` are asked for by their envelopes, of all others the newest
`OTHERS_LOOK`, one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.core.errors import HorizonError
from horizon.core.query import MAX_LIMIT, JobQuery
from horizon.core.states import JobState
from horizon.security.keys import Keyring, Signed
from horizon.security.sealed import fingerprint_of, is_sealed

WAITING_LOOK, OTHERS_LOOK = 5_000, 500
NAMED = 10
"""Jobs that cannot be read which are named."""
S = JobState
WAIT = (S.PENDING, S.SCHEDULED, S.RETRYING)
OTHERS = (S.BLOCKED, S.PROCESSING, S.FAILED, S.COMPLETED, S.CANCELLED)
OVER = (S.FAILED, S.COMPLETED, S.CANCELLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyUse:
    """One key."""

    fingerprint: str
    here: bool
    """Whether this process has it."""
    newest: bool
    """Whether this process encrypts and signs with it."""
    waiting: int
    """Jobs that have not ended and are signed or encrypted with it."""
    ended: int

    @property
    def spare(self) -> bool:
        """Whether it could be dropped: nothing that is still to run needs it."""
        return not self.newest and not self.waiting


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyReport:
    """What was found on one connection."""

    uses: tuple[KeyUse, ...]
    unsigned: int
    """Jobs that have not ended and bear no signature."""
    unreadable: tuple[tuple[str, str], ...]
    """(id, why) of jobs that have not ended and would fail here, the first `NAMED`."""
    looked_at: int
    whole: bool
    """Whether every job that has not ended was looked at."""


def look(backend: Backend, keyring: Keyring) -> KeyReport:
    """What the jobs of a store need."""
    waiting, ended, unsigned, unreadable, seen = Counter[str](), Counter[str](), 0, list[tuple[str, str]](), 0
    live = sum(row.counts.get(state, 0) for row in backend.numbers.counts() for state in JobState if state not in OVER)
    met = 0
    for over, job in _jobs(backend):
        seen += 1
        (ended if over else waiting).update(_keys(job))
        if not over:
            met += 1
            unsigned += job.signature is None
            why = _trouble(job, keyring)
            if why and len(unreadable) < NAMED:
                unreadable.append((job.id, why))
    return KeyReport(
        uses=_uses(waiting, ended, keyring), unsigned=unsigned, unreadable=tuple(unreadable), looked_at=seen, whole=met >= live
    )  # fmt: skip


def _uses(waiting: Counter[str], ended: Counter[str], keyring: Keyring) -> tuple[KeyUse, ...]:
    here = keyring.fingerprints
    others = sorted({*waiting, *ended} - set(here))
    return tuple(
        KeyUse(fingerprint=one, here=one in here, newest=(one,) == here[:1], waiting=waiting[one], ended=ended[one])
        for one in (*here, *others)
    )


def _jobs(backend: Backend) -> Iterator[tuple[bool, Signed]]:
    """(whether it has ended, the job)"""
    for ids in _ids(backend, WAIT, WAITING_LOOK):
        for envelope in backend.envelopes(ids):
            yield False, envelope
    for state in OTHERS:
        for ids in _ids(backend, (state,), OTHERS_LOOK // len(OTHERS)):
            for id in ids:
                if (record := backend.get(id)) is not None:
                    yield state in OVER, record


def _ids(backend: Backend, states: tuple[JobState, ...], most: int) -> Iterator[list[str]]:
    cursor, left = None, most
    while left > 0:
        page = backend.find(JobQuery(states=states, cursor=cursor, limit=min(left, MAX_LIMIT)))
        yield [record.id for record in page.items]
        left -= len(page.items)
        cursor = page.next
        if cursor is None:
            return


def _keys(job: Signed) -> set[str]:
    payload = fingerprint_of(job.payload) if is_sealed(job.payload) else None
    return {key for key in (fingerprint_of(job.signature), payload) if key is not None}


def _trouble(job: Signed, keyring: Keyring) -> str:
    """Why a worker with these keys would refuse the job; empty where it would not. What its class demands is not asked."""
    if not is_sealed(job.payload) and (job.signature is None or not keyring):
        return ""
    try:
        keyring.check(job)
    except HorizonError as error:
        return str(error)
    return ""
