"""Two runs side by side: what differs, and how much is equal. Pure: texts in, rows out.

What somebody may not see is masked before it comes here, so a row says that two secrets are equal only where nobody can
tell: `same` is said of what is shown, and of nothing behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

MOST_LEAVES = 400
"""Values of one job's arguments that are looked at."""
DEEPEST = 12
SHOWN = 300
"""Characters of a value."""
AROUND = 2
"""Equal log lines that are left around what differs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line; None: there is none on that side."""

    name: str
    left: str | None
    right: str | None

    @property
    def same(self) -> bool:
        """Whether both sides show the same."""
        return self.left == self.right


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """A run of log lines: alike on both sides, or not. Numbers are those of the first lines, from 0."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    same: bool
    folded: bool = False
    """Alike, and far from anything that differs."""


def arguments(left: object, right: object) -> tuple[Row, ...]:
    """Values that stand at the same place in both, in the order in which they come."""
    here, there = (dict(islice(_leaves(value, ""), MOST_LEAVES)) for value in (left, right))
    return tuple(Row(name=path or "all of it", left=here.get(path), right=there.get(path)) for path in dict.fromkeys([*here, *there]))


def whole(value: object) -> bool:
    """Whether all of a value is looked at."""
    return sum(1 for _ in islice(_leaves(value, ""), MOST_LEAVES + 1)) <= MOST_LEAVES


def _leaves(value: object, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value and depth < DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and value and depth < DEEPEST:
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]", depth + 1)
    else:
        yield path, _shown(value)


def _shown(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError, TypeError):
        return "‹nested too deeply›"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"


def logs(left: Sequence[str], right: Sequence[str]) -> tuple[Lines, ...]:
    """The lines of two logs, brought next to one another where they are alike."""
    found: list[Lines] = []
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for index, (tag, a, b, c, d) in enumerate(codes):
        if tag != "equal":
            found.append(Lines(left=tuple(left[a:b]), right=tuple(right[c:d]), same=False))
        else:
            found += _alike(left[a:b], first=index == 0, last=index == len(codes) - 1)
    return tuple(found)


def _alike(lines: Sequence[str], *, first: bool, last: bool) -> list[Lines]:
    """Lines that both have: a few stand beside what differs, the rest is folded."""
    head, tail = (0 if first else AROUND), (0 if last else AROUND)
    if len(lines) <= head + tail + 1:
        return [_same(lines)]
    end = len(lines) - tail
    parts = [(_same(lines[:head]), False), (_same(lines[head:end]), True), (_same(lines[end:]), False)]
    return [Lines(left=part.left, right=part.right, same=True, folded=folded) for part, folded in parts if part.left]


def _same(lines: Sequence[str]) -> Lines:
    return Lines(left=tuple(lines), right=tuple(lines), same=True)
