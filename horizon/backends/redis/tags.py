"""Which tags there are, and who carries them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from horizon.backends.redis.store import Store
from horizon.backends.tags import DEEP, HOURS, MOST_WORDS, TagCount, Tags, check, told
from horizon.core.clock import HOUR, Micros

PIECES, ROWS, TAGS = 500, 2_000, 10
"""Pieces of an index, jobs and tags that one call looks at: others want to be served in between."""
FAR = 4_000
"""Pieces that are looked at for one tag at the most: two million jobs."""


@dataclass(kw_only=True, slots=True)
class _Walk:
    """How far one tag was looked at."""

    tag: str
    at: int | None = None
    left: int
    pieces: int = FAR
    whole: bool = True
    over: bool = False
    groups: list[tuple[int, int, int]] = field(default_factory=list)


class RedisTags(Tags):
    """See `Tags`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def words(self, prefix: str = "", limit: int = 20) -> Sequence[str]:
        """See `Tags.words`."""
        start = prefix.encode()
        found = self._store.link.call(
            "ZRANGEBYLEX", self._store.link.key("tg"), b"[" + start if start else "-", b"[" + start + b"\xff" if start else "+",
            "LIMIT", 0, min(limit, MOST_WORDS),
        )  # fmt: skip
        return [tag.decode() for tag in found]

    def counts(self, tags: Sequence[str], until: Micros) -> Sequence[TagCount]:
        """See `Tags.counts`: one call looks at a slice of each."""
        check(tags)
        walks = [_Walk(tag=tag, left=DEEP) for tag in tags]
        while going := [walk for walk in walks if not walk.over][:TAGS]:
            self._on(going, until)
        return [told(walk.tag, walk.groups, whole=walk.whole) for walk in walks]

    def _on(self, walks: Sequence[_Walk], until: Micros) -> None:
        pieces = PIECES // len(walks)
        asked = {"since": until - HOURS * HOUR, "hour": HOUR, "hours": HOURS, "pieces": pieces, "rows": ROWS // len(walks)}
        rows = [(walk.tag, False if walk.at is None else walk.at, walk.left) for walk in walks]
        for walk, (at, seen, more, *flat) in zip(walks, self._store.run("tag_counts", {**asked, "tags": rows}, safe=True), strict=True):
            walk.groups += zip(map(int, flat[::3]), map(int, flat[1::3]), map(int, flat[2::3]), strict=True)
            walk.at, walk.left, walk.pieces = at, walk.left - seen, walk.pieces - pieces
            walk.whole = not more and (at is None or walk.pieces > 0)
            walk.over = at is None or not walk.whole
