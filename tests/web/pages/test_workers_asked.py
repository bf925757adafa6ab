"""What was asked of workers and has not reached them yet, and what is under way since."""

from __future__ import annotations

import pytest

from horizon.core.audit import AuditEntry
from horizon.core.clock import SECOND
from tests.web.pages.stage import executor


def asked(page) -> list[str]:
    """Workers beside whose name something stands that was asked of them."""
    return [span["id"].removeprefix("asked-") for span in page.all("span") if span.get("id", "").startswith("asked-")]


@pytest.mark.parametrize(
    ("do", "told"),
    [
        ("pause:w1", "asked to pause"),
        ("resume:w1", "asked to go on"),
        ("restart:w1", "asked to restart"),
        ("stop:w1", "asked to stop"),
    ],
)
def test_a_command_stands_beside_its_worker_until_that_has_heard_of_it(look, stage, act, do, told):
    stage.worker("w1")
    stage.worker("w2", pid=2)
    stage.clock.advance(1)
    act("/workers/act", do=do, sure="1")
    page = look("/workers")
    assert (asked(page), told in page.text) == (["w1"], True)
    assert told in look("/workers/w1").text
    stage.clock.advance(1)
    stage.report("w1")
    assert asked(look("/workers")) == []
    assert asked(look("/workers/w1")) == []


def test_what_was_asked_of_all_stands_beside_each_that_has_not_heard_of_it(look, stage, act):
    stage.worker("w1")
    stage.worker("w2", pid=2)
    stage.clock.advance(1)
    act("/workers/act", do="restart:all", sure="1")
    stage.clock.advance(1)
    stage.report("w1")
    stage.worker("w3", pid=3)
    assert asked(look("/workers")) == ["w2"]


def test_of_several_commands_the_last_one_is_told_and_other_acts_are_none(look, stage, act):
    stage.worker()
    stage.report(limits={"max_processes": 4})
    stage.clock.advance(1)
    act("/workers/act", do="pause:w1")
    stage.clock.advance(1)
    act("/workers/scale", worker="w1", processes="3")
    act("/queues/act", do="pause:emails")
    page = look("/workers")
    assert "asked to change its size" in page.text
    assert "asked to pause" not in page.text


def test_a_command_stands_there_however_much_else_was_done_since(look, stage, act):
    stage.worker()
    stage.clock.advance(1)
    act("/workers/act", do="restart:w1", sure="1")
    for number in range(120):
        stage.store.audit.append(AuditEntry(actor="ana", verb="retry", target=f"job-{number}"))
    assert asked(look("/workers")) == ["w1"]
    act("/workers/act", do="pause:w1")
    assert "asked to pause" in look("/workers").text


def test_a_process_that_is_to_be_replaced_says_so_while_it_finishes_what_it_runs(look, stage):
    stage.worker()
    job = stage.push()
    stage.start(job)
    old, new = executor(1, 5, [job], stage.clock.at, 61_000, leaves=True), executor(2, 0, [], stage.clock.at - SECOND, 61_000)
    stage.report(executors=(old, new))
    assert look("/workers").text.count("leaves after what it runs") == 1
