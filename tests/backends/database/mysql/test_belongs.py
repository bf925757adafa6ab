"""Whom and what a job belongs to stands in a second row, by which it is found, and which goes with it."""

from __future__ import annotations

import re

import pytest

from horizon.backends.database import group_truth, groups, migrate, plan
from horizon.backends.database.kernel import groups as group_kernel
from horizon.backends.database.kernel import record
from horizon.backends.database.mysql.behind import rest_of
from horizon.backends.database.mysql.belongs import BELONGS
from horizon.backends.database.mysql.text import translated
from horizon.backends.values import Verb
from horizon.core.clock import DAY, SECOND
from horizon.core.query import JobQuery
from tests.conformance.driver import Driver, envelope
from tests.conformance.grouping import members, new
from tests.conformance.mariadb import differing
from tests.servers.mariadb import MariaDB

QUERY = "SELECT its_owner, its_group_id FROM horizon_belongs ORDER BY job"


def belongs(drive: Driver) -> list[tuple[object, ...]]:
    """(user, group) of each job that has a second row."""
    assert differing() == set()
    rows: list[tuple[object, ...]] = drive.backend._access.read(lambda db: db.all(QUERY))  # type: ignore[attr-defined]
    return rows


def test_a_job_of_nobody_never_has_a_second_row(drive: Driver) -> None:
    drive.push_many(20)
    drive.push(tags=("t",), unique_key="k")
    drive.settle_all(drive.reserve(21))
    assert belongs(drive) == []


@pytest.mark.parametrize("more", [{}, {"delay": SECOND}, {"unique_key": "k"}], ids=str)
def test_a_job_of_somebody_has_one_whichever_way_it_was_pushed(drive: Driver, more: dict[str, object]) -> None:
    for number in range(3):  # as text, prepared on the way, prepared
        drive.push(user="ana", **{key: f"{value}{number}" if key == "unique_key" else value for key, value in more.items()})
    drive.backend.push([envelope(user="bea") for _ in range(150)])
    drive.backend.push([envelope(user="bea"), envelope(), envelope(user="ana", queue="b")])
    assert sorted(belongs(drive)) == [("ana", None)] * 4 + [("bea", None)] * 151
    assert len(drive.backend.find(JobQuery(user="ana", limit=50)).items) == 4


def test_members_of_a_group_are_found_by_it(drive: Driver) -> None:
    one, other = new(), new()
    drive.backend.push([*members(one, 3), *members(other, 2, user="ana"), envelope()], groups=[one, other])
    assert belongs(drive) == [(None, one.id)] * 3 + [("ana", other.id)] * 2
    assert len(drive.backend.find(JobQuery(group=one.id)).items) == 3
    assert len(drive.backend.find(JobQuery(group=other.id, user="ana")).items) == 2
    assert drive.backend.numbers.recount() == {}


def test_it_goes_with_the_job_and_not_before(drive: Driver) -> None:
    id = drive.push(user="ana")
    drive.push(user="bea")
    drive.settle_all(drive.reserve(1))
    drive.act(Verb.FORGET, id)
    assert len(belongs(drive)) == 2
    drive.jump(400 * DAY // SECOND)
    drive.backend.tick()
    assert belongs(drive) == [("bea", None)]


def test_what_has_to_follow_is_read_from_the_text() -> None:
    assert rest_of(record.DROPS[-1]) == (BELONGS.out,)
    assert rest_of(record.INSERT_JOB._single) == rest_of(record.INSERT_JOB._shared) == (BELONGS.into,)
    assert rest_of(record.RELABEL_JOB) == ()


TEXTS = [
    text
    for module in (plan, groups, group_kernel, group_truth)
    for text in (*vars(module).values(), *vars(module).get("CARRIED", {}).values())
    if isinstance(text, str) and re.search(r"horizon_job_(owner|group)\b|WHERE (owner|group_id) =|j\.group_id", text)
]


def test_there_are_texts_that_ask_by_it() -> None:
    assert len(TEXTS) >= 6


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_that_asks_by_it_goes_along_the_second_rows(text: str) -> None:
    words = translated(text).template.decode()
    assert "horizon_belongs" in words
    assert not re.search(r"horizon_job_(owner|group)\b|(?<!its_)(owner|group_id) = ", words)


def test_an_upgrade_gives_second_rows_to_jobs_that_are_there(server: MariaDB) -> None:
    url = server.fresh()
    migrate.upgrade(url)
    name = url.rpartition("/")[2]
    columns = "n, id, name, queue, created_at, pushed_at, priority, version, until_processing, weight, hook, payload"
    values = "'c', 'q', 1, 1, 0, 1, 0, 1, 0, ''"
    server.ask(
        f"INSERT INTO horizon_job ({columns}, owner, group_id) VALUES (1, 'a', {values}, NULL, NULL), (2, 'b', {values}, 'ana', NULL), "
        f"(3, 'c', {values}, NULL, 'g')",
        name,
    )
    server.ask("UPDATE horizon_alembic_version SET version_num = '0012'", name)
    migrate.upgrade(url)
    assert server.ask("SELECT job, its_owner, its_group_id FROM horizon_belongs ORDER BY job", name) == [(2, "ana", None), (3, None, "g")]
    server.drop(url)
