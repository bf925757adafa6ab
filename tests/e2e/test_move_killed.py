"""`horizon move`, killed in the middle by KILL and begun again: every job is carried once, from any kind of store to any other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from horizon.core import current
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.runtime import Runtime
from tests.e2e import worker_app
from tests.e2e.worker_site import ROOT
from tests.jobs.hands import Hands, runtime
from tests.stores.lending import fresh_of

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
WAYS = (("default", "postgres", 3), ("postgres", "redis", 6), ("redis", "default", 8))
"""From where to where, and the step at which it dies."""
COUNT = 120
"""More than one step carries."""


class Moved:
    """An app on a SQLite, a PostgreSQL and a Redis."""

    def __init__(self, effects: str) -> None:
        self.addresses = {"default": fresh_of("sqlite"), "postgres": fresh_of("postgres"), "redis": fresh_of("redis")}
        self.here: Runtime = runtime(self.addresses["default"], CONNECTIONS={**self.addresses})
        self.effects = effects

    def move(self, source: str, to: str, dies_at: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "horizon.cli.main", "--app", "tests.e2e.move_app:create_app", "move", "--from", source, "--to", to]
        named = {"HORIZON_URL": self.addresses["default"], "HORIZON_CONNECTIONS": json.dumps(self.addresses), "EFFECTS": self.effects}
        environ = {**os.environ, **named, "DIES_AT": str(dies_at)}
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120)

    def live(self, name: str) -> set[str]:
        found, cursor = set(), None
        while True:
            page = self.here.backend(name).find(JobQuery(states=(JobState.PENDING, JobState.RETRYING), limit=200, cursor=cursor))
            found |= {record.id for record in page.items}
            cursor = page.next
            if cursor is None:
                return found


@pytest.fixture
def moved(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Moved]:
    monkeypatch.setenv("EFFECTS", str(tmp_path / "effects"))
    made = Moved(str(tmp_path / "effects"))
    yield made
    made.here.close()


def test_from_sqlite_to_postgresql_to_redis_and_back_each_job_is_carried_once(moved: Moved) -> None:
    with current.use(moved.here):
        ids = {str(id) for id in worker_app.effect.dispatch_many([(n,) for n in range(COUNT)])}
    for source, to, dies_at in WAYS:
        assert moved.move(source, to, dies_at).returncode == -signal.SIGKILL
        assert moved.live(source) | moved.live(to) == ids, "nothing is lost"
        done = moved.move(source, to)
        assert done.returncode == 0, done.stderr
        assert (moved.live(source), moved.live(to)) == (set(), ids)
        assert dict(moved.here.backend(source).numbers.recount()) == {}
    hands = Hands(moved.here)
    assert len([outcome for _ in range(COUNT // 20) for outcome in hands.run()]) == COUNT
    assert {moved.here.everywhere().get(id).state for id in ids} == {JobState.COMPLETED}
    assert [moved.here.backend(name).remaining() for name in moved.addresses] == [0, 0, 0]
