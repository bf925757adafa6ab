"""JSON answers that can say `nothing new`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import jsonify, make_response, request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.core.clock import MINUTE
from horizon.web.auth import current_actor
from horizon.web.state import state_of


def unless_known(backend: Backend, make: Callable[[], Any]) -> Response:
    """What `make` returns as JSON, or 304 without asking the store where the asker has it already.

    The tag is made of the store's version, what is asked and by whom, and of the minute: filters by time let jobs
    drop out while nothing changes.
    """
    boot = state_of().boot
    known = (boot, backend.version(), request.full_path, sorted(current_actor().rights), backend.now() // MINUTE)
    tag = hashlib.blake2s(repr(known).encode(), digest_size=9).hexdigest()
    if request.if_none_match.contains_weak(tag):
        response = make_response("", 304)
    else:
        response = jsonify(make())
    response.set_etag(tag, weak=True)
    return response


def unless_same(value: Any) -> Response:
    """The value as JSON, or 304 where the asker has these very bytes."""
    response = jsonify(value)
    response.add_etag(weak=True)
    return response.make_conditional(request)
