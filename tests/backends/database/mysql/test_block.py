"""Blocks that come again are prepared, as many as a connection may hold."""

from __future__ import annotations

import pytest

from horizon.backends.database.mysql import block
from horizon.backends.database.mysql.block import Blocks, Statement


def push(name: bytes, value: bytes) -> Statement:
    return Statement(b"INSERT INTO a (" + name + b",c) VALUES (%b,'%%');INSERT INTO b VALUES (%b,1)", (value, value))


def test_a_statement_has_its_values_in_its_holes() -> None:
    assert push(b"x", b"7").text() == b"INSERT INTO a (x,c) VALUES (7,'%');INSERT INTO b VALUES (7,1)"


def test_the_first_time_says_nothing_the_second_prepares_and_the_third_runs_what_is_there() -> None:
    blocks = Blocks(able=True)
    assert blocks.written(push(b"x", b"'1'"), b"COMMIT") is None
    assert blocks.written(push(b"x", b"'2'"), b"COMMIT") == (
        b"PREPARE horizon_1 FROM 'BEGIN NOT ATOMIC INSERT INTO a (x,c) VALUES (?,\\'%\\');INSERT INTO b VALUES (?,1);COMMIT; END';"
        b"EXECUTE horizon_1 USING '2','2'"
    )
    assert blocks.written(push(b"x", b"'3'"), b"COMMIT") == b"EXECUTE horizon_1 USING '3','3'"


def test_a_server_without_blocks_is_asked_for_none() -> None:
    blocks = Blocks(able=False)
    assert [blocks.written(push(b"x", b"1"), b"COMMIT") for _ in range(3)] == [None] * 3


def test_no_more_are_prepared_than_a_connection_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "MOST", 2)
    monkeypatch.setattr(block, "SEEN", 3)
    blocks = Blocks(able=True)
    names = [b"a", b"b", b"c", b"d"]
    for name in names:
        assert blocks.written(push(name, b"1"), b"COMMIT") is None
    assert [blocks.written(push(name, b"1"), b"COMMIT") is None for name in names] == [False, False, True, True]


def test_after_one_that_did_not_run_none_is_prepared() -> None:
    blocks = Blocks(able=True)
    for _ in range(2):
        blocks.written(push(b"x", b"1"), b"COMMIT")
    blocks.give_up()
    assert [blocks.written(push(b"x", b"1"), b"COMMIT") for _ in range(2)] == [None, None]
