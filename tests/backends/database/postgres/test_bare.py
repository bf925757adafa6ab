from __future__ import annotations

import subprocess
import sys

from horizon.backends.database import bare
from horizon.backends.values import SessionInfo, Verdict, VerdictKind, Want
from horizon.core.clock import SECOND
from tests.conformance.driver import Driver

LOADED = """
import sys
from horizon.backends.database import bare
store = bare.connect({"url": sys.argv[1]})
store.sessions.list()
print(*sorted({name.split('.')[0] for name in sys.modules}))
"""


def test_a_guardian_loads_the_driver_and_nothing_more(url: str) -> None:
    told = subprocess.run([sys.executable, "-c", LOADED, url], capture_output=True, text=True, check=True, timeout=60).stdout.split()
    allowed = {
        *sys.stdlib_module_names,
        "horizon",
        "__main__",
        "__mp_main__",
        "psycopg",
        "psycopg_binary",
        "psycopg_c",
        "cython_runtime",
        "typing_extensions",
    }
    assert [name for name in told if name not in allowed and not name.startswith(("_", "sitecustomize", "usercustomize"))] == []


def test_it_sees_and_settles_what_its_executors_held(drive: Driver, url: str) -> None:
    first, second = drive.push_many(2)
    got = drive.reserve(2)
    store = bare.connect({"url": url, "lease": 15.0, "max_crashes": 3, "connection": "default"})
    assert {(id, token) for id, _, token in store.sessions.held("w")} == {(one.id, one.token) for one in got}
    assert store.sessions.bury("w", 0, {got[0].token: Verdict(kind=VerdictKind.TIMEOUT, reason="too long")}) == 2
    assert drive.states(first, second) == ["failed", "pending"]
    store.sessions.open(SessionInfo(id="g", kind="worker", host="h", pid=1), 15 * SECOND)
    assert store.sessions.renew("g", 15 * SECOND).alive
    assert len(store.turn([], Want(session="g", executor=0, count=2)).reservations) == 1
    store.sessions.close("g")
    store.close()
    assert drive.counts() == {"failed": 1, "pending": 1}
