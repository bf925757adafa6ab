from __future__ import annotations

import pytest

from horizon import Job, ShouldBeEncrypted
from horizon.core.errors import InvalidOption
from horizon.core.ids import uuid7
from horizon.security import keys
from horizon.security.sealed import is_sealed
from horizon.timetable import planning
from horizon.timetable.wanted import Wanted
from tests.schedule.office import Report, runtime


class Hush(Job, ShouldBeEncrypted):
    def __init__(self, card: str = "") -> None:
        self.card = card

    def handle(self) -> None: ...


def test_an_encrypted_job_is_scheduled_without_arguments_only_since_a_schedule_is_kept_as_it_is() -> None:
    here = runtime(KEYS=[keys.generate()])
    with pytest.raises(InvalidOption, match="is encrypted, and a schedule keeps its arguments as they are"):
        planning.settle(Wanted(target=Hush, when="@daily", args={"card": "4111"}), here)
    kept = planning.settle(Wanted(target=Hush, when="@daily"), here)
    assert kept.args == "{}"
    assert is_sealed(planning.envelope(kept, here, uuid7())[1].payload)
    here.close()


def test_times_and_zones_of_the_app_hold_where_a_schedule_names_none() -> None:
    here = runtime(TIMEZONE="Asia/Kathmandu")
    assert planning.settle(Wanted(target=Report, when="@daily"), here).timezone == "Asia/Kathmandu"
    assert planning.settle(Wanted(target=Report, when="@daily", timezone="UTC"), here).timezone == "UTC"
    here.close()


def test_the_id_of_a_job_follows_from_name_and_time_alone() -> None:
    here = runtime()
    one, changed = (planning.settle(Wanted(target=Report, when=when, name="tick"), here) for when in ("every 1s", "every 2s"))
    other = planning.settle(Wanted(target=Report, when="every 1s", name="tock"), here)
    assert planning.job_id(one, 5) == planning.job_id(changed, 5)
    assert len({planning.job_id(one, 5), planning.job_id(one, 6), planning.job_id(other, 5)}) == 3
    here.close()
