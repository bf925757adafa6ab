from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from horizon.worker import resources, screen

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
