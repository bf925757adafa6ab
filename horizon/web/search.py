"""The search language: `queue:emails tag:user:* state:failed error:SMTP took:>5s -class:Ping "two words"`.

Terms are joined by AND. Text in, plain fields out; nothing here knows a request or a store. What is not understood, or
what no index could answer, raises InvalidFilter with what to type instead: a search never quietly means something else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import quote

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, Micros, from_datetime
from horizon.core.errors import InvalidFilter
from horizon.core.ids import is_id
from horizon.core.states import JobState

MAX_TEXT = 1_000
MAX_VALUES = 8
TAG_ROOM = 90
"""Characters that a tag takes in the address of its jobs: a list has a hundred such addresses, and stays light."""
LAST: Micros = 253_402_300_799 * SECOND
"""The last second of the year 9999."""
UNITS: dict[str, Micros] = {
    "us": 1, "ms": 1000, "s": SECOND, "sec": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY,
}  # fmt: skip
SYNONYMS = {
    "name": "class", "job": "class", "type": "class", "status": "state", "label": "tag", "exception": "error", "fingerprint": "cause",
    "since": "after", "from": "after", "until": "before", "to": "before", "duration": "took", "runtime": "took", "args": "arg",
    "argument": "arg", "group": "batch", "chain": "batch", "workflow": "batch", "uuid": "id",
}  # fmt: skip
"""Words that people try, and the key they mean."""
_TERM = re.compile(r'(?P<minus>-?)(?:(?P<key>[A-Za-z]+):)?(?P<value>(?:"(?:\\.|[^"\\])*"|[^\s"])*)')
_AMOUNT = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One term as typed."""

    key: str
    """Empty for a plain word."""
    value: str
    negative: bool = False
    raw: str = ""

    def spelt(self) -> str:
        """The term as it would be typed."""
        bare = re.fullmatch(r'[^\s"\\]+', self.value) and not (not self.key and (":" in self.value or self.value.startswith("-")))
        quoted = self.value if bare else '"' + re.sub(r'(["\\])', r"\\\1", self.value) + '"'
        return ("-" if self.negative else "") + (f"{self.key}:" if self.key else "") + quoted


def for_tag(tag: str) -> str:
    """The search for a tag as it stands in an address; one that takes much room there is sought by its beginning."""
    whole = quote(Term(key="tag", value=tag).spelt(), safe=":")
    return whole if len(whole) <= TAG_ROOM else quote(Term(key="tag", value=tag[: 48 if tag.isascii() else 12] + "*").spelt(), safe=":")


def terms(text: str, keys: Collection[str] | None = None) -> list[Term]:
    """Split a search text. `keys`: the filters there are, where it is not about jobs. Raises InvalidFilter for a quote that is
    never closed and for text that is too long."""
    if len(text) > MAX_TEXT:
        raise InvalidFilter(f"a search has at most {MAX_TEXT:,} characters, got {len(text):,}")
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TERM.match(text, at)
        if match is None or match.end() == at or (match.end() < len(text) and text[match.end()] == '"'):
            raise InvalidFilter(f'the quote at {text[at : at + 20]!r} is opened and never closed; write it as "two words"')
        found.append(_term(match, KEYS if keys is None else keys))
        at = match.end()
    return found


def _term(match: re.Match[str], keys: Collection[str]) -> Term:
    key, value = match["key"], match["value"]
    unquoted = re.sub(r'"((?:\\.|[^"\\])*)"', lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1], flags=re.S), value)
    if key and key.lower() not in keys:
        meant = SYNONYMS.get(key.lower())
        near = [meant] if meant is not None and meant in keys else difflib.get_close_matches(key.lower(), keys, 1)
        hint = f"did you mean {near[0]}:? " if near else f"there are {', '.join(sorted(keys))}. "
        raise InvalidFilter(f'{key}: is not a filter; {hint}To look for the text itself, quote it: "{key}:{unquoted}"')
    if not unquoted:
        raise InvalidFilter(f"{match[0] or match.string!r} has nothing to look for behind it")
    return Term(key=(key or "").lower(), value=unquoted, negative=bool(match["minus"]), raw=match[0])


class Fields(dict[str, Any]):
    """Keyword arguments of a JobQuery, collected; a second value for a field that takes one is refused."""

    def once(self, key: str, field: str, value: object) -> None:
        """Set a field that takes one value."""
        if field in self:
            raise InvalidFilter(f"{key}: is given twice, and a search takes one of it; put the other as a plain word in quotes")
        self[field] = value

    def more(self, field: str, *values: object) -> None:
        """Add to a field that takes several."""
        self[field] = (*self.get(field, ()), *values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What relative times are relative to."""

    now: Micros
    zone: tzinfo = UTC


def _exact(field: str, negated: str = "") -> Callable[[Fields, Term, Moment], None]:
    """A filter for the whole value of an indexed field."""

    def take(fields: Fields, term: Term, moment: Moment) -> None:
        if "*" in term.value and field != "tag":
            raise InvalidFilter(f"only tag: takes a trailing *, got {term.key}:{term.value}")
        if "*" in term.value[:-1] or term.value == "*":
            raise InvalidFilter(f"* stands at the end of a tag, behind at least one character: tag:user:*; got tag:{term.value}")
        if not term.negative:
            fields.once(term.key, field, term.value)
        elif negated:
            fields.more(negated, term.value)
        else:
            raise InvalidFilter(f"-{term.key}: cannot be looked up; the filters that take a minus are -queue: -class: -tag: -state:")

    return take


def _part(field: str) -> Callable[[Fields, Term, Moment], None]:
    """A filter for a part of something, applied behind the driving index."""

    def take(fields: Fields, term: Term, moment: Moment) -> None:
        _no_minus(term)
        fields.once(term.key, field, term.value.removesuffix("*"))

    return take


def _no_minus(term: Term) -> None:
    if term.negative:
        what = f"-{term.key}:" if term.key else f"-{term.value}"
        raise InvalidFilter(f"{what} cannot be looked up; the filters that take a minus are -queue: -class: -tag: -state:")


def _word(fields: Fields, term: Term, moment: Moment) -> None:
    _no_minus(term)
    if is_id(term.value.lower()):
        fields.more("ids", term.value.lower())
    else:
        fields.more("text", term.value.removesuffix("*") or term.value)
    if len(fields.get("text", ())) > MAX_VALUES:
        raise InvalidFilter(f"a search takes at most {MAX_VALUES} plain words")


def _ids(fields: Fields, term: Term, moment: Moment) -> None:
    _no_minus(term)
    wanted = [part.strip().lower() for part in term.value.split(",") if part.strip()]
    for part in wanted:
        if not is_id(part):
            raise InvalidFilter(f"id: takes whole ids of 36 characters, got {part!r}; for a part of one, type it as a plain word")
    fields.more("ids", *wanted)


def _states(fields: Fields, term: Term, moment: Moment) -> None:
    named = states(term.value)
    if term.negative:
        named = tuple(state for state in JobState if state not in named)
    if "states" in fields:
        named = tuple(state for state in fields["states"] if state in named)
        if not named:
            raise InvalidFilter(f"no job can match {term.raw} together with the state: before it")
    fields["states"] = named


def states(text: str) -> tuple[JobState, ...]:
    """States of a comma-separated list. Raises InvalidFilter that lists them."""
    named = [part.strip().lower() for part in text.split(",") if part.strip()]
    for part in named:
        if part not in set(JobState):
            near = difflib.get_close_matches(part, [*JobState], 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise InvalidFilter(f"{part!r} is not a state{hint} There are: {', '.join(JobState)}")
    return tuple(dict.fromkeys(JobState(part) for part in named))


def _took(fields: Fields, term: Term, moment: Moment) -> None:
    _no_minus(term)
    under, amount = term.value.startswith("<"), term.value.lstrip("<>=")
    fields.once(term.key, "took_under" if under else "took_over", duration(amount, f"took:{term.value}", "took:>5s or took:<200ms"))


def duration(text: str, term: str, example: str) -> Micros:
    """Microseconds of `5s`, `200ms`, `1.5h`; a bare number is seconds."""
    match = _AMOUNT.fullmatch(text.strip().lower())
    if match is None or (match[2] or "s") not in UNITS:
        raise InvalidFilter(f"{term} is not a duration; write {example} (units: us ms s min h d w)")
    return round(float(match[1]) * UNITS[match[2] or "s"])


def _bound(field: str) -> Callable[[Fields, Term, Moment], None]:
    def take(fields: Fields, term: Term, moment: Moment) -> None:
        _no_minus(term)
        at = when(term.value, f"{term.key}:{term.value}", moment)
        fields.once(term.key, field, min(max(at, 0), LAST))  # beyond lies no job, and no date that could be written

    return take


def when(text: str, term: str, moment: Moment) -> Micros:
    """A moment: `1h` (so long ago), `14:03` (the latest one), `today`, `yesterday`, `2026-11-22`, `2026-11-22T14:03` (UTC with a Z)."""
    if _AMOUNT.fullmatch(text.lower()) and not text.isdigit():
        return moment.now - duration(text, term, "after:1h")
    here = datetime.fromtimestamp(moment.now / SECOND, moment.zone)
    if text.lower() in ("today", "yesterday"):
        day = here.date() - timedelta(days=text.lower() == "yesterday")
        return from_datetime(datetime.combine(day, time(), moment.zone))
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
            at = datetime.combine(here.date(), time.fromisoformat(text.zfill(5 if text.count(":") == 1 else 8)), moment.zone)
            return from_datetime(at if at <= here else at - timedelta(days=1))
        if text.isdigit():
            raise ValueError(text)
        named = datetime.fromisoformat(text)
        return from_datetime(named if named.tzinfo else named.replace(tzinfo=moment.zone))
    except (ValueError, OverflowError):
        raise InvalidFilter(f"{term} is not a time; write after:1h, after:14:03, after:yesterday or after:2026-11-22T14:03") from None


KEYS: dict[str, Callable[[Fields, Term, Moment], None]] = {
    "queue": _exact("queue", "not_queue"),
    "class": _exact("name", "not_name"),
    "tag": _exact("tag", "not_tag"),
    "user": _exact("user"),
    "batch": _exact("group"),
    "cause": _exact("cause"),
    "state": _states,
    "id": _ids,
    "error": _part("error"),
    "arg": _part("arg"),
    "took": _took,
    "after": _bound("after"),
    "before": _bound("before"),
}


def fields(found: list[Term], moment: Moment) -> Fields:
    """Keyword arguments of a JobQuery for these terms."""
    collected = Fields()
    for term in found:
        (KEYS[term.key] if term.key else _word)(collected, term, moment)
    if len(collected.get("ids", ())) > 500:
        raise InvalidFilter("a search takes at most 500 ids")
    return collected
