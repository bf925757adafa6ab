from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from horizon.core.errors import BackendUnavailable
from horizon.worker import guardian, resources, screen
from horizon.worker.guardian import Guardian
from horizon.worker.options import parse
from horizon.worker.page import Command
from horizon.worker.plan import plan
from horizon.worker.told import Told
from tests.worker.test_options import VALUES

ROOT = Path(__file__).resolve().parents[2]


def test_a_guardian_loads_nobodys_code_and_none_of_the_heavy_packages():
    code = (
        "import sys, horizon.worker.guardian, horizon.backends.database.bare;"
        "heavy = {'flask', 'click', 'werkzeug', 'jinja2', 'sqlalchemy', 'alembic', 'apscheduler', 'asyncio', 'blinker'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("wanted", "baseline", "limit"), [(0, 50_000, None), (200, 50_000, 204_800), (60, 80_000, 100_000), (100, None, 102_400)]
)
def test_an_executor_is_not_replaced_for_what_the_app_alone_needs(wanted, baseline, limit):
    assert resources.limit_kb(wanted, baseline) == limit


def test_the_size_of_a_process_is_known_and_of_one_that_is_gone_it_is_not():
    assert resources.rss_kb() > 1000
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    assert resources.rss_kb(process.pid) is None


def test_what_is_said_on_screen_cannot_paint_it():
    assert screen.clean("a\x1b[31mb\nc") == "a\N{REPLACEMENT CHARACTER}[31mb\N{REPLACEMENT CHARACTER}c"


def test_numbers_are_said_in_words():
    assert [screen.counted(1, "slot"), screen.counted(2, "slot"), screen.counted(2, "process")] == ["1 slot", "2 slots", "2 processes"]
    assert [screen.took(12), screen.took(1_500), screen.took(2_500_000)] == ["12 µs", "1.5 ms", "2.5 s"]


class Busy:
    """A ledger whose store is busy at first."""

    def __init__(self, times):
        self.times, self.asked = times, 0

    def open(self):
        self.asked += 1
        if self.asked <= self.times:
            raise BackendUnavailable("the store was busy")


class Ears:
    """Signals that come one after the other, each with a look."""

    def __init__(self, *numbers):
        self.numbers = list(numbers)

    def fileno(self):
        return 0

    def read(self):
        return [self.numbers.pop(0)] if self.numbers else []


@pytest.fixture
def at_once(monkeypatch):
    """Nobody waits: each pause is as long as it says on a clock that stands still otherwise."""
    now = [0.0]
    monkeypatch.setattr(guardian.clock, "monotonic", lambda: now[0])
    monkeypatch.setattr(guardian.select, "select", lambda r, w, x, seconds: now.__setitem__(0, now[0] + seconds) or ((), (), ()))


def opening(ledger, *signals):
    Guardian(plan(parse([]), Told(values=VALUES, location="here", warnings=(), problems=())), ledger, Ears(*signals))._open()


@pytest.mark.usefixtures("at_once")
def test_a_store_that_is_busy_at_the_start_is_asked_again_for_a_while():
    ledger = Busy(3)
    opening(ledger)
    assert ledger.asked == 4
    with pytest.raises(BackendUnavailable, match="was busy"):
        opening(ledger := Busy(1_000))
    assert 10 < ledger.asked < 100


@pytest.mark.usefixtures("at_once")
def test_a_worker_that_is_stopped_before_its_store_answers_does_not_wait_for_it():
    with pytest.raises(BackendUnavailable):
        opening(ledger := Busy(1_000), signal.SIGCONT, signal.SIGTERM)
    assert ledger.asked == 2


class StillWarden:
    """Nothing happens, but what the test says."""

    def __init__(self):
        self.command, self.ready_now, self.all_done, self.orders = Command.RUN, False, False, []

    def ready(self):
        return self.ready_now

    def enough(self):
        return self.all_done

    def order(self, command):
        self.command = command
        self.orders.append(command)


def guardian_with(monkeypatch, *flags):
    told = Told(values=VALUES, location="here", warnings=(), problems=())
    monkeypatch.setattr(guardian, "Warden", lambda plan, ledger: StillWarden())
    return Guardian(plan(parse(flags), told), None, None)


def test_its_time_counts_from_the_first_executor_that_is_ready(monkeypatch, capsys):
    made, now = guardian_with(monkeypatch, "--max-time", "60"), 1000.0
    monkeypatch.setattr(guardian.clock, "monotonic", lambda: now)
    made._mind_limits()
    now += 500
    made._mind_limits()
    made.warden.ready_now = True
    made._mind_limits()
    now += 59
    made._mind_limits()
    assert made.warden.orders == []
    now += 2
    made._mind_limits()
    made._mind_limits()
    assert made.warden.orders == [Command.DRAIN]
    assert "stopping after 60 s" in capsys.readouterr().err


def test_it_goes_home_when_all_its_jobs_have_run(monkeypatch):
    made = guardian_with(monkeypatch, "--max-jobs", "5")
    made._mind_limits()
    made.warden.all_done = True
    made._mind_limits()
    assert made.warden.orders == [Command.DRAIN]


def test_without_a_limit_it_never_goes_by_itself(monkeypatch):
    made = guardian_with(monkeypatch)
    made.warden.ready_now = True
    made._mind_limits()
    assert (made._end_at, made.warden.orders) == (None, [])
