from __future__ import annotations

import psycopg
import pytest

from horizon.backends.connect import check, connect
from horizon.backends.database.db import Busy, Refused, Taken
from horizon.backends.database.postgres.faults import translate
from horizon.backends.database.postgres.place import locate
from horizon.backends.database.postgres.values import array
from horizon.core.errors import BackendUnavailable, ConfigurationError, SchemaMismatch, StoreFull


def test_an_address_is_shown_without_its_secrets() -> None:
    place = locate("postgresql+psycopg2://ana:hush@db:5433/shop?sslmode=require&password=hush2", {})
    assert place.location == "postgresql://ana@db:5433/shop?sslmode=require"
    assert "hush" not in repr(place)
    assert locate("postgres:///shop?host=/run/pg", {}).location == "postgresql:///shop?host=/run/pg"


@pytest.mark.parametrize("url", ["postgresql://h:port/x", "postgresql://[half/x"])
def test_a_mistake_in_an_address_is_told_before_anything_is_opened(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"postgresql://|sqlite://"):
        check(url)


def test_a_server_that_is_not_there_is_told_with_its_address() -> None:
    store = connect("postgresql://ana:hush@127.0.0.1:1/shop?connect_timeout=2")
    with pytest.raises(BackendUnavailable, match=r"127\.0\.0\.1:1/shop") as caught:
        store.ready()
    assert "hush" not in str(caught.value)


def with_code(code: str, kind: type[psycopg.Error] = psycopg.Error) -> psycopg.Error:
    error = kind("what the server says\nand more")
    error.sqlstate = code  # type: ignore[misc]
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (with_code("40001"), Busy), (with_code("40P01"), Busy), (with_code("55P03"), Busy), (with_code("23505"), Taken),
        (with_code("22003"), Refused), (with_code("23502"), Refused), (with_code("54000"), Refused), (psycopg.ProgrammingError("cannot adapt"), Refused),
        (UnicodeEncodeError("utf-8", "x", 0, 1, "lone surrogate"), Refused), (with_code("53100"), StoreFull), (with_code("42P01"), SchemaMismatch),
        (with_code("42703"), SchemaMismatch), (with_code("57P01"), BackendUnavailable), (with_code("25006"), BackendUnavailable),
        (psycopg.OperationalError("server closed the connection"), BackendUnavailable),
    ],
)  # fmt: skip
def test_errors_are_told_apart_by_what_can_be_done_about_them(error: Exception, kind: type[Exception]) -> None:
    assert type(translate(error, "here")) is kind


def test_values_stand_in_an_array_as_they_are() -> None:
    assert array([1, None, -(2**62), True]) == "{1,NULL,-4611686018427387904,1}"
    assert array(['a"b\\c,{}', "NULL", "x\x00y"]) == '{"a\\"b\\\\c,{}","NULL","x\u2400y"}'
    assert array([b"\x00\xff"]) == '{"\\\\x00ff"}'
    with pytest.raises(TypeError, match="object"):
        array([object()])
