from __future__ import annotations

import pytest

from horizon.backends.redis.address import locate
from horizon.core.errors import ConfigurationError


def test_an_address_says_where_and_how() -> None:
    found = locate("rediss://ana:p%40ss@redis.internal:7000/3?prefix=shop&timeout=2&ca=/ca.pem&verify=no", {})
    assert (found.hosts, found.database, found.user, found.password) == ((("redis.internal", 7000),), 3, "ana", "p@ss")
    assert (found.tls, found.prefix, found.timeout, found.ca, found.verify) == (True, "shop", 2.0, "/ca.pem", False)


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("redis://", "redis://localhost:6379/0"),
        ("redis://:secret@h", "redis://h:6379/0"),
        ("redis://[::1]:7/2?prefix=shop", "redis://[::1]:7/2?prefix=shop"),
        ("redis+socket:///run/redis.sock", "redis+socket:///run/redis.sock/0"),
        ("redis+sentinel://user:secret@a,b:1/main/2", "redis+sentinel://a:26379,b:1/main/2"),
    ],
)
def test_people_are_shown_an_address_without_secrets(url: str, location: str) -> None:
    assert locate(url, {}).location == location


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://h/x", "number of the database"),
        ("redis://h/0/1", "number of the database"),
        ("redis://h?colour=red", "colour"),
        ("redis://h?prefix=a{b", "prefix"),
        ("redis://h?timeout=0", "timeout"),
        ("redis://a,b", "sentinel"),
        ("redis+sentinel://a", "name of the service"),
        ("redis+socket://", "path"),
        ("redis+quic://h", "quic"),
        ("redis://h:port", "host and port"),
    ],
)
def test_what_is_no_address_is_refused_with_what_is_wrong_and_without_its_password(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        locate(url.replace("://", "://:secret@", 1), {})
    assert "secret" not in str(caught.value)
