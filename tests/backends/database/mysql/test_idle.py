"""A tick that finds nothing to do asks once, and notes once a second that somebody was here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from horizon.backends.database.mysql.driver import MySqlDb
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What went with each way to the server."""
    went: list[bytes] = []
    send = MySqlDb._send

    def counted(db: MySqlDb, make: Callable[[], bytes]) -> None:
        went.append(make())
        send(db, make)

    monkeypatch.setattr("horizon.backends.database.mysql.driver.FRESH", 3600.0)
    monkeypatch.setattr(MySqlDb, "_send", counted)
    return went


def test_an_idle_tick_is_one_way_to_the_server_and_three_once_a_second(drive: Driver, ways: list[bytes]) -> None:
    drive.push_many(3, delay=10**9)
    drive.run(drive.push(), Kind.FAILED)
    while (ticked := drive.backend.tick()).folded or ticked.more:
        pass
    del ways[:]
    assert drive.backend.tick() == ticked
    assert len(ways) == 1
    drive.clock.advance(1)
    assert drive.backend.tick() == ticked
    assert len(ways) <= 1 + 3
    assert drive.backend.tick() == ticked
    assert len(ways) <= 1 + 3 + 1
