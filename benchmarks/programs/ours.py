"""The measured app of ours: a Flask app with one no-op job. The store comes from HORIZON_URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run
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


@contextmanager
def started() -> Iterator[Program]:
    """As a host dispatches."""
    from benchmarks.programs.ours import NoOp, create_app  # under the name by which the worker knows the job

    with create_app().app_context():
        yield Program(
            push=lambda text, sent_ns: NoOp.dispatch(text, sent_ns),
            push_many=lambda texts: NoOp.dispatch_many([(text,) for text in texts]),
        )


if __name__ == "__main__":
    run(started)
