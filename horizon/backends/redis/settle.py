"""Outcomes as the scripts take them: a short row each, everything encoded and checked before it is sent."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

from horizon.backends.redis.packed import WORD
from horizon.core.effect import Noted
from horizon.core.outcome import Failure, Kind, LogLine, Outcome

FIRST = 4
"""Where the bytes of results begin among the arguments, counted as Lua does."""
STARTED, SUSPECT, FOLLOW_UP, CHARGE = 1, 2, 4, 8
PLAIN = struct.Struct("<ddd16sB")
"""An attempt that simply worked: started after, runtime, memory or 0, word, length of its number, which follows."""


class Told:
    """Outcomes on their way to the script: rows of those that have something to say, each with its place among all (from 1),
    and what is sent beside: all others, which simply worked, in one part, then the bytes of results."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self.rows: list[list[Any]] = []
        self.places: list[int] = []
        results: list[bytes] = []
        plain: list[bytes] = []
        for place, outcome in enumerate(outcomes, 1):
            if short := plain_of(outcome):
                plain.append(short)
            else:
                self.rows.append(row_of(outcome, results))
                self.places.append(place)
        self.parts = (b"".join(plain), *results)


def plain_of(outcome: Outcome) -> bytes | None:
    """One that simply worked, in short; None where there is more to say."""
    if outcome.kind is not Kind.COMPLETED or not outcome.started or outcome.suspect or outcome.follow_up or outcome.charge_crash:
        return None
    if (
        outcome.result is not None
        or outcome.effects
        or outcome.logs
        or outcome.logs_dropped
        or outcome.reason is not None
        or outcome.error is not None
    ):
        return None
    word, _, n = outcome.token.rpartition(":")
    if len(word) != WORD or str(outcome.ref) != n or not word.isascii():
        return None
    return PLAIN.pack(outcome.started_after, outcome.runtime, outcome.memory_kb or 0, word.encode(), len(n)) + n.encode()


def row_of(outcome: Outcome, results: list[bytes]) -> list[Any]:
    """One outcome; its result's bytes go to `results`, which are sent beside."""
    kind = outcome.kind
    word, _, n = outcome.token.rpartition(":")
    if str(outcome.ref) != n:
        word = outcome.token  # of another job, or nobody's: no attempt is called that
    bits = outcome.started | outcome.suspect << 1 | outcome.follow_up << 2 | outcome.charge_crash << 3
    row = [
        n if n.isdigit() else "0",
        word,
        int(kind),
        outcome.delay,
        outcome.started_after,
        outcome.runtime,
        outcome.memory_kb or False,
        int(bits),
        int(kind),
    ]
    if (
        kind is Kind.COMPLETED
        and outcome.result is None
        and not (outcome.logs or outcome.logs_dropped or outcome.effects)
        and outcome.reason is None
    ):
        return row
    if problem := unstorable(outcome):
        return _refused(row, f"unsettleable: {problem}")
    error = outcome.error
    row.append(_said(outcome.reason))
    row += [False] * 4 if error is None else [error.type, error.message, error.cause, failure_text(error)]
    if outcome.result is None:
        row.append(False)
    else:
        results.append(outcome.result)
        row.append(FIRST + len(results) - 1)
    row += [[log_text(line) for line in outcome.logs] or False, outcome.logs_dropped]
    if outcome.effects:
        row.append([part for noted in outcome.effects for part in _effect(noted, results)])
    return row


def _effect(noted: Noted, results: list[bytes]) -> tuple[str, int | bool]:
    """Its name, and where its value's bytes stand."""
    if noted.value is None:
        return noted.name, False
    results.append(noted.value)
    return noted.name, FIRST + len(results) - 1


def _refused(row: list[Any], reason: str) -> list[Any]:
    """An outcome that cannot be kept: the job failed, and the answer is remembered for what was really said."""
    error = Failure(type="Unsettleable", message=reason, cause="Unsettleable")
    n, word, kind = row[:3]
    return [n, word, int(Kind.FAILED), 0, 0, 0, False, STARTED, kind, reason, error.type, error.message, error.cause, failure_text(error)]


def _said(text: str | None) -> str | bool:
    return False if text is None else text


def failure_text(error: Failure) -> str:
    """An error as it is kept."""
    return json.dumps([error.type, error.message, error.traceback, error.cause], ensure_ascii=False)


def log_text(line: LogLine) -> str:
    """A line of a job's log as it is kept."""
    return json.dumps([line.at, line.level, line.message], ensure_ascii=False)


def unstorable(outcome: Outcome) -> str | None:
    """Why an outcome cannot be kept: text that no store could write."""
    error = outcome.error
    if error is None and outcome.reason is None and not outcome.logs:
        return None
    texts = [outcome.reason, *(line.message for line in outcome.logs)]
    if error is not None:
        texts += [error.type, error.message, error.traceback, error.cause]
    try:
        for text in texts:
            (text or "").encode()
    except UnicodeEncodeError as problem:
        return f"text that is not valid Unicode ({problem.reason})"
    return None
