"""A bare Flask app that waits: what a worker is weighed against."""

from __future__ import annotations

import time

from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    """So that there is something to answer."""
    return "hello"


if __name__ == "__main__":
    app.test_client().get("/")
    while True:
        time.sleep(60)
