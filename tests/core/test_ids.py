from __future__ import annotations

import uuid

from horizon.core import clock
from horizon.core.ids import derived, is_id, token, uuid7, uuid7s


def test_an_id_is_a_uuid_of_version_seven() -> None:
    made = uuid.UUID(uuid7())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert str(made) == str(uuid.UUID(str(made)))


def test_an_id_begins_with_the_time_it_was_made() -> None:
    before = clock.now() // 1000
    made = uuid.UUID(uuid7()).int >> 80
    assert before <= made <= clock.now() // 1000


def test_ids_made_in_different_milliseconds_sort_by_time(monkeypatch) -> None:
    times = iter(range(1_700_000_000_000_000, 1_700_000_000_100_000, 1000))
    monkeypatch.setattr("horizon.core.ids.now", lambda: next(times))
    made = [uuid7() for _ in range(100)]
    assert made == sorted(made)


def test_ids_and_tokens_do_not_repeat() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000
    assert len({token() for _ in range(10_000)}) == 10_000


def test_ids_made_together_are_ids_of_this_moment_and_do_not_repeat() -> None:
    before, made = uuid7(), uuid7s(10_000)
    assert len(set(made)) == 10_000
    assert {(uuid.UUID(one).version, uuid.UUID(one).variant) for one in made} == {(7, uuid.RFC_4122)}
    assert all(map(is_id, made))
    assert before[:13] <= made[0][:13] == made[-1][:13] <= uuid7()[:13]
    assert {one[19] for one in made} == set("89ab")
    assert uuid7s(0) == []


def test_a_derived_id_follows_from_its_base_and_label_alone() -> None:
    base = uuid7()
    assert derived(base, "failed:0") == derived(base, "failed:0")
    assert len({derived(base, "failed:0"), derived(base, "failed:1"), derived(uuid7(), "failed:0"), base}) == 4
    assert is_id(derived(base, "x"))


def test_only_lower_case_uuids_are_ids() -> None:
    assert is_id(uuid7())
    good = "018f0000-0000-7000-8000-000000000000"
    assert is_id(good)
    for bad in (
        "",
        good.upper(),
        good[:-1],
        good + "0",
        good.replace("-", ""),
        "g" + good[1:],
        "x" * 36,
        good.replace("-", "_"),
    ):
        assert not is_id(bad), bad
