"""Whether a job fits a search: pure functions of the two."""

from __future__ import annotations

from horizon.backends.memory.kernel.store import Job
from horizon.core.query import JobQuery
from horizon.security.redaction import mentions
from horizon.security.sealed import readable


def drives(job: Job, query: JobQuery) -> bool:
    """What an index can answer: visibility, ids, states, queue, class, tag, user, group, cause and the range of time."""
    if not query.include_forgotten and not job.visible:
        return False
    envelope = job.envelope
    return (
        (not query.ids or job.id in query.ids)
        and (not query.states or job.state in query.states)
        and query.queue in (None, job.queue)
        and (query.name is None or is_named(job, query.name))
        and (query.tag is None or any(has_tag(tag, query.tag) for tag in envelope.tags))
        and query.user in (None, envelope.user)
        and query.group in (None, envelope.group)
        and (query.cause is None or (job.error is not None and job.error.cause == query.cause))
        and _in_range(job, query)
    )


def narrows(job: Job, query: JobQuery) -> bool:
    """What has to be looked at row by row."""
    return (
        (query.error is None or query.error.lower() in error_text(job))
        and (query.arg is None or mentions(job.envelope.payload, query.arg, query.masks(job.name)))
        and all(_mentions(job, word.lower(), query.wordless) for word in query.text)
        and query.reason in (None, job.reason if job.visible else job.forget_reason or job.reason)
        and job.queue not in query.not_queue
        and not any(is_named(job, name) for name in query.not_name)
        and not any(has_tag(tag, wanted) for wanted in query.not_tag for tag in job.envelope.tags)
        and (query.took_over is None or (job.runtime is not None and job.runtime >= query.took_over))
        and (query.took_under is None or (job.runtime is not None and job.runtime < query.took_under))
    )


def is_named(job: Job, name: str) -> bool:
    """By its registered name, or by the class name in it."""
    return name in (job.name, tail(job.name))


def tail(name: str) -> str:
    """The class name in a registered name: what follows the colon and the last dot."""
    return name.rsplit(":", 1)[-1].rsplit(".", 1)[-1]


def has_tag(tag: str, wanted: str) -> bool:
    """Equal, or beginning alike where a star ends what is wanted."""
    return tag.startswith(wanted[:-1]) if wanted.endswith("*") else tag == wanted


def error_text(job: Job) -> str:
    """Type and message of the last error, lower case."""
    return "" if job.error is None else f"{job.error.type}: {readable(job.error.message)}".lower()


def _mentions(job: Job, word: str, wordless: bool) -> bool:
    error = error_text(job) if not wordless else job.error.type.lower() if job.error is not None else ""
    texts = (job.name.lower(), job.id, error, *(tag.lower() for tag in job.envelope.tags))
    return any(word in text for text in texts)


def _in_range(job: Job, query: JobQuery) -> bool:
    """By finish in a list of one terminal state, by push in any other."""
    by_finish = len(query.states) == 1 and query.states[0].terminal
    at = (job.finished_at if by_finish else None) or job.pushed_at
    return (query.after is None or at >= query.after) and (query.before is None or at < query.before)
