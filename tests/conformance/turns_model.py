"""Where jobs stand whose keys take turns, by the contract's words and over plain dicts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

Row = dict[str, Any]
FAIR = "f"
"""The queue."""
TURN = 1_000_000


def place_of(jobs: Iterable[Row], job: Row, entry: int) -> int | None:
    """Where a job that enters stands; None where it is not known of somebody there."""
    if job["queue"] != FAIR or job["envelope"].fair is None:
        return None
    there = [other for other in jobs if other is not job and other["state"] == "pending" and band(other) == band(job)]
    if any(other["place"] is None for other in there):
        return None
    first = min((other["place"] for other in there), default=entry)
    mine = [other["place"] for other in there if other["envelope"].fair == job["envelope"].fair]
    return max(first, max(mine) + TURN // job["envelope"].share) if mine else first


def band(job: Row) -> tuple[str, int]:
    """Among whom it takes turns."""
    return job["queue"], job["priority"]


def standing(job: Row) -> tuple[int, int, int]:
    """What decides about two jobs whose places are known."""
    return -job["priority"], job["place"], job["n"]


def check_turns(taken: list[Row], left: list[Row]) -> None:
    """Who was taken stood before those who were left, and came in that order."""
    fair = [job for job in taken if job["queue"] == FAIR]
    for job, following in pairwise(fair):
        if job["priority"] != following["priority"] or None not in (job["place"], following["place"]):
            assert (job["priority"] > following["priority"]) or standing(job) < standing(following)
    for job in fair:
        for other in left:
            if band(other) == band(job) and None not in (job["place"], other["place"]):
                assert standing(job) < standing(other), f"{job['id']} was taken before {other['id']}, which stood before it"
