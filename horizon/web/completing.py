"""What a half-typed search could become: keys and values for the term that somebody is at. Pure, but for the tags it asks for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from horizon.core.states import JobState
from horizon.web import ranking, search
from horizon.web.lexicon import Lexicon, tags_like
from horizon.web.search import Term

MOST = 10
"""Suggestions at once."""
TAKE_MINUS = ("queue", "class", "tag", "state")
HINTS: dict[str, str] = {
    "queue": "jobs of a queue",
    "class": "jobs of a class",
    "state": "pending, failed and so on; several by commas",
    "tag": "a tag, or all that begin alike: user:*",
    "error": "part of the exception",
    "cause": "failures of one cause",
    "user": "the jobs of a user",
    "after": "since then: 1h, yesterday, 14:03",
    "before": "until then",
    "took": "ran longer, or shorter: >5s, <200ms",
    "arg": "part of the arguments",
    "batch": "the jobs of a batch, chain or workflow, by its id",
    "id": "one job, by its id",
}
TIMES = (
    ("1h", "the past hour"),
    ("24h", "the past 24 hours"),
    ("7d", "the past 7 days"),
    ("today", "since midnight"),
    ("yesterday", "since the midnight before"),
)
TOOK = (
    (">1s", "longer than a second"),
    (">10s", "longer than ten seconds"),
    (">1min", "longer than a minute"),
    ("<200ms", "shorter than 200 ms"),
)
_AT = re.compile(r'(?P<minus>-?)(?:(?P<key>[A-Za-z]+):)?(?P<value>"(?:\\.|[^"\\])*"?|(?:"(?:\\.|[^"\\])*"?|[^\s"])*)$')


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """One way to go on."""

    text: str
    """What the search reads with it."""
    caret: int
    """Where one goes on typing in it."""
    label: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class At:
    """The term that somebody is at."""

    before: str
    after: str
    minus: str
    key: str
    value: str

    def made(self, term: str, label: str, hint: str = "", *, more: bool = False) -> Suggestion:
        """The search with another term in this place; `more`: its value is still to be typed."""
        text = self.before + term + ("" if more else " ")
        return Suggestion(text=text + (self.after if more else self.after.lstrip()), caret=len(text), label=label, hint=hint)


def at(text: str, caret: int) -> At:
    """Where the caret stands. What follows it in the same word is replaced as well, and counts while the key is not behind it."""
    caret = max(0, min(caret, len(text)))
    start = _start(text, caret)
    end = _end(text, start, caret)
    found = _AT.match(text[start:caret])
    if found is None or not found["key"]:
        found = _AT.match(text[start:end]) or found
    if found is None:
        return At(before=text[:caret], after=text[caret:], minus="", key="", value="")
    return At(
        before=text[:start], after=text[end:], minus=found["minus"], key=(found["key"] or "").lower(),
        value=re.sub(r'\\(.)|"', lambda part: part[1] or "", found["value"]),
    )  # fmt: skip


def _start(text: str, caret: int) -> int:
    """Where the term begins that the caret is in: behind the last blank that stands in no quotes."""
    start, quoted, index = 0, False, 0
    while index < caret:
        if text[index] == "\\" and quoted:
            index += 1
        elif text[index] == '"':
            quoted = not quoted
        elif text[index].isspace() and not quoted:
            start = index + 1
        index += 1
    return start


def _end(text: str, start: int, caret: int) -> int:
    """Where it ends: at the quote that closes it where the caret stands in quotes, else at the next blank."""
    quoted = text[start:caret].replace('\\"', "").count('"') % 2
    ends = [at for at in range(caret, len(text)) if (text[at] == '"' if quoted else text[at].isspace() or text[at] == '"')]
    return ends[0] + quoted if ends else len(text)


def complete(text: str, caret: int, known: Lexicon, *, sees_data: bool = True) -> list[Suggestion]:
    """The best ways to go on. `sees_data`: whether whoever types may search what exceptions and arguments say."""
    here = at(text[: search.MAX_TEXT], caret)
    keys = [key for key in HINTS if (sees_data or key not in ("error", "arg")) and (not here.minus or key in TAKE_MINUS)]
    if here.key in keys:
        return _values(here, here.key, known)[:MOST]
    if here.key in HINTS:
        return []
    if here.key:
        return _mended(here, [key for key in meant(here.key) if key in keys], known)[:MOST]
    return [*_keys(here, keys), *(_guesses(here, known) if len(here.value) > 1 else ())][:MOST]


def meant(key: str) -> list[str]:
    """Keys that a word which is none could stand for, the likeliest first."""
    other = [search.SYNONYMS[key]] if key in search.SYNONYMS else []
    return list(
        dict.fromkeys((*other, *(known for known in HINTS if known.startswith(key)), *difflib.get_close_matches(key, HINTS, 3, 0.5)))
    )


def _mended(here: At, keys: list[str], known: Lexicon) -> list[Suggestion]:
    """The same with a key that there is: with values of the likeliest, then with what was typed."""
    values = _values(here, keys[0], known)[: MOST - 3] if keys else []
    typed = [here.made(f"{here.minus}{key}:{_quoted(here.value)}", f"{key}:", HINTS[key], more=True) for key in keys]
    return [*(replace(one, hint=one.hint or f"{here.key}: is not a filter, {keys[0]}: is") for one in values), *typed]


def _keys(here: At, keys: Iterable[str]) -> list[Suggestion]:
    fit = [key for key in keys if key.startswith(here.value.lower())]
    if not fit and here.value.isalpha():
        fit = [key for key in keys if here.value.lower() in search.SYNONYMS and search.SYNONYMS[here.value.lower()] == key]
    return [here.made(f"{here.minus}{key}:", f"{key}:", HINTS[key], more=True) for key in fit]


def _guesses(here: At, known: Lexicon) -> list[Suggestion]:
    """Values of any key that fit a word."""
    every = [
        *(("queue", word) for word in known.queues),
        *(("class", word) for word in known.classes),
        *(("state", word.value) for word in JobState),
        *(("tag", word) for word in tags_like(known, here.value)),
        *(("user", word) for word in known.users if not here.minus),
    ]
    found = ranking.best(here.value, every, lambda pair: (pair[1],), MOST)
    return [_term(here, key, word, "" if key == "state" else HINTS[key]) for key, word in found]


def _values(here: At, key: str, known: Lexicon) -> list[Suggestion]:
    if key == "state":
        return _states(here)
    if key in ("after", "before"):
        return [_term(here, key, word, hint if key == "after" else "") for word, hint in TIMES if word.startswith(here.value)]
    if key == "took":
        return [_term(here, key, word, hint) for word, hint in TOOK if word.startswith(here.value)]
    if key == "cause":
        fit = ranking.best(here.value, known.causes, lambda cause: cause, MOST)
        return [_term(here, key, cause, said) for cause, said in fit]
    words = {
        "queue": known.queues, "class": known.classes, "user": known.users, "error": known.errors,
        "tag": tags_like(known, here.value.rstrip("*")) if key == "tag" else (),
    }.get(key, ())  # fmt: skip
    found = [_term(here, key, word) for word in ranking.best(here.value.rstrip("*"), words, lambda word: (word,), MOST)]
    return [*found[: MOST - 1], *_family(here, words)] if key == "tag" else found


def _family(here: At, tags: Iterable[str]) -> list[Suggestion]:
    """All tags that begin alike, where several do."""
    prefix = here.value.rstrip("*")
    alike = [tag for tag in tags if prefix and tag.startswith(prefix) and tag != prefix]
    return [_term(here, "tag", prefix + "*", "all tags that begin so")] if len(alike) > 1 else []


def _states(here: At) -> list[Suggestion]:
    """The last of a list by commas; what stands before it stays."""
    kept, _, last = here.value.rpartition(",")
    named = {part.strip().lower() for part in kept.split(",")}
    fit = ranking.best(last, [state.value for state in JobState if state.value not in named], lambda word: (word,), MOST)
    return [_term(here, "state", f"{kept},{word}" if kept else word) for word in fit]


def _term(here: At, key: str, value: str, hint: str = "") -> Suggestion:
    spelt = here.minus + Term(key=key, value=value).spelt()
    return here.made(spelt, spelt, hint)


def _quoted(value: str) -> str:
    return Term(key="q", value=value).spelt().removeprefix("q:") if value else ""
