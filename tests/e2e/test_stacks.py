"""What a running job is doing, asked of real workers."""

from __future__ import annotations

import signal

import pytest

from horizon.control.stacks import StackControl
from horizon.core.errors import InvalidInput, PermissionDenied
from horizon.core.stack import How
from horizon.security.permissions import Actor
from tests.e2e import stacks_app
from tests.e2e.worker_site import alive, site, soon
from tests.stores.lending import fresh_of

pytestmark = pytest.mark.e2e
ANA = Actor(name="ana", role="operator")


@pytest.fixture
def here(tmp_path):
    with site(tmp_path, LEASE=15) as made:
        yield made


def test_every_store_carries_the_question_and_the_answer(kind, tmp_path):
    with site(tmp_path, URL=fresh_of(kind), LEASE=15) as here:
        here.ready(here.work("--processes", "1", "--concurrency", "1", app="tests.e2e.stacks_app:create_app"))
        id = begun(here, stacks_app.waits, "any", word="waits")
        assert told(here, id).how is How.PYTHON
        here.let_go("any")
        here.wait(id)


def begun(here, job, key, *more, word):
    id = here.push(job, key, *more)
    soon(lambda: [key] in here.effects(word))
    return id


def told(here, id):
    """The stack of a running job, once its worker has answered."""
    control = StackControl(here.app.extensions["horizon"].runtime)
    asked = control.ask(ANA, here.job(id))
    assert (asked.by, asked.heard, asked.answered) == ("ana", True, False)

    def answer():
        found = control.read(ANA, here.job(id))
        return found if found is not None and found.answered else None

    return soon(answer)


@pytest.mark.parametrize("slots", ["1", "3"])
def test_each_kind_of_job_is_told_where_it_is(here, slots):
    worker = here.ready(here.work("--processes", "1", "--concurrency", slots, app="tests.e2e.stacks_app:create_app"))
    id = begun(here, stacks_app.waits, f"w{slots}", "s3cret-word", word="waits")
    stack = told(here, id)
    assert (stack.how, stack.by, stack.pid) == (How.PYTHON, "ana", worker.executors()[0])
    calls = [line.strip() for line in stack.text.splitlines() if line.startswith("  File")]
    assert "stacks_app.py" in calls[0], "the worker's own calls above the job's are left out"
    assert [call.rpartition("in ")[2] for call in calls][:3] == ["waits", "in_a_call", "wait_for"]
    assert "s3cret-word" not in stack.text
    assert stack.thread == "sleeping" or stack.thread == "running"
    here.let_go(f"w{slots}")
    here.wait(id)

    id = begun(here, stacks_app.awaits, f"a{slots}", word="awaits")
    stack = told(here, id)
    assert (stack.how, stack.beside) == (How.TASK, 2)
    assert [name for name in ("awaits", "deeper", "asleep", "sleep") if f", in {name}\n" in stack.text] == [
        "awaits",
        "deeper",
        "asleep",
        "sleep",
    ]


def test_what_c_code_holds_is_told_by_the_system_and_lives_on(here):
    here.ready(here.work("--processes", "1", "--concurrency", "2", app="tests.e2e.stacks_app:create_app"))
    id = begun(here, stacks_app.computes, "c", word="computes")
    stack = told(here, id)
    assert stack.how is How.HELD
    assert ", in computes\n" in stack.text
    assert stack.text.rstrip().endswith("return sum(range(10**13))"), "the innermost call stands last, with its line of code"
    assert "horizon/worker" not in stack.text
    assert alive(stack.pid)
    assert told(here, id).how is How.HELD, "it can be asked again"


def test_a_loop_that_a_job_keeps_to_itself_is_told_as_such(here):
    here.ready(here.work("--processes", "1", "--concurrency", "2", app="tests.e2e.stacks_app:create_app"))
    id = begun(here, stacks_app.blocks, "b", word="blocks")
    stack = told(here, id)
    assert stack.how is How.LOOP
    assert stack.text.rstrip().endswith("time.sleep(600)")


def test_a_worker_that_does_not_answer_leaves_the_question_open(here):
    worker = here.ready(here.work("--processes", "1", "--concurrency", "1", app="tests.e2e.stacks_app:create_app"))
    id = begun(here, stacks_app.waits, "stopped", word="waits")
    worker.signal(signal.SIGSTOP)
    control = StackControl(here.app.extensions["horizon"].runtime)
    asked = control.ask(ANA, here.job(id))
    kept = control.read(ANA, here.job(id))
    assert (kept, kept.answered) == (asked, False)
    worker.signal(signal.SIGCONT)
    soon(lambda: control.read(ANA, here.job(id)).answered)
    entries = here.backend.audit.list(verb="stack")
    assert (entries[0].actor, entries[0].target) == ("ana", id)
    here.let_go("stopped")
    done = here.wait(id)
    with pytest.raises(InvalidInput, match="only a running job has a stack"):
        control.ask(ANA, done)
    with pytest.raises(PermissionDenied):
        control.ask(Actor(name="eve", role="viewer"), done)
