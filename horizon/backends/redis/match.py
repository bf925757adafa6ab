"""Whether a record fits what no index answers: pure functions of the two."""

from __future__ import annotations

from typing import Protocol

from horizon.core.clock import Micros
from horizon.core.outcome import Failure
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.security.redaction import mentions
from horizon.security.sealed import readable


class Row(Protocol):
    """What a search asks of a job."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def error(self) -> Failure | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def runtime(self) -> Micros | None: ...


def narrows(record: Row, payload: bytes | None, query: JobQuery) -> bool:
    """What has to be looked at row by row."""
    return (
        (query.error is None or query.error.lower() in error_text(record))
        and (query.arg is None or mentions(payload or b"", query.arg, query.masks(record.name)))
        and all(_mentions(record, word.lower(), query.wordless) for word in query.text)
        and query.reason in (None, record.reason)
        and record.queue not in query.not_queue
        and not any(is_named(record.name, name) for name in query.not_name)
        and not any(has_tag(tag, wanted) for wanted in query.not_tag for tag in record.tags)
        and (query.took_over is None or (record.runtime is not None and record.runtime >= query.took_over))
        and (query.took_under is None or (record.runtime is not None and record.runtime < query.took_under))
    )


def drives(record: Record, query: JobQuery, at: Micros) -> bool:
    """What an index answers, asked of a record that was found by its id; whether it may be seen is asked elsewhere."""
    return (
        (not query.states or record.state in query.states)
        and query.queue in (None, record.queue)
        and (query.name is None or is_named(record.name, query.name))
        and (query.tag is None or any(has_tag(tag, query.tag) for tag in record.tags))
        and query.user in (None, record.user)
        and query.group in (None, record.group)
        and (query.cause is None or (record.error is not None and record.error.cause == query.cause))
        and (query.after is None or at >= query.after)
        and (query.before is None or at < query.before)
    )


def is_named(registered: str, name: str) -> bool:
    """By its registered name, or by the class name in it."""
    return name in (registered, tail(registered))


def tail(name: str) -> str:
    """The class name in a registered name: what follows the colon and the last dot."""
    return name.rsplit(":", 1)[-1].rsplit(".", 1)[-1]


def has_tag(tag: str, wanted: str) -> bool:
    """Equal, or beginning alike where a star ends what is wanted."""
    return tag.startswith(wanted[:-1]) if wanted.endswith("*") else tag == wanted


def error_text(record: Row) -> str:
    """Type and message of the last error, lower case."""
    return "" if record.error is None else f"{record.error.type}: {readable(record.error.message)}".lower()


def _mentions(record: Row, word: str, wordless: bool) -> bool:
    error = error_text(record) if not wordless else record.error.type.lower() if record.error is not None else ""
    texts = (record.name.lower(), record.id, error, *(tag.lower() for tag in record.tags))
    return any(word in text for text in texts)
