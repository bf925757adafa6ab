"""The latest runs of a schedule as a strip of bars, one a run, the latest at the right. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from horizon.web import words

STEP, BAR, HEIGHT = 5, 3, 14
LOW = 8
"""A failure stands out by its height as well as by its colour."""
COLOURS = {"skipped": "cancelled", "missed": "retrying", "refused": "failed", "no longer kept": "cancelled"}
"""The colour of what is no state of a job."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """What is drawn, and the same in words."""

    width: int
    paths: tuple[tuple[str, str], ...]
    """(state that gives the colour, path)."""
    label: str


def strip(outcomes: Sequence[str]) -> Strip | None:
    """Of these outcomes, the oldest first; None where there are none."""
    if not outcomes:
        return None
    bars: dict[str, list[str]] = {}
    for at, outcome in enumerate(outcomes):
        colour = COLOURS.get(outcome, outcome)
        top = 0 if colour == "failed" else HEIGHT - LOW
        bars.setdefault(colour, []).append(f"M{at * STEP} {top}h{BAR}v{HEIGHT - top}h-{BAR}z")
    return Strip(
        width=len(outcomes) * STEP - (STEP - BAR),
        paths=tuple((colour, "".join(parts)) for colour, parts in bars.items()),
        label=told(outcomes),
    )


def told(outcomes: Sequence[str]) -> str:
    """Last 20 runs: 18 completed, 1 failed, 1 missed; the latest completed."""
    if len(outcomes) == 1:
        return f"One run: {outcomes[0]}"
    counted = ", ".join(f"{count} {outcome}" for outcome, count in Counter(outcomes).most_common())
    return f"Last {words.plural(len(outcomes), 'run')}: {counted}; the latest {outcomes[-1]}"
