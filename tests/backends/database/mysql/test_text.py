"""The texts of the wing in the words of MySQL and MariaDB, and values as they stand in them."""

from __future__ import annotations

import pytest

from horizon.backends.database.db import insert
from horizon.backends.database.kernel.record import INSERT_LIVE_WHOLE
from horizon.backends.database.mysql.link import Facts
from horizon.backends.database.mysql.text import inserted, translated
from horizon.backends.database.mysql.values import batches, literal
from horizon.backends.database.mysql.writing import Writer
from horizon.core.outcome import Kind
from horizon.core.states import JobState


def spelt(sql: str) -> str:
    return translated(sql).template.decode()


def test_hints_for_the_planner_keep_their_meaning() -> None:
    assert spelt("FROM a INDEXED BY i CROSS JOIN b NOT INDEXED") == "FROM a FORCE INDEX (i) STRAIGHT_JOIN b FORCE INDEX (PRIMARY)"


def test_locks_are_taken_where_the_marks_stand() -> None:
    assert spelt("SELECT 1 /*hold n*/") == "SELECT 1 ORDER BY n FOR UPDATE"
    assert spelt("SELECT 1 /*skip d*/") == "SELECT 1 FOR UPDATE SKIP LOCKED"
    assert spelt("SELECT 1 /*share l*/") == "SELECT 1 ORDER BY l.n LOCK IN SHARE MODE"


def test_columns_of_ours_that_are_words_of_theirs_are_quoted() -> None:
    assert spelt("SELECT l.rank, lines, ranking") == "SELECT l.`rank`, `lines`, ranking"
    into = inserted(INSERT_LIVE_WHOLE)
    assert into is not None
    assert b"`rank`" in into.columns


def test_columns_in_which_nothing_stands_are_not_sent() -> None:
    writer = Writer(Facts(mariadb=True, packet=1 << 20, step=1, flush=1))
    sql = insert("t", "a b rank c")
    assert writer.many(sql, [(1, None, 2, None)]) == [b"INSERT INTO t (a,`rank`) VALUES (1,2)"]
    assert writer.many(sql, [(1, None, None, None), (2, "x", None, None)]) == [b"INSERT INTO t (a,b) VALUES (1,NULL),(2,'x')"]
    shared = "INSERT INTO t (a, b, rank, c) WITH v(a, b) AS (VALUES {rows}) SELECT a, b, ?, ? FROM v WHERE a IS NOT NULL"
    assert writer.pour(shared, [(1, "x"), (2, None)], (None, 7)) == [b"INSERT INTO t (a,b,c) VALUES (1,'x',7),(2,NULL,7)"]


def test_a_pair_is_compared_in_a_way_that_uses_an_index_with_each_value_in_its_place() -> None:
    text = translated("WHERE s = ? AND (d.at, d.n) < (?, ?) AND (a, b) >= (?, ?) LIMIT ?")
    assert text.template == (b"WHERE s = %b AND d.at <= %b AND (d.at < %b OR d.n < %b) AND a >= %b AND (a > %b OR b >= %b) LIMIT %b")
    assert text.order == (0, 1, 1, 2, 3, 3, 4, 5)


def test_values_are_written_so_that_nothing_in_them_ends_the_quotes() -> None:
    assert literal("it's a \\ and \x00") == b"'it\\'s a \\\\ and \\0'"
    assert literal(b"'\xff") == b"_binary'\\'\xff'"
    assert (literal(None), literal(-7), literal(True), literal(Kind.RETRY)) == (b"NULL", b"-7", b"1", str(int(Kind.RETRY)).encode())
    assert literal(JobState.PENDING) == b"'pending'"


@pytest.mark.parametrize("value", [1.5, object(), ["a"], "\ud800"])
def test_what_no_column_holds_is_refused(value: object) -> None:
    with pytest.raises((TypeError, UnicodeError)):
        literal(value)


def test_pieces_are_joined_up_to_a_size_and_a_larger_one_goes_alone() -> None:
    assert list(batches([b"aa", b"bb", b"cccccccc", b"d"], 6)) == [b"aa,bb", b"cccccccc", b"d"]
