"""How long a failed job waits before its next try: a pure function of the attempt and of one random number.

Spelled as an int (always this many seconds), a list (one per attempt, the last one repeats), a strategy (`Exponential`, `Linear`,
`Fibonacci`), or a callable `(attempt, exception) -> seconds` that only the worker, which has the class, can call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from horizon.core.errors import InvalidOption

MAX_DELAY = 366 * 86400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Exponential:
    """`base * factor ** (attempt - 1)` seconds, at most `cap`; `jitter` is the share of it that is random.

    Jitter spreads retries that failed together (Brooker, "Exponential Backoff And Jitter", AWS 2015; here the
    "equal jitter" form, so that a retry is never immediate).
    """

    base: float = 3.0
    factor: float = 2.0
    cap: float = 600.0
    jitter: float = 0.5

    def full(self, attempt: int) -> float:
        """Seconds after this attempt, before cap and jitter."""
        return self.base * self.factor ** min(attempt - 1, 64) if attempt > 1 else self.base


@dataclass(frozen=True, kw_only=True, slots=True)
class Linear:
    """`base` seconds after the first attempt and `step` more after each further one, at most `cap`; `jitter` as in `Exponential`."""

    base: float = 5.0
    step: float = 5.0
    cap: float = 600.0
    jitter: float = 0.0

    def full(self, attempt: int) -> float:
        """See `Exponential.full`."""
        return self.base + self.step * (attempt - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fibonacci:
    """`base` times 1, 1, 2, 3, 5, 8 ... seconds, at most `cap`; `jitter` as in `Exponential`. Grows more gently than doubling."""

    base: float = 3.0
    cap: float = 600.0
    jitter: float = 0.0

    def full(self, attempt: int) -> float:
        """See `Exponential.full`."""
        before, last = 0, 1
        for _ in range(min(attempt, 90) - 1):
            before, last = last, before + last
        return self.base * last


Strategy = Exponential | Linear | Fibonacci
KINDS: dict[str, type[Strategy]] = {"exponential": Exponential, "linear": Linear, "fibonacci": Fibonacci}
"""By the word that is stored; of one without a word it is the first."""
_STRATEGIES = (Exponential, Linear, Fibonacci)
Backoff = int | float | Sequence[float] | Strategy
BackoffSpec = Backoff | Callable[..., float]
DEFAULT = Exponential()


def check(value: object) -> Backoff:
    """The same value, if it is a backoff (callables are the caller's affair). Raises InvalidOption otherwise."""
    if isinstance(value, _STRATEGIES):
        numbers: Sequence[object] = tuple(asdict(value).values())
        if isinstance(value.jitter, bool) or not isinstance(value.jitter, (int, float)) or not 0 <= value.jitter <= 1:
            raise InvalidOption(f"jitter of a backoff is a share from 0 to 1, got {value.jitter!r}")
    elif isinstance(value, (list, tuple)):
        numbers = value
        if not numbers:
            raise InvalidOption("a backoff list needs at least one number of seconds, got an empty one")
    else:
        numbers = (value,)
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= MAX_DELAY:
            raise InvalidOption(
                f"backoff takes seconds (0 to {MAX_DELAY:.0f}), a list of them, Exponential(...), Linear(...), Fibonacci(...) or a callable; got {value!r}"
            )
    return value  # type: ignore[return-value]


def delay(backoff: Backoff, attempt: int, random: float) -> float:
    """Seconds to wait after failed attempt number `attempt` (1 for the first); `random` is uniform in [0, 1)."""
    if isinstance(backoff, _STRATEGIES):
        full = min(backoff.cap, backoff.full(attempt))
        return full * (1 - backoff.jitter) + full * backoff.jitter * random
    if isinstance(backoff, (int, float)):
        return float(backoff)
    return float(backoff[min(attempt, len(backoff)) - 1])


def encode(backoff: Backoff | None) -> str | None:
    """The text kept in an envelope; None stays None."""
    if backoff is None:
        return None
    if isinstance(backoff, _STRATEGIES):
        kind = next(word for word, cls in KINDS.items() if type(backoff) is cls)
        return json.dumps(asdict(backoff) | ({} if kind == "exponential" else {"kind": kind}))
    return json.dumps(list(backoff) if isinstance(backoff, (list, tuple)) else backoff)


def decode(text: str | None) -> Backoff | None:
    """The backoff written by `encode`. Raises InvalidOption where the text is something else."""
    if text is None:
        return None
    value = json.loads(text)
    if not isinstance(value, dict):
        return check(value)
    kind = KINDS.get(value.pop("kind", "exponential"))
    if kind is None:
        raise InvalidOption(f"the stored backoff {text[:80]} is of a kind that this version does not know; it knows {', '.join(KINDS)}")
    return check(kind(**value))
