"""An app whose jobs have limits of every kind, and note when they begin and end."""

from __future__ import annotations

import os
import time

from flask import Flask

from horizon import ConcurrencyLimit, Horizon, Job, QueueManager, RateLimit, RateLimited
from tests.e2e.worker_app import note, wait_for

MOST, PER = 5, 1.5
QueueManager.rate_limit("paced", max_jobs=MOST, per_seconds=PER)
QueueManager.rate_limit("counted", max_jobs=int(os.environ.get("COUNTED", "1")), per_seconds=3600)


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "tests only"
    Horizon(app)
    return app


class Noted(Job, name="limits.noted"):
    """Says when it begins and when it ends."""

    def __init__(self, word: str = "", seconds: float = 0.0) -> None:
        self.word, self.seconds = word, seconds

    def handle(self) -> None:
        note("in", self.word)
        time.sleep(self.seconds)
        note("out", self.word)


class Paced(Noted, name="limits.paced", queue="paced"):
    """As often as its queue allows."""


class Counted(Noted, name="limits.counted", queue="counted"):
    """So many as the environment says."""


class Narrow(Noted, name="limits.narrow", max_concurrent=2):
    """Two at a time."""


class Mail(Noted, RateLimited, name="limits.mail"):
    """Once an hour to each."""

    def get_rate_limits(self) -> list[RateLimit | ConcurrencyLimit]:
        return [RateLimit(1000, 3600), RateLimit(1, 3600, key=f"to:{self.word}")]


class Held(Job, name="limits.held", max_concurrent=1, max_tries=3):
    """Runs until the test lets it go."""

    def __init__(self, key: str) -> None:
        self.key = key

    def handle(self) -> None:
        note("in", self.key)
        wait_for(self.key)
