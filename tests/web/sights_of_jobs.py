"""What is to be seen of jobs beside their plain page: stacks, cancellations under way and over, two side by side."""

from __future__ import annotations

from collections.abc import Iterator

from horizon.backends.notes import NoteChange
from horizon.backends.values import ActParams, Verb
from horizon.control import marks
from horizon.core.clock import MINUTE, SECOND
from horizon.core.outcome import CANCEL_LEVEL, Kind, LogLine
from horizon.core.query import Selection
from horizon.core.stack import KIND, How, Stack, encode
from horizon.security.permissions import Actor
from tests.web.pages.stage import Stage, executor, failure

STACK = """  File "/srv/shop/reports.py", line 41, in handle
    rows = self.fetch(month)
  File "/srv/shop/reports.py", line 77, in fetch
    return self.session.get(url, timeout=30).json()
  File "/usr/lib/python3/dist-packages/requests/sessions.py", line 602, in get
    return self.request("GET", url, **kwargs)
"""


def paths(stage: Stage, texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(name, address) of each; `texts` are what people and jobs have said."""
    stage.worker("near", pid=11)
    name, text = (texts[-1] * 20)[:200], texts[0][:300].replace("\x00", "")
    for _ in range(12):
        stage.run(stage.push(name, args={"year": 2025, "text": text}), session="near", logs=stage.log(("INFO", "begun"), ("INFO", text)))
    good = stage.run(
        stage.push(name, args={"year": 2026, "text": text}), session="near", logs=stage.log(("INFO", "begun"), ("INFO", "done"))
    )
    bad = stage.push(name, args={"year": 2025, "text": text}, max_tries=2)
    stage.run(bad, Kind.RETRY, session="near", error=failure("KeyError", text, "k"), logs=stage.log(("INFO", "begun"), ("ERROR", text)))
    stage.run(bad, Kind.FAILED, session="near", error=failure(message=text), runtime=9 * SECOND)
    asked, running = stage.push(name), stage.push(name, timeout=20 * MINUTE)
    taken = stage.start(asked, "near")
    stage.start(running, "near")
    stage.clock.advance(40)
    stage.report("near", executors=(executor(4501, 30, [asked, running], stage.clock() - 40 * SECOND, 124_000),))
    mark = marks.mark(Verb.CANCEL, Actor(name=text[:100] or "ana", role="operator"), stage.clock(), text)
    stage.store.act(Selection(ids=(asked,)), Verb.CANCEL, ActParams(reason=mark))
    stage.progress(taken, 30, text, (LogLine(stage.clock() + SECOND, CANCEL_LEVEL, mark),))
    _stack(
        stage,
        running,
        Stack(
            by=text[:100], asked_at=stage.clock(), session="near", at=stage.clock(), how=How.HELD, text=STACK, thread="running", pid=4501
        ),
    )
    _stack(stage, asked, Stack(by="ana", asked_at=stage.clock(), session="near"))
    stopped = stage.push(name)
    gone = stage.start(stopped, "near")
    stage.end(
        gone,
        Kind.CANCELLED,
        reason=mark,
        error=failure("horizon.core.errors.JobCancelled", "it was cancelled"),
        logs=(LogLine(stage.clock(), CANCEL_LEVEL, mark),),
    )
    yield "job-stack", f"/jobs/{running}"
    yield "job-asked", f"/jobs/{asked}"
    yield "job-stopped", f"/jobs/{stopped}"
    yield "job-twice", f"/jobs/{bad}"
    yield "compare", f"/jobs/compare?a={good}&b={bad}"
    yield "compare-attempts", f"/jobs/compare?a={bad}:2&b={bad}:1"
    yield "jobs-running", "/jobs?state=processing"


def _stack(stage: Stage, id: str, stack: Stack) -> None:
    stage.store.notes.write([NoteChange(kind=KIND, name=id, body=encode(stack), until=stage.clock() + 10 * MINUTE)])
