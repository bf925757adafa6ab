from __future__ import annotations

import pytest

from tests.stores.lending import kinds


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`kind`: what the site of a module of tests stands on."""
    if "kind" in metafunc.fixturenames:
        slow = [pytest.param(kind, marks=pytest.mark.slow) for kind in ("mariadb", "redis")]
        metafunc.parametrize("kind", (*kinds("sqlite", "postgres"), *([] if kinds() else slow)), scope="module")
