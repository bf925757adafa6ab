"""An envelope as text, for those that wait to be admitted."""

from __future__ import annotations

import json
from dataclasses import fields

from horizon.backends.redis.header import limits_of, rows_of
from horizon.core.envelope import Edge, Envelope, On

APART = ("payload", "edges", "limits", "fresh")
"""What does not stand in the text of an envelope, or in another way."""


def write_envelope(envelope: Envelope) -> str:
    """An envelope without its payload."""
    given = {field.name: getattr(envelope, field.name) for field in fields(envelope) if field.name not in APART}
    edges = [[edge.job_id, int(edge.on), *([1] if edge.of_group else [])] for edge in envelope.edges]
    given["limits"] = rows_of(envelope.limits)
    return json.dumps({**given, "edges": edges}, ensure_ascii=False, separators=(",", ":"))


def read_envelope(text: bytes, payload: bytes) -> Envelope:
    """What `write_envelope` wrote, with its payload."""
    given = json.loads(text)
    edges = tuple(Edge(job_id=id, on=On(on), of_group=bool(of)) for id, on, *of in given.pop("edges"))
    given["before"] = tuple(given.get("before", ()))
    given["limits"] = limits_of(given.get("limits", ()))
    return Envelope(**{**given, "tags": tuple(given["tags"])}, edges=edges, payload=payload)
