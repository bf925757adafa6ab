from __future__ import annotations

import ssl

import pytest

from horizon.backends.database.mysql import link
from horizon.backends.database.mysql.place import locate


def test_the_certificates_of_the_machine_are_not_read_anew_for_each_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    link._connector.cache_clear()
    made, honest = [], ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda **how: made.append(how) or honest(**how))
    for _ in range(3):
        connection, _ = link.open_connection(locate(url, {}))
        connection.close()
    assert len(made) <= 1  # none with a driver that offers no TLS by itself
