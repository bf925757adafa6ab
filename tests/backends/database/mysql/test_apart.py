"""What only few jobs have stands in a second row, which comes, changes and goes with the first."""

from __future__ import annotations

import pytest

from horizon.backends.database import migrate
from horizon.backends.database.kernel import keys, parked, parking, record
from horizon.backends.database.mysql.apart import APART
from horizon.backends.database.mysql.behind import rest_of
from horizon.backends.values import Verb
from horizon.core.clock import SECOND
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from tests.conformance.driver import Driver, envelope, error
from tests.conformance.limiting import at_a_time
from tests.conformance.mariadb import differing
from tests.servers.mariadb import MariaDB

QUERY = "SELECT its_state, its_lot IS NOT NULL, its_fair, its_cause, its_unique_key FROM horizon_apart ORDER BY job"


def apart(drive: Driver) -> list[tuple[object, ...]]:
    """(state, limited, fair, cause, unique key) of each job that has a second row."""
    assert differing() == set()
    rows: list[tuple[object, ...]] = drive.backend._access.read(lambda db: db.all(QUERY))  # type: ignore[attr-defined]
    return rows


def test_a_plain_job_never_has_a_second_row(drive: Driver) -> None:
    drive.push_many(20)
    drive.push(tags=("t",))
    jobs = drive.reserve(5)
    assert apart(drive) == []
    drive.settle_all(jobs)
    drive.reserve(2)
    assert apart(drive) == []


def test_the_second_row_goes_with_the_job_and_follows_its_state(drive: Driver) -> None:
    drive.push(unique_key="k")
    drive.push(fair="ana")
    drive.push(limits=(at_a_time(1, "a"),))
    assert apart(drive) == [(1, 0, None, None, "k"), (1, 0, "ana", None, None), (1, 1, None, None, None)]
    jobs = drive.reserve(3)
    assert [state for state, *_ in apart(drive)] == [2, 2, 2]
    drive.settle_all(jobs)
    assert apart(drive) == []


def test_short_turns_take_and_settle_such_jobs_beside_plain_ones(drive: Driver) -> None:
    drive.reserve()  # only the first turn of an executor is never short
    drive.push_many(2)
    drive.push(unique_key="k")
    drive.push(fair="ana")
    jobs = drive.reserve(4)
    assert [state for state, *_ in apart(drive)] == [2, 2]
    drive.settle_all(jobs)
    assert apart(drive) == []
    drive.push(unique_key="k")
    assert drive.counts() == {"completed": 4, "pending": 1}


def test_a_job_that_waits_for_its_time_has_a_second_row_until_it_is_due(drive: Driver) -> None:
    drive.push(delay=SECOND, tags=("t",))
    drive.push_many(3, delay=2 * SECOND)
    drive.backend.push([envelope(delay=SECOND), envelope(name="shop.jobs:Other"), envelope(delay=SECOND, queue="b")])
    assert [state for state, *_ in apart(drive)] == [3] * 6
    drive.jump(1.5)
    assert [state for state, *_ in apart(drive)] == [3] * 3
    drive.jump(1.5)
    assert apart(drive) == []


def test_a_job_that_failed_is_found_by_its_cause_until_it_has_ended(drive: Driver) -> None:
    drive.push_many(3)
    ids = [drive.push() for _ in range(2)]
    first, *_, last, other = drive.reserve(5)
    drive.settle(other, Kind.RETRY, error=error(cause="c"), delay=9)
    drive.settle(last, Kind.RETRY, error=error(cause="d"), delay=9)
    drive.complete(first)
    assert [row.id for row in drive.backend.find(JobQuery(cause="c")).items] == ids[1:]
    assert [cause for _, _, _, cause, _ in apart(drive)] == ["d", "c"]
    drive.act(Verb.CANCEL, *ids)
    assert apart(drive) == []


def test_of_two_that_push_the_same_key_one_gets_it(drive: Driver) -> None:
    assert [drive.backend.push([envelope(unique_key="k")])[0].status for _ in range(2)] == ["created", "duplicate"]
    answers = drive.backend.push([envelope(unique_key=f"key {number % 7}") for number in range(14)])
    assert [one.status for one in answers] == ["created"] * 7 + ["duplicate"] * 7
    assert len(apart(drive)) == 8


def test_a_key_that_lasts_until_the_start_leaves_no_row_behind(drive: Driver) -> None:
    drive.push(unique_key="k", unique_until_processing=True)
    drive.push()
    drive.reserve(2)
    assert apart(drive) == []


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (record.DELETE_LIVE, (APART.out,)),
        (record.INSERT_LIVE_WHOLE, (APART.into,)),
        *((text, (APART.out, APART.into)) for text in (record.GO_ON, record.SHIFT, record.RESERVE, record.RELABEL_LIVE)),
        *(
            (text, (APART.out, APART.into))
            for text in (keys.SPEND_KEY, keys.LOSE_KEY, parked.PARK, parked.LET_GO, parked.LEAVE, parked.SET_LOT, parking.SET_DUE)
        ),
        (record.HIDE, ()),
        (record.DELETE_DONE, ()),
    ],
)
def test_what_has_to_follow_is_read_from_the_text(text: str, rest: tuple[str, ...]) -> None:
    assert rest_of(text) == rest


def test_every_text_that_changes_what_is_said_again_names_the_jobs_by_their_numbers() -> None:
    """In its last value, or in a list, which is all that the driver hands on; others of this kind would leave second rows behind."""
    for text in _changes():
        assert text.rstrip().endswith((" n = ?", " n IN ({in})")), text


def _changes() -> list[str]:
    texts = [getattr(module, name) for module in (record, keys, parked, parking) for name in dir(module)]
    found = [text for text in texts if isinstance(text, str) and text.startswith("UPDATE horizon_live SET ") and rest_of(text)]
    assert len(found) > 8
    return found


def test_an_upgrade_gives_second_rows_to_jobs_that_are_there(server: MariaDB) -> None:
    url = server.fresh()
    migrate.upgrade(url)
    name = url.rpartition("/")[2]
    live = "n, state, queue, name, `rank`, place, available_at, size, tries, runs, round, crashes, suspect, alone, key_spent"
    server.ask(
        f"INSERT INTO horizon_live ({live}, fair) VALUES (1,1,'q','c',0,5,0,0,0,0,0,0,0,0,0,NULL), (2,1,'q','c',3,6,0,0,0,0,0,0,0,0,0,'ana')",
        name,
    )
    server.ask("UPDATE horizon_alembic_version SET version_num = '0011'", name)
    migrate.upgrade(url)
    columns = ", ".join(APART.kept.values())
    assert server.ask(f"SELECT job, {columns} FROM horizon_apart", name) == [(2, 1, "q", 3, 6, None, None, "ana", None, None)]
    server.drop(url)
