from __future__ import annotations

import pytest

from horizon.backends.values import SessionInfo, SessionReport
from horizon.control.processes import COMMANDS, ProcessControl
from horizon.core.clock import SECOND, iso
from horizon.core.errors import InvalidOption, NotFound, PermissionDenied, UnknownAction
from horizon.core.scaling import BACK, Scale, heard
from tests.shop import ANA, OTTO, Shop


@pytest.fixture
def control(shop: Shop) -> ProcessControl:
    return ProcessControl(shop)


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_command_to_one_worker_is_handed_out_with_its_next_renewal(shop, control, verb):
    shop.worker("w1")
    shop.worker("w2")
    assert control.command(ANA, verb, session="w1") == 1
    assert shop.backend().sessions.renew("w1", SECOND).commands == (verb,)
    assert shop.backend().sessions.renew("w2", SECOND).commands == ()
    entry = shop.backend().audit.list()[0]
    assert (entry.verb, entry.target) == (verb, "session:w1")


def test_a_command_to_all_reaches_every_living_worker(shop, control):
    shop.worker("w1")
    shop.worker("w2")
    assert control.command(ANA, "pause") == 2


def test_a_worker_that_is_gone_is_refused_by_name(shop, control):
    with pytest.raises(NotFound, match="nobody"):
        control.command(ANA, "stop", session="nobody")


def test_an_unknown_command_lists_those_there_are(control):
    with pytest.raises(UnknownAction, match="pause, resume, restart, stop"):
        control.command(ANA, "explode")


def test_only_an_admin_commands_workers(shop, control):
    shop.worker()
    with pytest.raises(PermissionDenied, match="admin"):
        control.command(OTTO, "stop")


def test_every_command_says_what_the_worker_then_does():
    assert list(COMMANDS) == ["pause", "resume", "restart", "stop"]
    assert all(COMMANDS.values())


def test_workers_of_every_connection_are_meant_unless_one_is_named(shop, control):
    shop.worker("w1")
    shop.backend("archive").sessions.open(SessionInfo(id="x1", kind="worker", host="here", pid=1), 3600 * SECOND)
    assert control.command(ANA, "pause") == 2
    assert control.command(ANA, "resume", connection="archive") == 1
    assert control.command(ANA, "restart", session="x1") == 1
    assert shop.backend("archive").sessions.renew("x1", SECOND).commands == ("pause", "resume", "restart")


def test_nobody_to_ask_leaves_no_entry(shop, control):
    assert control.command(ANA, "pause") == 0
    assert shop.backend().audit.list() == []


def scalable(shop, most=4, **limits):
    shop.worker("w1", processes=2)
    shop.backend().sessions.renew("w1", SECOND * 60, SessionReport(limits={"max_processes": most, **limits}))


def test_a_worker_is_asked_for_so_many_processes_until_a_time_and_the_log_says_from_what_to_what(shop, control, clock):
    scalable(shop)
    until = clock() + 3600 * SECOND
    assert control.scale(ANA, "w1", 3, until=until) == Scale(to=3, by="ana", until=until)
    (word,) = shop.backend().sessions.renew("w1", SECOND * 60).commands
    assert heard(word) == Scale(to=3, by="ana", until=until)
    entry = shop.backend().audit.list()[0]
    assert (entry.verb, entry.target, entry.changes) == ("scale", "session:w1", (("processes", "2", "3"), ("until", None, iso(until))))


def test_it_goes_back_to_what_it_was_started_with(shop, control):
    scalable(shop, scaled={"to": 4, "by": "ana", "until": None})
    assert control.scale(ANA, "w1", None) is None
    assert shop.backend().sessions.renew("w1", SECOND * 60).commands == (BACK,)
    assert shop.backend().audit.list()[0].changes == (("processes", "4", "2"),)


@pytest.mark.parametrize("to", [0, -1, 5, True])
def test_beyond_its_bounds_it_is_refused_with_them(shop, control, to):
    scalable(shop)
    with pytest.raises(InvalidOption, match="1 to 4 processes"):
        control.scale(ANA, "w1", to)
    assert shop.backend().audit.list() == []


def test_who_is_no_admin_and_a_worker_that_cannot_are_refused(shop, control, clock):
    shop.worker("old")
    with pytest.raises(InvalidOption, match="cannot be scaled"):
        control.scale(ANA, "old", 2)
    scalable(shop)
    with pytest.raises(PermissionDenied):
        control.scale(OTTO, "w1", 2)
    with pytest.raises(NotFound):
        control.scale(ANA, "nobody", 2)
    with pytest.raises(InvalidOption, match="30 days"):
        control.scale(ANA, "w1", 2, until=clock() + 40 * 86_400 * SECOND)
