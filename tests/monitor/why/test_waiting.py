from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from horizon.backends.circuits import Circuit, CircuitRecord, State
from horizon.backends.values import SessionInfo, SessionRecord, SessionReport
from horizon.core.clock import HOUR, MINUTE, SECOND
from horizon.core.group import GroupKind, GroupRecord, GroupState
from horizon.core.limit import LimitRecord
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState
from horizon.monitor.figures import QueueFigures
from horizon.monitor.why import waiting
from horizon.monitor.why.facts import Facts, Mark, Pause, Point
from horizon.monitor.why.turns import spoken
from horizon.monitor.workers import Worker, worker

NOW = 100 * HOUR
OK, WAITS, WRONG, UNKNOWN = Mark
PARENT = "0190f3a0-0000-7000-8000-000000000001"


def job(state: str = "pending", **more: Any) -> Record:
    given = {
        "id": "0190f3a0-0000-7000-8000-000000000000", "n": 1, "name": "shop:Send", "queue": "mails", "connection": "default", "priority": 0,
        "created_at": NOW - HOUR, "available_at": NOW - MINUTE, "started_at": None, "finished_at": None, "attempts": 0, "max_tries": 3, "timeout": None,
        **more,
    }  # fmt: skip
    return Record(state=JobState(state), **given)


def queue(**more: Any) -> QueueFigures:
    return QueueFigures(name="mails", connection="default", counts={}, **more)


def a_worker(*queues: str, busy: int = 0, state: str = "running", id: str = "w1", **said: Any) -> Worker:
    slots = [{"job": f"j{n}", "since": NOW - (n + 1) * SECOND} for n in range(busy)]
    report = SessionReport(state=state, executors=({"pid": 1, "phase": "ready", "slots": slots, **said},))
    info = SessionInfo(id=id, kind="worker", host="web-2", pid=1, queues=queues, processes=1, concurrency=2)
    return worker(SessionRecord(info=info, report=report, started_at=1, renewed_at=NOW, expires_at=NOW + HOUR, alive=True), "default")


def asked(key: str, record: Record | None = None, **more: Any) -> Point | None:
    """The point of that name, where there is one."""
    known = Facts(record=record or job(), now=NOW, **{"queue": queue(), "workers": [a_worker()], **more})
    return next((point for point in waiting.points(known) if point.key == key), None)


def told(key: str, record: Record | None = None, **more: Any) -> tuple[Mark, str]:
    point = asked(key, record, **more)
    assert point is not None, key
    return point.mark, point.text


def test_a_job_whose_time_has_come_is_due_and_one_of_later_is_not() -> None:
    assert told("due") == (OK, "It became due {when}.")
    assert told("due", job("scheduled", available_at=NOW + HOUR)) == (WAITS, "It is not due before {then}, which is {when}.")


def test_a_job_that_backs_off_says_when_it_comes_again() -> None:
    history = (Attempt(number=1, round=0, started_at=1, finished_at=2, worker=None, outcome="retry"),)
    point = asked("due", job("retrying", available_at=NOW + MINUTE, attempts=1, history=history))
    assert point is not None
    assert (point.mark, point.text, point.at) == (WAITS, "Attempt 1 failed; the next one is due {when}.", NOW + MINUTE)


def test_what_is_due_for_long_and_still_scheduled_was_seen_to_by_nobody() -> None:
    assert told("due", job("scheduled", available_at=NOW - SECOND))[0] is WAITS
    assert told("due", job("scheduled", available_at=NOW - HOUR))[0] is WRONG


def test_a_paused_queue_says_by_whom_until_when_and_why() -> None:
    row = queue(paused=True, paused_until=NOW + HOUR, paused_reason="the relay moves")
    point = asked("paused", queue=row, pauses=[Pause(by="ana", at=NOW)])
    assert point is not None
    assert (point.mark, point.at) == (WAITS, NOW + HOUR)
    assert point.text == "Its queue mails was paused by ana until {then}. the relay moves"
    assert told("paused", queue=queue(paused=True)) == (WAITS, "Its queue mails was paused until somebody resumes it.")
    assert told("paused") == (OK, "Its queue mails is not paused.")


def test_a_job_on_its_way_to_another_connection_waits_for_no_worker() -> None:
    record = job(queue="horizon:to:redis:mails")
    assert told("lane", record)[0] is WAITS
    assert asked("worker", record, workers=[]) is None


def test_without_a_worker_it_says_what_to_start() -> None:
    point = asked("worker", workers=[])
    assert point is not None
    assert (point.mark, point.command) == (WRONG, "horizon work")


def test_workers_that_take_from_other_queues_do_not_help() -> None:
    point = asked("worker", workers=[a_worker("images")])
    assert point is not None
    assert (point.mark, point.text) == (WRONG, "1 worker runs, and none takes from the queue mails.")
    assert point.command == "horizon work --queue mails"


def test_a_worker_that_listens_says_when_it_took_a_job_last() -> None:
    point = asked("worker", workers=[a_worker("mails", busy=1), a_worker("images", id="w2")])
    assert point is not None
    assert (point.mark, point.text, point.at) == (OK, "1 worker takes from its queue; a job was taken last {when}.", NOW - SECOND)


@pytest.mark.parametrize(
    ("one", "mark", "words"),
    [
        (a_worker(), OK, "2 of 2 slots of these workers are free."),
        (a_worker(busy=2), WAITS, "All 2 slots of these workers are busy."),
        (a_worker(state="paused"), WAITS, "None of these workers takes jobs now: they are paused."),
    ],
)
def test_whether_a_slot_is_free(one: Worker, mark: Mark, words: str) -> None:
    assert told("slots", workers=[one]) == (mark, words)


def test_whether_the_workers_know_its_class() -> None:
    both = [a_worker(), a_worker(id="w2")]
    able, unable = frozenset({"shop:Send"}), frozenset({"shop:Other"})
    assert told("class", workers=both)[0] is UNKNOWN
    assert told("class", workers=both, classes={"w1": able, "w2": None})[0] is OK
    assert told("class", workers=both, classes={"w1": able, "w2": unable}) == (
        WRONG, "Only 1 of 2 workers know the class shop:Send: it fails if one of the others takes it.",
    )  # fmt: skip
    assert told("class", workers=both, classes={"w1": unable, "w2": unable})[1].startswith(
        "None of these workers knows the class shop:Send"
    )


def test_how_many_stand_before_it_and_when_its_turn_is_about() -> None:
    assert told("turn", ahead=0) == (OK, "It is the next of its queue.")
    assert told("turn", ahead=1)[1].startswith("1 job starts before it; none has ended lately")
    words = told("turn", ahead=1_200, queue=queue(per_minute=60.0, ended=[60] * 60))[1]
    assert words == "1,200 jobs start before it; at the pace of the past minutes its turn is in about 20 min."
    assert told("turn", ahead=10_000)[1].startswith("At least 10,000 jobs start before it")
    assert asked("turn", job("scheduled", available_at=NOW + 1), ahead=None) is None


def test_a_limit_without_room_says_who_holds_it_and_how_many_are_before_it() -> None:
    record = job("scheduled", waits_for_limit="smtp", limits=("smtp",))
    limit = LimitRecord(key="smtp", most=1, per=0, strategy="concurrent", used=0, running=1, waiting=9)
    point = asked("limit", record, limit=limit)
    assert point is not None
    assert (point.mark, point.text, point.link and point.link.name) == (
        WAITS,
        "Its limit smtp (1 at a time) has no room. It loses no try by it.",
        "smtp",
    )
    assert told("limit-opens", record, limit=limit)[1].startswith("1 job holds the limit now")
    assert told("limit-opens", record, limit=replace(limit, opens_at=NOW + 1)) == (WAITS, "The limit has room again {when}.")
    assert told("limit-line", record, limit=limit, ahead=3) == (WAITS, "3 jobs stand before it in the line of this limit.")
    assert told("limit-line", record, limit=limit, ahead=0)[0] is OK
    assert told("limit", job(limits=("smtp",))) == (OK, "Its limits have room.")
    assert asked("due", record, limit=limit) is None


def test_a_dependency_that_has_not_ended_is_named_with_its_state() -> None:
    record = job("blocked", waits_for=(PARENT,))
    parent = replace(job("processing"), id=PARENT)
    point = asked(f"parent-{PARENT}", record, parents=[parent])
    assert point is not None
    assert (point.mark, point.text) == (WAITS, f"It waits for the job {PARENT}, which is processing.")
    assert point.link is not None
    assert (point.link.kind, point.link.name) == ("job", PARENT)
    assert told(f"parent-{PARENT}", record)[0] is WRONG
    assert told("parents", job("blocked"))[0] is UNKNOWN
    assert told("parents", job(depends_on=(PARENT,)))[0] is OK
    assert told("parents", job("blocked", waits_for=(PARENT,) * 9))[1] == "It waits for 4 more jobs."


def test_a_group_that_has_not_ended_is_named() -> None:
    group = GroupRecord(
        id="g1", n=1, kind=GroupKind.BATCH, connection="default", state=GroupState.OPEN, sealed=True, total=9, pending=2, processing=1,
        completed=6, failed=0, cancelled=0, created_at=1, name="import",
    )  # fmt: skip
    mark, words = told("group-g1", job("blocked"), groups=[group])
    assert mark is WAITS
    assert words.startswith("It waits for the batch import")


def test_a_circuit_that_is_open_is_named() -> None:
    one = CircuitRecord(circuit=Circuit(service="smtp", fail_max=5, within=1, reset=1), state=State.OPEN, probe_at=NOW + 9)
    record = job("scheduled", available_at=NOW + 9, reason="waits for smtp: its circuit is open, next try in 9 s")
    assert told("circuit", record, circuits=[one])[0] is WAITS
    assert asked("circuit", job("scheduled", available_at=NOW + 9), circuits=[one]) is None


def test_a_unique_key_that_another_job_has_is_told() -> None:
    assert told("unique", job(key_holder=PARENT)) == (WAITS, f"The job {PARENT} has its unique key.")


def test_a_deadline_to_come_and_one_that_is_over() -> None:
    assert told("deadline", job(deadline=NOW + 1, expires=True)) == (OK, "It fails unless it starts before {then}.")
    assert told("deadline", job(deadline=NOW + 1)) == (OK, "It should start before {then}.")
    assert told("deadline", job(deadline=NOW - 1, expires=True))[0] is WRONG
    assert told("deadline", job(deadline=NOW - 1)) == (WRONG, "Its deadline passed {when}.")


def test_a_job_in_the_inbox_says_so() -> None:
    assert told("inbox", job(in_inbox=True))[0] is WAITS


def test_a_running_job_says_since_when_and_whether_its_worker_is_there() -> None:
    running = job("processing", started_at=NOW - 9, session="w1", worker="web-2:1")
    assert told("runs", running) == (OK, "It began {when}.")
    assert told("runs", running, workers=[])[0] is WRONG
    assert told("stop", replace(running, cancel_requested=True, reason="wrong file"))[1].endswith("not yet: wrong file.")
    assert asked("paused", running) is None


@pytest.mark.parametrize(
    ("micros", "words"), [(0, "1 s"), (59 * SECOND, "59 s"), (60 * SECOND, "1 min"), (3 * HOUR, "3 h"), (49 * HOUR, "2 d")]
)
def test_a_duration_is_spoken_roughly(micros: int, words: str) -> None:
    assert spoken(micros) == words
