"""The log lines of one attempt: those of a level and above, a screenful at a time from the latest backwards."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from flask import make_response, request
from markupsafe import escape
from werkzeug.wrappers import Response

from horizon.core.clock import iso
from horizon.core.errors import NotFound
from horizon.core.outcome import LogLine
from horizon.core.record import Attempt, Record
from horizon.security.payloads import Sight
from horizon.web import sight
from horizon.web.pages import frame

LINES = 80
"""Lines on one page at the most."""
ROOM, FRAME, LONGEST = 11_500, 115, 4000
"""Bytes that a page has for them, those around each line, and the characters of a line that are shown: a page is to stay under 40 kB."""
LEVELS = ("INFO", "WARNING", "ERROR")
"""The thresholds offered, beside everything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What is shown of a log."""

    lines: tuple[LogLine, ...]
    first: int
    """How many lines (of this level and above) stand before them."""
    total: int
    level: str
    counts: tuple[tuple[str, int], ...]
    """(threshold, how many lines), for those thresholds that leave something out."""
    dropped: int
    later: int | None
    """`upto` of the page after this one; None where these are the latest."""

    @property
    def last(self) -> int:
        """The number of the last line shown."""
        return self.first + len(self.lines)

    @property
    def earlier(self) -> int | None:
        """`upto` of the page before this one, None where there is none."""
        return self.first or None


def severity(level: str) -> int:
    """As `logging` counts; a level that it does not know counts as INFO."""
    found = logging.getLevelNamesMapping().get(level.upper())
    return logging.INFO if found is None else found


def window(attempt: Attempt, seen: Sight, args: Mapping[str, str]) -> Window:
    """The lines that the address asks for: `level` and above, up to the line `upto` (the latest where it is not given)."""
    level = _level(args)
    kept = at_least(attempt.logs, level)
    asked = args.get("upto", "")
    end = min(len(kept), max(1, int(asked))) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else len(kept)
    first = end - _fitting(kept[max(0, end - LINES) : end][::-1])
    counts = [(name, len(at_least(attempt.logs, name))) for name in LEVELS]
    return Window(
        lines=tuple(line._replace(message=seen.text(line.message)) for line in kept[first:end]),
        first=first, total=len(kept), level=level, dropped=attempt.logs_dropped,
        later=end + _fitting(kept[end : end + LINES]) if end < len(kept) else None,
        counts=tuple((name, count) for name, count in counts if 0 < count < len(attempt.logs) or name == level),
    )  # fmt: skip


def _fitting(lines: Sequence[LogLine]) -> int:
    """How many of them, from the first on, there is room for on a page: one at least, where there is one."""
    sizes = (FRAME + len(str(escape(line.message[:LONGEST])).encode("utf-8", "replace")) for line in lines)
    return max(min(1, len(lines)), sum(total <= ROOM for total in accumulate(sizes)))


def at_least(lines: Sequence[LogLine], level: str) -> tuple[LogLine, ...]:
    """Those of this level and above; all of them for none."""
    least = severity(level) if level else 0
    return tuple(line for line in lines if severity(line.level) >= least)


def _level(args: Mapping[str, str]) -> str:
    level = args.get("level", "").upper()
    return level if level in LEVELS else ""


# as plain text ------------------------------------------------------------------------------------


def as_text(id: str) -> Response:
    """GET /jobs/ID/log: every line of an attempt, for whoever wants to keep or search it."""
    record, attempt = _asked(id)
    seen = sight.of(record.name)
    lines = at_least(attempt.logs, _level(request.args))
    return plain("".join(f"{iso(line.at)} {line.level} {seen.text(line.message)}\n" for line in lines))


def traceback(id: str) -> Response:
    """GET /jobs/ID/traceback: the exception of an attempt as Python printed it."""
    record, attempt = _asked(id)
    error = attempt.error or (record.error if attempt is record.history[-1] else None)
    if error is None:
        raise NotFound(f"attempt {attempt.number} of this job left no exception")
    error = sight.of(record.name).failure(error)
    return plain(error.traceback or f"{error.type}: {error.message}\n")


def _asked(id: str) -> tuple[Record, Attempt]:
    record = frame.store().get(id)
    number = request.args.get("attempt", "")
    found = None if record is None else next((one for one in reversed(record.history) if str(one.number) == number or not number), None)
    if record is None or found is None:
        raise NotFound(f"there is no such attempt of a job {id[:40]!r}")
    return record, found


def plain(text: str) -> Response:
    """An answer that no browser takes for a page."""
    response = make_response(text.encode("utf-8", "backslashreplace"))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return response
