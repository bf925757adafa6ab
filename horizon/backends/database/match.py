"""Whether a row fits the part of a search that no index answers: pure functions of the two."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from horizon.core.clock import Micros
from horizon.core.query import JobQuery
from horizon.security.redaction import mentions
from horizon.security.sealed import readable


class Candidate(NamedTuple):
    """What has to be looked at row by row."""

    n: int
    id: str
    name: str
    queue: str
    tags: str | None
    error_type: str | None
    error_message: str | None
    runtime: Micros | None
    payload: bytes | None
    """Only where the search asks for an argument."""
    reason: str | None


Check = Callable[[Candidate], bool]


def narrower(query: JobQuery) -> Check:
    """Whether a row fits everything that only looking can tell: as many checks as the search asks for, made once."""
    checks = tuple(_checks(query))
    return checks[0] if len(checks) == 1 else lambda job: all(check(job) for check in checks)


def _checks(query: JobQuery) -> Iterator[Check]:
    """The cheapest first."""
    low, high, reason = query.took_over, query.took_under, query.reason
    if low is not None:
        yield lambda job: job.runtime is not None and job.runtime >= low
    if high is not None:
        yield lambda job: job.runtime is not None and job.runtime < high
    if reason is not None:
        yield lambda job: job.reason == reason
    if query.not_queue:
        yield lambda job: job.queue not in query.not_queue
    if query.not_name:
        yield lambda job: not any(is_named(job.name, name) for name in query.not_name)
    if query.not_tag:
        yield lambda job: not any(has_tag(tag, wanted) for wanted in query.not_tag for tag in _tags(job))
    if query.error is not None:
        yield _says(query.error.lower())
    yield from (_mentions(word.lower(), query.wordless) for word in query.text)
    if (arg := query.arg) is not None:
        yield _argues(arg, query)


def needed(query: JobQuery) -> frozenset[str]:
    """The fields of a candidate that these checks look at."""
    asks = {
        "runtime": query.took_over is not None or query.took_under is not None,
        "reason": query.reason is not None,
        "queue": query.not_queue,
        "name": query.not_name or query.text or query.arg is not None,
        "tags": query.not_tag or query.text,
        "id": query.text,
        "error_type": query.error is not None or query.text,
        "error_message": query.error is not None or (query.text and not query.wordless),
        "payload": query.arg is not None,
    }
    return frozenset(field for field, asked in asks.items() if asked)


def is_named(registered: str, name: str) -> bool:
    """By its registered name, or by the class name in it: what follows the colon and the last dot."""
    return name in (registered, registered.rsplit(":", 1)[-1].rsplit(".", 1)[-1])


def has_tag(tag: str, wanted: str) -> bool:
    """Equal, or beginning alike where a star ends what is wanted."""
    return tag.startswith(wanted[:-1]) if wanted.endswith("*") else tag == wanted


def _tags(job: Candidate) -> list[str]:
    return json.loads(job.tags) if job.tags else []


def _error(job: Candidate) -> str:
    return "" if job.error_type is None else f"{job.error_type}: {readable(job.error_message)}".lower()


def _argues(arg: str, query: JobQuery) -> Check:
    """A text in an argument. Hardly a row has it at all, and only of those that do it matters what is masked."""
    wanted = arg.lower()

    def check(job: Candidate) -> bool:
        payload = job.payload or b""
        return wanted in payload.decode(errors="replace").lower() and mentions(payload, arg, query.masks(job.name))

    return check


def _says(error: str) -> Check:
    return lambda job: error in _error(job)


def _mentions(word: str, wordless: bool) -> Check:
    """A word in a name, an id, a tag or an error; `wordless`: of the error only its type."""

    def check(job: Candidate) -> bool:
        error = (job.error_type or "").lower() if wordless else _error(job)
        return word in job.name.lower() or word in job.id or word in error or _tagged(job, word)

    return check


def _tagged(job: Candidate, word: str) -> bool:
    # as stored, first: what has no backslash in it is spelt there as it is, and hardly a row needs a closer look
    stored = job.tags
    if not stored or (word not in stored.lower() and "\\" not in stored):
        return False
    return any(word in tag.lower() for tag in _tags(job))
