"""What is told of a running job: what becomes of the texts, and who may be signalled."""

from __future__ import annotations

import os
import signal
import threading
from types import SimpleNamespace

from horizon.core.stack import LONGEST, How, Stack, answered, cut, decode, encode
from horizon.worker import stack
from horizon.worker.inquiry import as_traceback, catches, poke, thread_state
from horizon.worker.slot import Slot
from tests.worker.fakes import Idle, reservation


def test_what_the_signal_writes_reads_as_python_writes_it(tmp_path):
    code = tmp_path / "shop.py"
    code.write_text("one\ntwo()\n")
    dump = f'Current thread 0x0000 (most recent call first):\n  File "{code}", line 2 in total\n  File "{code}", line ??? in handle\n'
    assert as_traceback(dump) == f'  File "{code}", line 0, in handle\n  File "{code}", line 2, in total\n    two()\n'


def test_the_workers_own_calls_above_the_jobs_are_left_out():
    ours = os.path.dirname(os.path.dirname(os.path.abspath(as_traceback.__code__.co_filename)))
    dump = f'  File "/shop.py", line 1 in handle\n  File "{ours}/jobs/prepared.py", line 9 in _work\n  File "{ours}/worker/run.py", line 2 in run\n'
    assert as_traceback(dump) == '  File "/shop.py", line 1, in handle\n'


def test_nobody_is_signalled_who_would_die_of_it():
    """SIGUSR2 has no handler here, so the system would end this process."""
    assert not catches(os.getpid(), signal.SIGKILL)
    assert not poke(os.getpid(), 0)
    before = signal.signal(signal.SIGUSR2, lambda number, frame: None)
    try:
        assert catches(os.getpid(), signal.SIGUSR2)
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert not catches(os.getpid(), signal.SIGUSR2)
    assert thread_state(0, 0) == ""


def test_an_answer_keeps_who_asked_and_a_note_of_another_version_is_none():
    asked = Stack(by="ana", asked_at=5, session="s", heard=False)
    told = answered(Stack(by="", asked_at=0, how=How.PYTHON, text="x"), asked, 9)
    assert (told.by, told.asked_at, told.session, told.heard, told.at, told.text) == ("ana", 5, "s", True, 9, "x")
    assert decode(encode(told)) == told
    assert decode('{"later": 1}') is None
    assert decode("no JSON") is None


def test_a_stack_without_end_keeps_its_beginning_and_its_end():
    text = "".join(f'  File "x", line {n}, in deep\n' for n in range(5_000))
    short = cut(text)
    assert len(short) <= LONGEST + 100
    assert "line 0," in short
    assert "line 4999," in short
    assert "characters are left out here" in short


def test_what_was_seen_in_a_thread_that_began_another_job_meanwhile_is_not_told():
    def running(n, ends=lambda: None):
        hide = lambda text: (ends(), text)[1]  # noqa: E731
        return SimpleNamespace(reservation=reservation(n), task=None, is_async=False, hide=hide)

    slot = Slot(0, Idle())
    slot.thread = threading.get_ident()
    slot.prepared = running(1)
    assert stack.of(slot, "t1")["how"] == How.PYTHON
    slot.prepared = running(1, lambda: setattr(slot, "prepared", running(2)))
    assert stack.of(slot, "t1") == {"how": How.ENDED, "text": ""}
