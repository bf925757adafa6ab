"""Asks a filled store for lists: prints the median milliseconds of each, as JSON. The store comes from HORIZON_URL."""

from __future__ import annotations

import json
import time
from statistics import median

from benchmarks.programs.ours import create_app
from horizon.core.query import JobQuery
from horizon.core.states import JobState

QUERIES = {
    "newest": JobQuery(),
    "completed": JobQuery(states=(JobState.COMPLETED,)),
    "one class": JobQuery(name="shop.area2:Job42"),
    "no match": JobQuery(name="Nothing"),
}


def main() -> None:
    """Each twenty times."""
    backend = create_app().extensions["horizon"].runtime.backend()
    seen = {}
    for label, query in QUERIES.items():
        took = []
        for _ in range(20):
            started = time.perf_counter()
            backend.find(query)
            took.append((time.perf_counter() - started) * 1000)
        seen[label] = median(took)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
