"""The filters of our templates. Plain ones need only the value; bound ones also who looks, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

from horizon.control.marks import given, spoken
from horizon.core.clock import Micros, iso
from horizon.web import text, words
from horizon.web.i18n import words as told
from horizon.web.search import Term, for_tag
from horizon.web.viewer import Viewer

FILTERS: Mapping[str, Callable[..., Any]] = {
    "number": words.number,
    "compact": words.compact,
    "percent": words.unbroken(words.percent),
    "attained": words.unbroken(words.attained),
    "plural": words.plural,
    "duration": words.unbroken(words.duration),
    "seconds": words.unbroken(words.seconds),
    "memory": words.unbroken(words.size),
    "bytes": words.unbroken(words.data),
    "line": text.line,
    "block": text.block,
    "plain": text.plain,
    "short_name": text.short_name,
    "given": given,
    "spoken": spoken,
    "for_tag": for_tag,
    "term": lambda value, key: Term(key=key, value=str(value)).spelt(),
}


def bound(viewer: Viewer, now: Micros) -> dict[str, Any]:
    """Functions that depend on the viewer's zone and on the moment."""

    def ago(at: Micros | None) -> str | Markup:
        """How long ago something happened: never in the future, though the clock that says so may be behind that of whoever noted it."""
        return words.DASH if at is None else _relative(at, words.past(at, now), "")

    def due(at: Micros | None) -> str | Markup:
        """When something is due, which may lie ahead or behind."""
        return words.DASH if at is None else _relative(at, words.relative(at, now), " class=due")

    def _relative(at: Micros, said: str, kind: str) -> Markup:
        """With the exact moment on hover; a script keeps it right while nothing else changes. Lists have many of them."""
        moment, title = (iso(at) or "")[:19], escape(exact(at))
        return Markup(f'<time{kind} datetime={moment}Z title="{title}">{escape(told.relative(said, viewer.language))}</time>')

    def clock(at: Micros | None) -> str | Markup:
        """The time of day, with the date on hover."""
        if at is None:
            return words.DASH
        return Markup('<time class="at" datetime="{}" title="{}">{}</time>').format(iso(at), exact(at), words.clock(at, viewer.zone))

    def millis(at: Micros) -> str:
        """The time of day to the millisecond: many of them stand below one another."""
        return words.millis(at, viewer.zone)

    def exact(at: Micros | None) -> str:
        return told.date(words.exact(at, viewer.zone), viewer.language)

    return {"ago": ago, "due": due, "clock": clock, "exact": exact, "millis": millis, "now": now}
