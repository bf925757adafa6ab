from __future__ import annotations

import pytest

from horizon.backends.connect import SCHEMES, check, connect, scheme_of
from horizon.core.errors import ConfigurationError


@pytest.mark.parametrize("url", ["oracle://localhost", "nonsense", "", "http://x"])
def test_an_address_that_no_backend_understands_is_refused_with_those_that_are(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sqlite://"):
        connect(url)


def test_the_scheme_of_an_address_is_told_without_its_driver() -> None:
    assert scheme_of("postgresql+psycopg://user@host/db") == "postgresql"
    assert scheme_of("memory://") == "memory"


def test_an_address_becomes_a_backend_of_its_kind() -> None:
    assert connect("memory://").kind == "memory"


def test_finding_a_backend_imports_nothing_until_one_is_asked_for() -> None:
    assert all(isinstance(part, str) for row in SCHEMES.values() for part in row)


@pytest.mark.parametrize("url", ["nonsense", "", "http://x", "http://[half", "sqlite://", "sqlite://host/x.db", "sqlite:///:memory:"])
def test_an_address_can_be_looked_at_without_opening_anything(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sqlite://"):
        check(url)


def test_a_proper_address_passes_and_nothing_is_made(tmp_path) -> None:
    check(f"sqlite:///{tmp_path}/jobs.db")
    check("memory://")
    assert list(tmp_path.iterdir()) == []
