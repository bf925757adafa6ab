from __future__ import annotations

import pytest

from horizon.backends.values import SessionInfo
from horizon.control.processes import COMMANDS, ProcessControl
from horizon.core.clock import SECOND
from horizon.core.errors import NotFound, PermissionDenied, UnknownAction
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
