"""Jobs that wait for each other could never start: found before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping

from horizon.core.envelope import Envelope
from horizon.core.errors import DependencyCycle


def refuse_cycles(new: Mapping[str, Envelope]) -> None:
    """Walk every path of edges among these envelopes, by id. Raises DependencyCycle that shows the path."""
    seen: set[str] = set()
    for first in new:
        path = {} if first in seen else {first: iter(new[first].edges)}
        while path:
            id, edges = next(reversed(path.items()))
            edge = next(edges, None)
            if edge is None:
                seen.add(id)
                path.pop(id)
            elif edge.job_id in path:
                cycle = [*list(path)[list(path).index(edge.job_id) :], edge.job_id]
                raise DependencyCycle(f"these jobs wait for each other, so none could ever start: {' -> '.join(cycle)}")
            elif edge.job_id in new and edge.job_id not in seen:
                path[edge.job_id] = iter(new[edge.job_id].edges)
