"""What an encrypted job keeps, on a page of its own: for whoever may see it, asks to, and is remembered for it."""

from __future__ import annotations

from dataclasses import replace

from flask import url_for
from werkzeug.wrappers import Response

from horizon.control.revealing import RevealControl
from horizon.core.record import Attempt, Record
from horizon.jobs import stored
from horizon.web import render, sight
from horizon.web.draw.tree import tree
from horizon.web.pages import frame, job_found
from horizon.web.state import state_of

ATTEMPTS, LINES = 20, 100
"""The latest ones are shown."""


def reveal(id: str) -> Response:
    """POST /jobs/ID/reveal"""
    record = job_found.find(frame.store(), id)
    seen = sight.of(record.name)
    found = RevealControl(state_of().runtime).open(frame.actor(), record)
    seen = replace(seen, secret=(*seen.secret, *found.names))
    shown = seen.record(found.record)
    arguments = stored.arguments(shown.payload)
    runs = [replace(run, logs=tuple(line._replace(message=seen.text(line.message)) for line in run.logs[-LINES:])) for run in _runs(shown)]
    return render.page(
        "job/revealed.html",
        shell="page",
        job=shown,
        arguments=tree(stored.result(shown.payload) if arguments is None else arguments, seen=seen),
        payload_size=len(shown.payload or b""),
        result=None if shown.result is None else tree(stored.result(shown.result), seen=seen),
        result_size=len(shown.result or b""),
        runs=runs,
        back=url_for("horizon.job", id=record.id, connection=frame.connection()),
        **frame.standing(),
    )


def _runs(record: Record) -> list[Attempt]:
    """Those that said something, the latest first."""
    return [run for run in record.history[::-1][:ATTEMPTS] if run.error is not None or run.logs]
