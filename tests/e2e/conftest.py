from __future__ import annotations

import contextlib
import signal

import pytest

from tests.stores.lending import kinds

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell has started us in the background: workers would ignore it, too
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`kind`: what the site of a module of tests stands on."""
    if "kind" in metafunc.fixturenames:
        slow = [pytest.param(kind, marks=pytest.mark.slow) for kind in ("mariadb", "redis")]
        metafunc.parametrize("kind", (*kinds("sqlite", "postgres"), *([] if kinds() else slow)), scope="module")
