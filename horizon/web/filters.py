"""The query string of pages and API, and the `JobQuery` it means; there and back.

Parameters: `q` (search text, see `search`), `state` (one or several, by commas), `queue`, `tag`, `after` and `before` (times as the
search language takes them), `cursor`, `limit` (1 to 200). A `state:`, `after:` or `before:` in the text wins over the
parameter, so that somebody inside a tab can look elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from horizon.backends.values import Operation
from horizon.control.group_act import GroupAct
from horizon.core.clock import Micros, iso
from horizon.core.errors import InvalidFilter
from horizon.core.query import DEFAULT_LIMIT, MAX_LIMIT, JobQuery
from horizon.core.states import JobState
from horizon.web import search, sight

PARAMETERS = ("q", "state", "queue", "tag", "after", "before", "cursor", "limit")
RANGES = ("1h", "24h", "7d", "30d")
"""Time ranges a click away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """A query string, understood."""

    query: JobQuery
    text: str = ""
    """`q` as typed."""
    terms: tuple[search.Term, ...] = ()
    state: str = ""
    """`state` as given, without what the text says."""
    queue: str = ""
    tag: str = ""
    after: str = ""
    before: str = ""
    limit: str = ""
    """As given, like the two above."""

    @property
    def narrowed(self) -> bool:
        """True where anything beside a state is asked for."""
        return bool(self.terms or self.queue or self.tag or self.after or self.before)

    def args(self, **changes: str | None) -> dict[str, str]:
        """Its parameters again, without the cursor, with some changed (None or empty: left out)."""
        given: dict[str, str | None] = {
            "q": self.text, "state": self.state, "queue": self.queue, "tag": self.tag, "after": self.after, "before": self.before,
            "limit": self.limit,
        }  # fmt: skip
        return {key: value for key, value in {**given, **changes}.items() if value}

    @property
    def unstated(self) -> str:
        """The text without what it says about states, for the links of the tabs."""
        return " ".join(term.raw for term in self.terms if term.key != "state")

    def without(self, term: search.Term) -> dict[str, str]:
        """Its parameters with one term taken out."""
        return self.args(q=" ".join(other.raw for other in self.terms if other is not term))


def understand(args: Mapping[str, str], *, now: Micros, zone: tzinfo = UTC, limit: int = DEFAULT_LIMIT) -> Filter:
    """What these parameters mean. Raises InvalidFilter; parameters that are none of ours are ignored."""
    for name in PARAMETERS[1:]:
        if len(args.get(name, "")) > search.MAX_TEXT:
            raise InvalidFilter(f"{name} has at most {search.MAX_TEXT:,} characters, got {len(args[name]):,}")
    text = args.get("q", "").strip()
    found = search.terms(text)
    moment = search.Moment(now=now, zone=zone)
    fields = search.fields(found, moment)
    state, queue = args.get("state", "").strip(), args.get("queue", "").strip()
    if state and "states" not in fields:
        fields["states"] = search.states(state)
    if queue:
        fields.once("queue", "queue", queue)
    tag = args.get("tag", "").strip()
    if tag:
        search.KEYS["tag"](fields, search.Term(key="tag", value=tag), moment)
    after, before = args.get("after", "").strip(), args.get("before", "").strip()
    for key, given in (("after", after), ("before", before)):
        if given and key not in fields:
            search.KEYS[key](fields, search.Term(key=key, value=given), moment)
    wanted = _limit(args.get("limit", ""), limit)
    query = sight.as_asked(JobQuery(**fields, cursor=args.get("cursor") or None, limit=wanted))
    _check_driven(query)
    return Filter(
        query=query, text=text, terms=tuple(found), state=state, queue=queue, tag=tag, after=after, before=before,
        limit=args.get("limit", "").strip(),
    )  # fmt: skip


def query_of(args: Mapping[str, str], *, now: Micros, zone: tzinfo = UTC) -> JobQuery:
    """The JobQuery of a query string. Raises InvalidFilter."""
    return understand(args, now=now, zone=zone).query


def limit_of(args: Mapping[str, str], default: int = DEFAULT_LIMIT) -> int:
    """How many rows a query string asks for, 1 to 200. Raises InvalidFilter."""
    return _limit(args.get("limit", ""), default)


def _limit(text: str, default: int) -> int:
    if not text.strip():
        return default
    if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text) or not 1 <= int(text) <= MAX_LIMIT:
        raise InvalidFilter(f"limit is a whole number from 1 to {MAX_LIMIT}, got {text[:40]!r}")
    return int(text)


def _check_driven(query: JobQuery) -> None:
    """Refuse negation alone: what to leave out says nothing about where to look."""
    negated = query.not_queue or query.not_name or query.not_tag
    rest = replace(query, not_queue=(), not_name=(), not_tag=(), cursor=None, limit=DEFAULT_LIMIT)
    if negated and rest == JobQuery():
        raise InvalidFilter("a search needs something to look for beside what to leave out; add a state:, a queue: or an after:")


def args_of(query: JobQuery) -> dict[str, str]:
    """The query string that means this query; `understand` of it gives the same query again."""
    args = {
        "q": " ".join(term.spelt() for term in _terms_of(query)),
        "state": ",".join(query.states),
        "queue": query.queue or "",
        "cursor": query.cursor or "",
        "limit": "" if query.limit == DEFAULT_LIMIT else str(query.limit),
    }
    return {key: value for key, value in args.items() if value}


def text_of(query: JobQuery) -> str:
    """The query in one line of the search language, for people and the audit log."""
    words = [search.Term(key="state", value=",".join(query.states)).spelt()] if query.states else []
    words += [search.Term(key="queue", value=query.queue).spelt()] if query.queue else []
    return " ".join([*words, *(term.spelt() for term in _terms_of(query))])


def about(one: Operation) -> str:
    """What an act in the background is about, in one line."""
    return one.about if isinstance(one, GroupAct) else text_of(one.query)


def _terms_of(query: JobQuery) -> list[search.Term]:
    single = {"class": query.name, "tag": query.tag, "user": query.user, "batch": query.group, "cause": query.cause, "error": query.error}
    single["arg"] = query.arg
    found = [search.Term(key=key, value=value) for key, value in single.items() if value is not None]
    if query.ids:
        found.append(search.Term(key="id", value=",".join(query.ids)))
    for key, values in (("queue", query.not_queue), ("class", query.not_name), ("tag", query.not_tag)):
        found += [search.Term(key=key, value=value, negative=True) for value in values]
    for sign, amount in ((">", query.took_over), ("<", query.took_under)):
        found += [search.Term(key="took", value=f"{sign}{amount}us")] if amount is not None else []
    for key, at in (("after", query.after), ("before", query.before)):
        found += [search.Term(key=key, value=exactly(at))] if at is not None else []
    return [*found, *(search.Term(key="", value=word) for word in query.text)]


def exactly(at: Micros) -> str:
    """The moment in ISO 8601, whole to the microsecond."""
    return (iso(at) or "")[:19] + f".{at % 1_000_000:06d}Z"


def tabs(counts: Mapping[JobState, int]) -> list[tuple[str, str, int]]:
    """(state, label, how many) of every tab, in the order of a job's life; the first one is everything."""
    return [("", "All", sum(counts.values())), *((state.value, state.value.capitalize(), counts.get(state, 0)) for state in TAB_ORDER)]


TAB_ORDER = (
    JobState.PENDING, JobState.PROCESSING, JobState.SCHEDULED, JobState.RETRYING,
    JobState.BLOCKED, JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED,
)  # fmt: skip
