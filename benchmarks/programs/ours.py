"""The measured app of ours: a Flask app with one no-op job. The store comes from HORIZON_URL.

Nothing else is imported here: what is here is weighed with the worker.
"""

from __future__ import annotations

from flask import Flask

from benchmarks.programs.marks import mark
from horizon import Horizon, Job


class NoOp(Job):
    """Carries 200 bytes and a time, does nothing."""

    def __init__(self, text: str, sent_ns: int = 0) -> None:
        self.text, self.sent_ns = text, sent_ns

    def handle(self) -> None:
        mark(self.sent_ns)


def create_app() -> Flask:
    """As small as a host can be."""
    app = Flask(__name__)
    app.config["HORIZON_SCHEDULER"] = False
    app.config["HORIZON_AUTH"] = lambda request: {"name": "bench", "role": "admin"}
    Horizon(app)
    return app
