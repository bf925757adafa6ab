"""For load balancers and probes: alive, and ready. Open to anybody, so they say yes or no and nothing else."""

from __future__ import annotations

import logging

from flask import jsonify, make_response
from werkzeug.wrappers import Response

from horizon.core.errors import HorizonError
from horizon.web.state import state_of

log = logging.getLogger("horizon.web")


def healthz() -> Response:
    """This process answers."""
    return jsonify({"status": "alive"})


def readyz() -> Response:
    """The store answers, and at least one worker lives; 503 otherwise."""
    store, worker = _looked()
    ready = store and worker
    body = {"status": "ready" if ready else "not ready", "store": store, "worker": worker}
    return make_response(jsonify(body), 200 if ready else 503)


def _looked() -> tuple[bool, bool]:
    """Whether the store answers, and whether a worker lives, for sure as of the last second."""
    try:
        return True, bool(state_of().stats.overview().workers)
    except HorizonError as error:
        log.warning("not ready: %s", error)
        return False, False
