"""What an address of MySQL or MariaDB says, and what is refused before anything is opened."""

from __future__ import annotations

from pathlib import Path
from ssl import SSLContext

import pytest
from sqlalchemy import make_url

from horizon.backends.database.host import identity
from horizon.backends.database.mysql.place import locate
from horizon.backends.database.mysql.tls import secured
from horizon.core.errors import ConfigurationError


def test_an_address_names_driver_server_user_and_database() -> None:
    place = locate("mysql+pymysql://ana:p%40ss@db.internal:3307/shop?charset=utf8mb4", {"busy_timeout": 3})
    assert (place.driver, place.host, place.port, place.user, place.password) == ("pymysql", "db.internal", 3307, "ana", "p@ss")
    assert (place.database, place.busy_timeout) == ("shop", 3.0)


def test_a_short_address_means_this_machine_and_the_usual_port() -> None:
    place = locate("mariadb:///shop", {})
    assert (place.driver, place.host, place.port) == ("pymysql", "127.0.0.1", 3306)
    assert locate("mysql+mysqldb://h/shop", {}).driver == "mysqldb"


def test_nobody_is_shown_the_password() -> None:
    place = locate("mysql://ana:geheim@h/shop?ssl_key=/secret", {})
    assert place.location == "mysql://ana@h/shop"
    assert "geheim" not in repr(place)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://h", "without the name of a database"), ("mysql://h:x/shop", "a mistake"), ("mysql+aiomysql://h/shop", "mysqlclient"),
        ("mysql://h/shop?colour=red", "got colour"), ("mysql://h/shop?charset=latin1", "utf8mb4"),
        ("mysql://h/shop?connect_timeout=soon", "whole seconds"),
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_refused_with_what_is_expected(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        locate(url, {})


def test_files_for_tls_reach_each_driver_in_its_own_words(tmp_path: Path) -> None:
    (known := tmp_path / "ca.pem").touch()
    assert secured(locate("mysql://h/shop", {})) == {}
    assert isinstance(secured(locate("mysql://h/shop?ssl_verify_identity=true", {}))["ssl"], SSLContext)
    assert secured(locate(f"mysql+mysqldb://h/shop?ssl_ca={known}", {})) == {"ssl": {"ca": str(known)}, "ssl_mode": "VERIFY_IDENTITY"}


@pytest.mark.parametrize("timeout", [0, -1, "2", True])
def test_patience_is_a_number_of_seconds(timeout: object) -> None:
    with pytest.raises(ConfigurationError, match="busy_timeout"):
        locate("mysql://h/shop", {"busy_timeout": timeout})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("mysql://a@localhost/x", "mariadb+pymysql://b:c@127.0.0.1:3306/x", True),
        ("mysql+mysqldb://u@/x?unix_socket=/run/m", "mysql+pymysql://u@localhost/x?unix_socket=/run/m", True),
        ("mysql:///x?unix_socket=/run/m", "mysql://localhost/x", False),
        ("mysql://db/x", "mysql://db/y", False),
        ("mysql://db:3307/x", "mysql://db/x", False),
    ],
)
def test_addresses_of_one_database_are_known_as_such(one: str, other: str, same: bool) -> None:
    assert (identity(make_url(one)) == identity(make_url(other))) is same
