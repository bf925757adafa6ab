"""Jobs that wait for each other could never start: found before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping

from horizon.core.envelope import Envelope
from horizon.core.errors import DependencyCycle


def refuse_cycles(new: Mapping[str, Envelope], nested: Mapping[str, str | None] | None = None) -> None:
    """Walk every path of edges among these envelopes, by id. Raises DependencyCycle that shows the path.

    `nested`: the group each new group is in. A group waits for its members, and for the groups nested in it.
    """
    waits = {id: [edge.job_id for edge in envelope.edges] for id, envelope in new.items()}
    for id, group in [*((id, envelope.group) for id, envelope in new.items()), *(nested or {}).items()]:
        if group is not None:
            waits.setdefault(group, []).append(id)
    seen: set[str] = set()
    for first in waits:
        path = {} if first in seen else {first: iter(waits[first])}
        while path:
            id, others = next(reversed(path.items()))
            other = next(others, None)
            if other is None:
                seen.add(id)
                path.pop(id)
            elif other in path:
                cycle = [*list(path)[list(path).index(other) :], other]
                raise DependencyCycle(f"these jobs wait for each other, so none could ever start: {' -> '.join(cycle)}")
            elif other in waits and other not in seen:
                path[other] = iter(waits[other])
