from __future__ import annotations

import json

import pytest

from horizon.backends.values import SessionInfo, SessionReport, Verb, Verdict, VerdictKind
from horizon.core.clock import SECOND
from horizon.core.envelope import FOLLOW_UP
from horizon.core.ids import derived
from horizon.core.outcome import Answer, Kind
from tests.conformance.driver import LEASE, Driver, after, audit

# leases ---------------------------------------------------------------------------------------------


def test_a_session_lasts_one_lease_and_every_renewal_gives_it_another(drive: Driver) -> None:
    assert drive.open("x") == drive.clock() + LEASE
    drive.clock.advance(5)
    renewed = drive.backend.sessions.renew("x", LEASE)
    assert (renewed.alive, renewed.expires_at, renewed.commands, dict(renewed.stops)) == (True, drive.clock() + LEASE, (), {})


def test_a_session_nobody_opened_is_not_alive(drive: Driver) -> None:
    assert drive.backend.sessions.renew("nobody", LEASE).alive is False


def test_a_living_session_keeps_its_jobs_however_long_they_run(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.pass_time(60, "w")
    assert drive.state(id) == "processing"
    assert drive.complete(got) is Answer.OK


def test_an_expired_session_loses_its_jobs_and_is_told_so(drive: Driver) -> None:
    id = drive.push()
    stale = drive.take()
    drive.open("other")
    drive.pass_time(17, "other")
    assert drive.state(id) == "pending"
    assert drive.backend.sessions.renew("w", LEASE).alive is False
    assert drive.complete(stale) is Answer.LOST
    assert drive.take(id, session="other").run == 2


def test_jobs_of_a_session_that_vanished_return_uncharged_and_are_reserved_alone(drive: Driver) -> None:
    ids = drive.push_many(2)
    drive.reserve(2)
    drive.open("other")
    drive.pass_time(17, "other")
    assert [(drive.get(id).state, drive.get(id).attempts, drive.get(id).crashes) for id in ids] == [("pending", 0, 0)] * 2
    got = drive.reserve(5, session="other")
    assert [(r.id, r.alone) for r in got] == [(ids[0], True)]


def test_a_turn_returns_what_dead_sessions_held_without_anybody_ticking(drive: Driver) -> None:
    id = drive.push()
    drive.take()
    drive.open("other")
    for _ in range(17):
        drive.clock.advance(1)
        drive.backend.sessions.renew("other", LEASE)
        if got := drive.reserve(session="other"):
            break
    assert [r.id for r in got] == [id]


def test_a_session_that_is_late_but_was_not_given_up_goes_on(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.clock.advance(LEASE // SECOND)
    assert drive.backend.sessions.renew("w", LEASE).alive is True
    drive.backend.tick()
    assert drive.complete(got) is Answer.OK
    assert drive.state(id) == "completed"


def test_nothing_is_returned_until_one_lease_after_the_clock_jumped(drive: Driver) -> None:
    id = drive.push()
    drive.take()
    drive.jump(3600)
    assert drive.state(id) == "processing"
    drive.pass_time(10)
    assert drive.state(id) == "processing"
    assert drive.backend.sessions.renew("w", LEASE).alive is True
    drive.pass_time(10)
    assert drive.state(id) == "processing"
    drive.pass_time(20)
    assert drive.state(id) == "pending"


def test_after_a_jump_a_session_that_does_not_come_back_is_given_up_a_lease_later(drive: Driver) -> None:
    id = drive.push()
    drive.take()
    drive.jump(3600)
    drive.pass_time(17)
    assert drive.state(id) == "pending"


def test_a_clock_set_back_neither_returns_jobs_at_once_nor_keeps_dead_sessions_for_ever(drive: Driver) -> None:
    id = drive.push()
    drive.take()
    drive.jump(-7200)
    assert drive.state(id) == "processing"
    drive.pass_time(17)
    assert drive.state(id) == "pending"


def test_a_suspect_that_takes_its_worker_down_alone_is_charged_in_the_end(open_driver) -> None:
    drive = open_driver(max_crashes=2)
    id = drive.push(hook=True)
    for name in ("one", "two", "three"):
        drive.open(name)
        drive.take(id, session=name)
        drive.pass_time(17)
    assert (drive.state(id), drive.get(id).crashes) == ("failed", 2)


# opening, closing, listing --------------------------------------------------------------------------


def test_a_session_shows_what_it_announced_and_reported(drive: Driver) -> None:
    info = SessionInfo(
        id="s", kind="web", host="h", pid=9, queues=("a", "b"), fair=True, processes=2, concurrency=3, code_version="v", version="1"
    )
    drive.backend.sessions.open(info, LEASE)
    report = SessionReport(state="draining", memory_kb=512, executors=({"pid": 11, "jobs": 2},), problems=("cannot import shop.jobs",))
    drive.clock.advance(1)
    drive.backend.sessions.renew("s", LEASE, report)
    (shown,) = drive.backend.sessions.list(kind="web")
    assert (shown.info, shown.report, shown.alive) == (info, report, True)
    assert (shown.started_at, shown.renewed_at, shown.expires_at) == (drive.clock() - SECOND, drive.clock(), drive.clock() + LEASE)


def test_a_renewal_without_a_report_keeps_the_last_one(drive: Driver) -> None:
    drive.backend.sessions.renew("w", LEASE, SessionReport(state="paused"))
    drive.backend.sessions.renew("w", LEASE)
    (shown,) = drive.backend.sessions.list()
    assert shown.report.state == "paused"


def test_the_same_id_again_replaces_what_was_announced(drive: Driver) -> None:
    drive.backend.sessions.open(SessionInfo(id="w", kind="worker", host="elsewhere", pid=5), LEASE)
    (shown,) = drive.backend.sessions.list()
    assert (shown.info.host, shown.info.pid) == ("elsewhere", 5)


def test_dead_sessions_are_listed_only_when_asked_for(drive: Driver) -> None:
    drive.open("closed")
    drive.open("lasting")
    start = drive.clock()
    drive.backend.sessions.close("closed")
    drive.pass_time(17, "lasting")
    assert [s.info.id for s in drive.backend.sessions.list()] == ["lasting"]
    dead = {s.info.id: s.alive for s in drive.backend.sessions.list(dead_since=start)}
    assert dead == {"w": False, "closed": False, "lasting": True}
    assert {s.info.id for s in drive.backend.sessions.list(dead_since=start + 10 * SECOND)} == {"w", "lasting"}


def test_closing_gives_back_what_was_still_held_uncharged_and_in_place(drive: Driver) -> None:
    first = drive.push()
    drive.clock.advance(1)
    drive.push()
    stale = drive.take(first)
    drive.backend.sessions.close("w")
    drive.open("other")
    again = drive.take(first, session="other")
    assert (again.attempt, again.alone) == (1, False)
    assert drive.complete(stale) is Answer.LOST
    assert drive.backend.sessions.renew("w", LEASE).alive is False


def test_held_names_every_attempt_of_an_executor(drive: Driver) -> None:
    drive.push_many(3)
    a, b = drive.reserve(2)
    c = drive.take(executor=1)
    sessions = drive.backend.sessions
    assert set(sessions.held("w", 0)) == {(a.id, a.ref, a.token), (b.id, b.ref, b.token)}
    assert {token for _, _, token in sessions.held("w")} == {a.token, b.token, c.token}
    drive.complete(a)
    assert {id for id, _, _ in sessions.held("w", 0)} == {b.id}
    assert list(sessions.held("nobody")) == []


# commands and stops ---------------------------------------------------------------------------------


def test_a_command_is_handed_out_once(drive: Driver) -> None:
    assert drive.backend.sessions.command("pause", session="w") == 1
    assert drive.backend.sessions.command("stop", session="w") == 1
    assert drive.backend.sessions.renew("w", LEASE).commands == ("pause", "stop")
    assert drive.backend.sessions.renew("w", LEASE).commands == ()


def test_a_command_for_all_reaches_every_living_worker_and_no_web_process(drive: Driver) -> None:
    drive.open("other")
    drive.open("page", kind="web")
    drive.open("gone")
    drive.backend.sessions.close("gone")
    assert drive.backend.sessions.command("restart", audit=audit("restart", "workers")) == 2
    assert drive.backend.sessions.renew("other", LEASE).commands == ("restart",)
    assert drive.backend.sessions.renew("page", LEASE).commands == ()
    (entry,) = drive.backend.audit.list()
    assert (entry.verb, entry.count) == ("restart", 2)


def test_a_command_for_nobody_reaches_nobody(drive: Driver) -> None:
    assert drive.backend.sessions.command("stop", session="nobody") == 0


def test_the_cancellation_of_a_running_job_is_repeated_until_it_ended(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.CANCEL, id, reason="wrong address")
    for _ in range(2):
        assert dict(drive.backend.sessions.renew("w", LEASE).stops) == {got.token: "wrong address"}
    drive.complete(got)
    assert dict(drive.backend.sessions.renew("w", LEASE).stops) == {}


def test_a_renewal_tells_which_queues_are_paused(drive: Driver) -> None:
    drive.backend.queues.pause("mails")
    assert drive.backend.sessions.renew("w", LEASE).paused_queues == ("mails",)
    drive.backend.queues.resume("mails")
    assert drive.backend.sessions.renew("w", LEASE).paused_queues == ()


# burying --------------------------------------------------------------------------------------------


def test_a_crash_of_the_only_running_job_is_charged_to_it(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    assert drive.crash(got) == 1
    record = drive.get(id)
    assert (record.state, record.crashes, record.attempts) == ("pending", 1, 0)
    assert [a.outcome for a in record.history] == ["crashed"]
    assert drive.complete(got) is Answer.LOST


def test_a_crash_is_not_charged_to_one_of_several_which_run_alone_next(drive: Driver) -> None:
    ids = drive.push_many(2)
    a, b = drive.reserve(2)
    died = Verdict(kind=VerdictKind.CRASH, only=False)
    assert drive.bury((a, died), (b, died)) == 2
    assert [(drive.get(id).crashes, drive.get(id).attempts) for id in ids] == [(0, 0), (0, 0)]
    alone = drive.reserve(5)
    assert [(r.id, r.alone) for r in alone] == [(ids[0], True)]
    assert drive.reserve(5) == []
    drive.complete(alone[0])
    assert [(r.id, r.alone) for r in drive.reserve(5)] == [(ids[1], True)]


def test_a_suspect_is_not_given_to_an_executor_that_holds_another_job(drive: Driver) -> None:
    first, _ = drive.push_many(2)
    a, b = drive.reserve(2)
    drive.bury((a, Verdict(kind=VerdictKind.CRASH, only=False)), (b, Verdict(kind=VerdictKind.INTERRUPTED)))
    busy = drive.push(priority=9)
    drive.take(busy, executor=1)
    assert first not in [r.id for r in drive.reserve(5, executor=1)]
    assert [r.id for r in drive.reserve(5, executor=2)] == [first]


def test_an_executor_that_runs_a_suspect_gets_no_other_job(drive: Driver) -> None:
    suspect = drive.push()
    got = drive.take()
    drive.bury((got, Verdict(kind=VerdictKind.CRASH, only=False)))
    drive.take(suspect)
    other = drive.push(priority=9)
    assert drive.reserve(5) == []
    assert [r.id for r in drive.reserve(5, executor=1)] == [other]


def test_a_suspect_that_ends_well_is_a_suspect_no_more(drive: Driver) -> None:
    suspect = drive.push()
    got = drive.take()
    drive.bury((got, Verdict(kind=VerdictKind.CRASH, only=False)))
    drive.retry(drive.take(suspect))
    drive.push()
    assert [r.alone for r in drive.reserve(5)] == [False, False]


def test_a_suspect_that_was_only_interrupted_is_still_a_suspect(drive: Driver) -> None:
    suspect = drive.push()
    got = drive.take()
    drive.bury((got, Verdict(kind=VerdictKind.CRASH, only=False)))
    drive.settle(drive.take(suspect), Kind.RETURNED, reason="interrupted")
    assert drive.take(suspect).alone is True


def test_at_the_last_allowed_crash_a_job_fails_and_says_why(open_driver) -> None:
    drive = open_driver(max_crashes=3)
    id = drive.push(max_tries=1)
    for _ in range(3):
        assert drive.state(id) == "pending"
        drive.crash(drive.take(id))
    record = drive.get(id)
    assert (record.state, record.crashes) == ("failed", 3)
    assert "died 3 times" in (record.reason or "")
    assert record.error is not None
    assert record.error.type == "JobCrashed"


def test_a_job_may_say_itself_how_often_it_may_crash(drive: Driver) -> None:
    id = drive.push(max_crashes=1)
    drive.crash(drive.take(id))
    assert drive.state(id) == "failed"


def test_what_had_not_begun_goes_back_uncharged_and_in_place(drive: Driver) -> None:
    begun = drive.push()
    drive.clock.advance(1)
    waiting = drive.push()
    drive.clock.advance(1)
    later = drive.push()
    a, _ = drive.reserve(2)
    drive.bury((a, Verdict(kind=VerdictKind.TIMEOUT, delay=60 * SECOND)))
    assert drive.states(begun, waiting) == ["retrying", "pending"]
    assert (drive.get(waiting).attempts, drive.get(waiting).history) == (0, ())
    assert [(r.id, r.alone) for r in drive.reserve(5)] == [(waiting, False), (later, False)]


def test_a_timeout_with_a_delay_is_another_try_that_costs_one(drive: Driver) -> None:
    id = drive.push()
    drive.bury((drive.take(), Verdict(kind=VerdictKind.TIMEOUT, delay=30 * SECOND, runtime=9 * SECOND, reason="ran 9 s of 5 s")))
    record = drive.get(id)
    assert (record.state, record.attempts, record.available_at) == ("retrying", 1, drive.clock() + 30 * SECOND)
    assert record.error is not None
    assert (record.error.type, record.error.message) == ("JobTimeout", "ran 9 s of 5 s")
    assert (record.runtime, record.history[0].outcome) == (9 * SECOND, "retry")


def test_a_timeout_without_a_delay_was_the_last_try(drive: Driver) -> None:
    id = drive.push()
    drive.bury((drive.take(), Verdict(kind=VerdictKind.TIMEOUT, reason="too long")))
    assert (drive.state(id), drive.get(id).reason) == ("failed", "too long")


def test_a_cancelled_run_that_had_to_be_killed_is_cancelled(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.CANCEL, id, reason="no longer wanted")
    drive.bury((got, Verdict(kind=VerdictKind.CANCEL)))
    assert (drive.state(id), drive.get(id).reason) == ("cancelled", "no longer wanted")


def test_neighbours_of_a_killed_job_are_marked_interrupted_and_charged_nothing(drive: Driver) -> None:
    victim, neighbour = drive.push_many(2)
    a, b = drive.reserve(2)
    drive.bury((a, Verdict(kind=VerdictKind.TIMEOUT)), (b, Verdict(kind=VerdictKind.INTERRUPTED)))
    record = drive.get(neighbour)
    assert drive.state(victim) == "failed"
    assert (record.state, record.attempts, record.crashes, [a.outcome for a in record.history]) == ("pending", 0, 0, ["interrupted"])
    assert drive.take(neighbour).alone is False


@pytest.mark.parametrize("kind_of_end", list(VerdictKind))
def test_a_job_asked_to_cancel_does_not_go_back_when_its_worker_is_gone(drive: Driver, kind_of_end: VerdictKind) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.CANCEL, id)
    drive.bury((got, Verdict(kind=kind_of_end, delay=SECOND)))
    assert drive.state(id) == "cancelled"


def test_burying_one_executor_leaves_the_others_alone(drive: Driver) -> None:
    drive.push_many(2)
    a, b = drive.take(executor=0), drive.take(executor=1)
    assert drive.bury(executor=0) == 1
    assert drive.states(a.id, b.id) == ["pending", "processing"]
    assert drive.bury(executor=None) == 1
    assert drive.states(a.id, b.id) == ["pending", "pending"]


def test_burying_twice_moves_nothing_the_second_time(drive: Driver) -> None:
    drive.push()
    got = drive.take()
    assert drive.crash(got) == 1
    assert drive.crash(got) == 0
    assert drive.get(got.id).crashes == 1


# the follow-up --------------------------------------------------------------------------------------


def test_a_kill_that_fails_a_job_with_a_hook_pushes_one_follow_up(drive: Driver) -> None:
    id = drive.push(hook=True, queue="reports")
    drive.bury((drive.take(), Verdict(kind=VerdictKind.TIMEOUT)))
    follow_up = drive.get(derived(id, "failed:0"))
    assert (follow_up.name, follow_up.queue, follow_up.state) == (FOLLOW_UP, "reports", "pending")
    assert json.loads(follow_up.payload or b"") == {"args": {"job_id": id, "round": 0}}


def test_each_round_has_a_follow_up_of_its_own(drive: Driver) -> None:
    id = drive.push(hook=True, max_crashes=1)
    drive.crash(drive.take(id))
    drive.did(Verb.RETRY, id)
    drive.act(Verb.CANCEL, derived(id, "failed:0"))
    drive.crash(drive.take(id))
    assert drive.backend.get(derived(id, "failed:1")) is not None


@pytest.mark.parametrize(("hook", "delay"), [(False, None), (True, SECOND)])
def test_no_follow_up_without_a_hook_or_where_another_try_comes(drive: Driver, hook: bool, delay: int | None) -> None:
    id = drive.push(hook=hook)
    drive.bury((drive.take(), Verdict(kind=VerdictKind.TIMEOUT, delay=delay)))
    assert drive.backend.get(derived(id, "failed:0")) is None


def test_an_ordinary_failure_calls_failed_in_its_worker_and_needs_no_follow_up(drive: Driver) -> None:
    id = drive.push(hook=True)
    drive.fail(drive.take())
    assert drive.backend.get(derived(id, "failed:0")) is None


def test_what_a_killed_job_kept_waiting_is_cancelled_with_it(drive: Driver) -> None:
    parent = drive.push(max_crashes=1)
    child = drive.push(edges=after(parent))
    drive.crash(drive.take(parent))
    assert drive.states(parent, child) == ["failed", "cancelled"]
