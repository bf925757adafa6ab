from __future__ import annotations

import pytest

from tests.stores.lending import kinds


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`kind`: what the site of a module of tests stands on."""
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", kinds("sqlite", "postgres"), scope="module")
