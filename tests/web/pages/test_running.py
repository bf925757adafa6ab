"""A running job on its page: how long against what is usual, where, its stack; and in the list of what runs."""

from __future__ import annotations

import dataclasses

import pytest

from horizon.backends.notes import NoteChange
from horizon.core.clock import MINUTE
from horizon.core.stack import KIND, How, Stack, encode
from tests.web.pages.conftest import HTMX, SAME
from tests.web.pages.stage import executor

TRACE = '  File "/srv/shop/mail.py", line 7, in handle\n    connect()\n'


def said(page):
    return " ".join(page.text.split())


@pytest.fixture
def running(stage):
    """A job in its second minute, of a class whose runs take less than a second."""
    stage.worker()
    for _ in range(20):
        stage.done()
    id = stage.push()
    stage.start(id)
    stage.report(executors=(executor(4488, 3, [id], stage.clock(), 88_000),))
    stage.clock.advance(90)
    return id


def test_it_is_told_how_long_it_runs_against_what_is_usual_and_where(look, running):
    text = said(look(f"/jobs/{running}"))
    assert "Running for 1 min 30 s" in text
    assert "of its runs in the past day" in text
    assert "process 4488" in text
    assert "86 MB of the whole process" in text


def test_nothing_is_called_usual_after_a_few_runs(look, stage):
    stage.worker()
    id = stage.push()
    stage.start(id)
    assert "nothing is usual yet" in said(look(f"/jobs/{id}"))


def test_the_list_of_what_runs_begins_with_the_longest(look, stage, running):
    later = stage.push()
    stage.start(later)
    page = look("/jobs?state=processing")
    assert page.rows() == [running, later]
    assert "longer than 95 %" in said(page)


# its stack -----------------------------------------------------------------------------------------------------------


def test_a_stack_is_asked_for_with_a_click_and_shown_once_the_worker_has_answered(look, stage, running):
    answer = stage.client.post(f"/horizon/jobs/{running}/stack", headers=SAME)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/jobs/{running}#stack")
    assert "waiting for the worker" in said(look(f"/jobs/{running}"))
    assert stage.report().commands == (f"stack:{running}",)
    keep(stage, running, at=stage.clock(), how=How.PYTHON, text=TRACE, thread="sleeping")
    stage.clock.advance(12)
    text = said(look(f"/jobs/{running}"))
    assert "as of 12 s ago" in text
    assert "/srv/shop/mail.py:7 in handle" in text
    assert "the thread is sleeping" in text
    stage.clock.advance(660)
    assert "mail.py" not in said(look(f"/jobs/{running}")), "it is kept for ten minutes"


def test_a_worker_that_is_out_of_touch_may_be_gone(look, stage, running):
    keep(stage, running, heard=False)
    assert "it may be gone" in said(look(f"/jobs/{running}"))


@pytest.mark.parametrize(
    ("how", "words"), [(How.HELD, "holds the interpreter"), (How.TASK, "What it awaits"), (How.ENDED, "had just ended")]
)
def test_how_it_was_read_is_told(look, stage, running, how, words):
    keep(stage, running, at=stage.clock(), how=how, text=TRACE)
    assert words in said(look(f"/jobs/{running}"))


def test_a_stack_of_an_earlier_attempt_says_so(look, stage, running):
    keep(stage, running, at=stage.clock() - 5 * MINUTE, how=How.PYTHON, text=TRACE)
    assert "in an attempt before the present one" in said(look(f"/jobs/{running}"))


def test_a_viewer_neither_asks_nor_sees(look, stage, running):
    keep(stage, running, at=stage.clock(), how=How.PYTHON, text=TRACE)
    stage.role = "viewer"
    page = look(f"/jobs/{running}")
    assert "mail.py" not in page.text
    assert "Show" not in said(page)
    assert stage.client.post(f"/horizon/jobs/{running}/stack", headers=HTMX).status_code == 403


def test_what_does_not_run_has_none(stage):
    stage.worker()
    answer = stage.client.post(f"/horizon/jobs/{stage.done()}/stack", headers=SAME)
    assert answer.status_code == 422
    assert "only a running job has a stack" in answer.text


def keep(stage, id, **more):
    asked = Stack(by="ana", asked_at=stage.clock(), session="w1")
    stage.store.notes.write(
        [NoteChange(kind=KIND, name=id, body=encode(dataclasses.replace(asked, **more)), until=stage.clock() + 10 * MINUTE)]
    )
