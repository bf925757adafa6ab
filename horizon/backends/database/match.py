"""Whether a row fits the part of a search that no index answers: pure functions of the two."""

from __future__ import annotations

import json
from typing import NamedTuple

from horizon.core.clock import Micros
from horizon.core.query import JobQuery
from horizon.security.redaction import mentions


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


def narrows(job: Candidate, query: JobQuery) -> bool:
    """Whether the row fits everything that only looking can tell."""
    tags = tuple(json.loads(job.tags)) if job.tags else ()
    return (
        (query.error is None or query.error.lower() in _error(job))
        and (query.arg is None or mentions(job.payload or b"", query.arg, query.masks(job.name)))
        and all(_mentions(job, tags, word.lower(), query.wordless) for word in query.text)
        and query.reason in (None, job.reason)
        and job.queue not in query.not_queue
        and not any(is_named(job.name, name) for name in query.not_name)
        and not any(has_tag(tag, wanted) for wanted in query.not_tag for tag in tags)
        and (query.took_over is None or (job.runtime is not None and job.runtime >= query.took_over))
        and (query.took_under is None or (job.runtime is not None and job.runtime < query.took_under))
    )


def is_named(registered: str, name: str) -> bool:
    """By its registered name, or by the class name in it: what follows the colon and the last dot."""
    return name in (registered, registered.rsplit(":", 1)[-1].rsplit(".", 1)[-1])


def has_tag(tag: str, wanted: str) -> bool:
    """Equal, or beginning alike where a star ends what is wanted."""
    return tag.startswith(wanted[:-1]) if wanted.endswith("*") else tag == wanted


def _error(job: Candidate) -> str:
    return "" if job.error_type is None else f"{job.error_type}: {job.error_message}".lower()


def _mentions(job: Candidate, tags: tuple[str, ...], word: str, wordless: bool) -> bool:
    error = (job.error_type or "").lower() if wordless else _error(job)
    texts = (job.name.lower(), job.id, error, *(tag.lower() for tag in tags))
    return any(word in text for text in texts)
