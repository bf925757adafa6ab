from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from horizon.backends.database import bare
from horizon.backends.values import SessionInfo, Verdict, VerdictKind, Want
from horizon.core.clock import SECOND
from horizon.core.query import JobQuery
from tests.backends.database.conftest import Opener
from tests.conformance.driver import Driver

LOADED = "import horizon.backends.database.bare, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"


def test_it_loads_nothing_beyond_the_standard_library() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=60).stdout.split()
    allowed = set(sys.stdlib_module_names) | {"horizon", "__main__", "__mp_main__"}
    assert [name for name in told if name not in allowed and not name.startswith(("_", "sitecustomize", "usercustomize"))] == []


def test_the_guardian_sees_and_settles_what_its_executors_held(drive: Driver, file: Path) -> None:
    first, second = drive.push_many(2)
    got = drive.reserve(2)
    store = bare.connect({"url": f"sqlite:///{file}", "lease": 15.0, "max_crashes": 3, "connection": "default", "synchronous": "FULL"})
    assert {(id, token) for id, _, token in store.sessions.held("w")} == {(one.id, one.token) for one in got}
    assert store.sessions.bury("w", 0, {got[0].token: Verdict(kind=VerdictKind.TIMEOUT, reason="too long")}) == 2
    store.close()
    assert drive.states(first, second) == ["failed", "pending"]
    assert drive.get(first).error is not None


def test_a_killed_run_of_a_class_with_a_hook_leaves_its_follow_up(drive: Driver, file: Path) -> None:
    id = drive.push(hook=True)
    got = drive.take(id)
    store = bare.connect({"url": f"sqlite:///{file}"})
    store.sessions.bury("w", None, {got.token: Verdict(kind=VerdictKind.TIMEOUT)})
    store.close()
    (follow_up,) = [record for record in drive.backend.find(JobQuery()).items if record.id != id]
    assert (follow_up.name, follow_up.state) == ("horizon.jobs.followup:CallFailed", "pending")


def test_a_turn_of_the_guardian_keeps_what_the_settings_keep(file: Path, opened: Opener) -> None:
    keep = {"completed": 10.0, "completed_jobs": 7, "failed": 20.0, "cancelled": 30.0, "audit": 40.0, "undo": 60.0, "sessions": 50.0}
    store = bare.connect({"url": f"sqlite:///{file}", "retention": keep, "log_lines": 5})
    kept = store._store.retention
    assert (kept.completed, kept.completed_jobs, kept.undo, store._store.log_lines) == (10 * SECOND, 7, 60 * SECOND, 5)


def test_a_guardian_opens_renews_and_hands_back_by_itself(drive: Driver, file: Path) -> None:
    drive.push_many(3)
    store = bare.connect({"url": f"sqlite:///{file}"})
    store.sessions.open(SessionInfo(id="g", kind="worker", host="h", pid=1), 15 * SECOND)
    assert store.sessions.renew("g", 15 * SECOND).alive
    turned = store.turn([], Want(session="g", executor=0, count=2))
    assert len(turned.reservations) == 2
    store.sessions.close("g")
    store.close()
    assert drive.counts() == {"pending": 3}
