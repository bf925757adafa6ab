"""What is read quickly is what PyMySQL reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from horizon.backends.database.mysql.link import faults, open_connection
from horizon.backends.database.mysql.place import locate
from horizon.backends.database.mysql.reading import row_of
from horizon.backends.database.mysql.wire import Wire

pymysql = pytest.importorskip("pymysql")
VALUES = (
    "SELECT NULL, '', 'ü€😀', 0, -5, 9223372036854775807, 1.5e0, sum(3), _binary'\\0\\xff', "
    "repeat('a', 250), repeat('a', 251), repeat('ä', 40000), repeat('a', 17000000), 1 = 1 FROM (SELECT 1) one"
)
SETTING = "SET GLOBAL max_allowed_packet = 67108864"


def test_values_of_every_kind_and_length_are_as_the_driver_reads_them(server: Any, url: str) -> None:
    server.ask(SETTING)
    place = locate(url, {})
    ours, _ = open_connection(place)
    plain = pymysql.connect(
        host=place.host, port=place.port, user=place.user, password=place.password, database=place.database, charset="utf8mb4"
    )
    rows = []
    for connection in (ours, plain):
        cursor = connection.cursor()
        cursor.execute(VALUES)
        rows.append(cursor.fetchall())
        connection.close()
    read, expected = list(rows[0][0]), list(rows[1][0])
    assert (read[7], expected[7]) == (3, Decimal(3)), "sums are whole numbers here"
    assert read[:7] + read[8:] == expected[:7] + expected[8:]
    assert type(ours) is not type(plain)


def test_columns_that_are_left_out_are_none_of_the_row() -> None:
    assert row_of(b"\x01a", [("ascii", None), ("ascii", None)]) == ("a",)


def test_answers_without_rows_are_read_past_up_to_the_last_and_an_error_among_them_is_raised(server: Any, url: str) -> None:
    connection, _ = open_connection(locate(url, {}))
    cursor = connection.cursor()
    wire = Wire(connection, cursor)
    first = wire.made_by([b"INSERT INTO horizon_number (n) VALUES (70000);INSERT INTO horizon_number (n) VALUES (NULL);COMMIT"])
    assert (first, wire.made_by([b"INSERT INTO horizon_number (n) VALUES (NULL)", b"COMMIT"])) == (70_000, 70_002)
    with pytest.raises(faults(locate(url, {})), match="horizon_none"):
        wire.made_by([b"INSERT INTO horizon_number (n) VALUES (NULL);DELETE FROM horizon_none;COMMIT"])
    connection.rollback()
    cursor.execute("SELECT count(*) FROM horizon_number; SELECT 5")
    assert (cursor.fetchall(), cursor.nextset(), cursor.fetchall()) == (((3,),), True, ((5,),))
    connection.close()
