"""What a message says, without what differs from one job to the next: `no row 17 in '/srv/a.csv'` is `no row # in *`. Pure."""

from __future__ import annotations

import hashlib
import re

LOOKED_AT = 1_000
"""Characters of a message that tell its kind."""
DIGITS = 8
_ODD = re.compile(r"[\x00-\x1f\x7f]+")
_FOLDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>)\]]+", re.IGNORECASE), "*"),  # addresses
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "*"),
    (re.compile(r"'(?:[^'\\\n]|\\.){0,500}'(?![a-z])|\"(?:[^\"\\\n]|\\.){0,500}\"|`[^`\n]{0,500}`|“[^”\n]{0,500}”|«[^»\n]{0,500}»"), "*"),
    (re.compile(r"<[^<>\n]{0,500}>|\{[^{}\n]{0,500}\}|\[[^\[\]\n]{0,500}\]"), "*"),  # objects, mappings, lists
    (re.compile(r"(?<![\w/.])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:,;'\"]+[/\\])*[^\s/\\:,;'\"]+"), "*"),  # paths
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "#"),
    (re.compile(r"\b(?=[\w-]*\d)[\w-]*[A-Za-z_][\w-]*\b"), "#"),  # names with a figure in them: order-17, 0x7f, a41f9c2, 12ms
    (re.compile(r"\b(?=[0-9a-fA-F]{8,}\b)[0-9a-fA-F]+\b"), "#"),
    (re.compile(r"[-+]?\d+(?:[.,:/-]\d+)*"), "#"),  # numbers, dates, times, addresses of machines
    (re.compile(r"#(?:[\s,;x%]*#)+"), "#"),
    (re.compile(r"\s+"), " "),
)


def folded(message: str) -> str:
    """The first line that says something, without numbers, ids, quoted values, addresses and paths."""
    text = next((line for line in message[:LOOKED_AT].splitlines() if line.strip()), "")
    text = _ODD.sub(" ", text)
    for pattern, mark in _FOLDS:
        text = pattern.sub(mark, text)
    return text.strip()


def kind(message: str) -> str:
    """A few letters that differ between two kinds of message; empty for one that says nothing of its own."""
    said = folded(message)
    if not any(letter.isalpha() for letter in said):
        return ""
    return hashlib.blake2s(said.encode("utf-8", "backslashreplace"), digest_size=DIGITS // 2).hexdigest()
