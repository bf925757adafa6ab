"""Which classes an executor knows, told once to the store: the dashboard says of a job that waits whether anybody could run it.

The names stand in a note under a digest of themselves, so that all executors of one deployment write it once; with each renewal a
worker tells but the digest.
"""

from __future__ import annotations

import hashlib
import json
import logging

from horizon.backends.base import Backend
from horizon.backends.notes import LONGEST_BODY, NoteChange
from horizon.core.clock import DAY, Micros
from horizon.core.errors import HorizonError
from horizon.jobs.registry import REGISTRY

CLASSES = "classes"
"""Kind of the notes."""
KEPT: Micros = 60 * DAY
RENEWED: Micros = 30 * DAY
"""A note that ends sooner is written anew."""

log = logging.getLogger("horizon.worker")


def tell(store: Backend) -> str:
    """The digest of all names, once their note stands; empty where it does not, which only leaves a question open."""
    body = json.dumps(sorted(REGISTRY.every_name()), ensure_ascii=False)
    if len(body.encode("utf-8", "backslashreplace")) > LONGEST_BODY:
        return ""
    digest = hashlib.blake2s(body.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
    try:
        note, now = store.notes.get(CLASSES, digest), store.now()
        if note is None or (note.until is not None and note.until - now < RENEWED):
            store.notes.write([NoteChange(kind=CLASSES, name=digest, body=body, until=now + KEPT)])
    except HorizonError as error:
        log.debug("which classes there are could not be told: %s", error)
        return ""
    return digest
