"""Numbers, durations, sizes and times as people read them: pure functions, no clock, no request."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime, tzinfo

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, Micros, to_datetime

MS: Micros = 1000
DASH = "–"
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:ms|s|min|h|d|kB|MB|GB|%)(?!\w))")


def number(value: float | None) -> str:
    """Grouped by thousands: 12,408; one decimal where it is below ten and not whole."""
    if value is None:
        return DASH
    if value != int(value) and abs(value) < 10:
        return f"{value:.1f}"
    return f"{round(value):,}"


def compact(value: int) -> str:
    """Short enough for a badge: 940, 12.4k, 3.1M."""
    for size, letter in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:.{0 if value >= 100 * size else 1}f}".removesuffix(".0") + letter
    return str(value)


def percent(share: float | None) -> str:
    """A share from 0 to 1 as a percentage with as many digits as it deserves."""
    if share is None:
        return DASH
    value = share * 100
    if value == 0 or value >= 10:
        return f"{value:.0f} %"
    return f"{value:.1f} %" if value >= 1 else f"{value:.2f} %"


def attained(share: float | None) -> str:
    """What of a share was reached: never told as more than it is, and as all only where it is all: 94.9 %, 99.98 %, 100 %."""
    if share is None:
        return DASH
    fine = 10_000 if share >= 0.99 else 1000
    return f"{math.floor(share * fine + 1e-9) / (fine / 100):g} %"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 job`, `3 jobs`, `12,408 jobs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def unbroken(make: Callable[..., str]) -> Callable[..., str]:
    """The same figures with a space before each unit at which no line ends."""
    return lambda *given: _BEFORE_UNIT.sub("\u00a0", make(*given))


def duration(micros: Micros | None) -> str:
    """With its unit: 0.4 ms, 812 ms, 1.2 s, 34.6 s, 3 min 5 s, 2 h 13 min, 3 d 4 h."""
    if micros is None:
        return DASH
    micros = max(0, micros)
    if micros < SECOND - MS // 2:
        return f"{_digits(micros / MS)} ms"
    if micros < 59.95 * SECOND:
        return f"{_digits(micros / SECOND)} s"
    seconds = round(micros / SECOND)
    for unit, big, small, word_big, word_small in ((HOUR, 60, 1, "min", "s"), (DAY, 3600, 60, "h", "min"), (0, 86400, 3600, "d", "h")):
        if not unit or seconds * SECOND < unit:
            whole, rest = divmod(seconds, big)
            rest //= small
            return f"{whole:,} {word_big}" + (f" {rest} {word_small}" if rest else "")
    raise AssertionError("the last row always matches")


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == 0 else f"{value:.1f}".removesuffix(".0")


def seconds(value: float | None) -> str:
    """A duration given in seconds."""
    return DASH if value is None else duration(round(value * SECOND))


def size(kib: int | None) -> str:
    """An amount of memory given in KiB."""
    if kib is None:
        return DASH
    mib = kib / 1024
    if mib < 1:
        return f"{kib} kB"
    return f"{mib:.0f} MB" if mib < 1024 else f"{mib / 1024:.1f} GB"


def data(count: int) -> str:
    """An amount of text or data given in bytes."""
    if count < 1000:
        return plural(count, "byte")
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def relative(at: Micros, now: Micros) -> str:
    """`just now`, `12 s ago`, `4 min ago`, `3 h ago`, `2 d ago`; the same with `in` for what is to come."""
    gap = abs(now - at)
    if gap < 2 * SECOND:
        return "just now" if at <= now else "now"
    for unit, below, word in ((SECOND, MINUTE, "s"), (MINUTE, HOUR, "min"), (HOUR, DAY, "h"), (DAY, 0, "d")):
        if not below or gap < below:
            amount = f"{gap // unit:,} {word}"
            break
    return f"{amount} ago" if at <= now else f"in {amount}"


def past(at: Micros, now: Micros) -> str:
    """`relative` of what has happened: where the clock that says so is behind, it was just now."""
    return relative(min(at, now), now)


def local(at: Micros, zone: tzinfo) -> datetime:
    """The moment in a zone."""
    moment = to_datetime(at)
    assert moment is not None
    return moment.astimezone(zone)


def clock(at: Micros | None, zone: tzinfo) -> str:
    """14:03:22, in the zone."""
    return DASH if at is None else f"{local(at, zone):%H:%M:%S}"


def millis(at: Micros, zone: tzinfo) -> str:
    """14:03:22.107, in the zone."""
    return f"{local(at, zone):%H:%M:%S}.{at // MS % 1000:03d}"


def minute(at: Micros, zone: tzinfo) -> str:
    """14:03, in the zone."""
    return f"{local(at, zone):%H:%M}"


def exact(at: Micros | None, zone: tzinfo) -> str:
    """22 Nov 2026, 14:03:22 CET."""
    if at is None:
        return DASH
    moment = local(at, zone)
    return f"{moment.day} {moment:%b %Y, %H:%M:%S %Z}"
