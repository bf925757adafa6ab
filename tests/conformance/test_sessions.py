from __future__ import annotations

from horizon.backends.values import SessionInfo, SessionRecord, SessionReport, Verb
from horizon.core.clock import SECOND
from horizon.core.outcome import Answer
from horizon.monitor.workers import lost
from tests.conformance.driver import LEASE, Driver, audit

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
    report = SessionReport(
        state="draining", memory_kb=512, executors=({"pid": 11, "jobs": 2, "memory": [1, 2]},), problems=("cannot import shop.jobs",),
        limits={"reserve": [75, 50], "max_jobs": 500},
    )  # fmt: skip
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


# how a session ended --------------------------------------------------------------------------------


def test_a_session_that_said_goodbye_shows_when_and_is_not_lost(drive: Driver) -> None:
    drive.open("x")
    drive.clock.advance(5)
    drive.backend.sessions.close("x")
    record = ended(drive, "x")
    assert (record.alive, record.ended_at) == (False, drive.clock())
    assert not lost(record)


def test_a_session_whose_lease_ran_out_is_lost_before_and_after_it_is_given_up(drive: Driver) -> None:
    drive.open("x")
    drive.open("other")
    drive.clock.advance(10)
    drive.backend.sessions.renew("other", LEASE)
    drive.clock.advance(6)
    record = ended(drive, "x")
    assert (record.alive, record.ended_at) == (False, None)
    assert lost(record)
    drive.pass_time(3, "other")
    record = ended(drive, "x")
    assert record.ended_at is not None
    assert lost(record)


def test_a_living_session_is_not_lost(drive: Driver) -> None:
    drive.open("x")
    assert not lost(ended(drive, "x"))


def ended(drive: Driver, id: str) -> SessionRecord:
    return next(record for record in drive.backend.sessions.list(dead_since=0) if record.info.id == id)
