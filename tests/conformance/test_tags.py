from __future__ import annotations

from importlib import import_module

import pytest

from horizon.backends import tags as limits
from horizon.backends.tags import MOST_COUNTED, TagCount
from horizon.backends.values import Verb
from horizon.core.clock import HOUR
from horizon.core.errors import InvalidFilter
from horizon.core.states import JobState
from tests.conformance.driver import Driver, after


def count(drive: Driver, *tags: str) -> list[TagCount]:
    return list(drive.backend.tags.counts(tags, drive.clock()))


def test_tags_are_named_by_their_beginning_in_the_order_of_their_bytes(drive: Driver) -> None:
    drive.push(tags=("user:9", "user:10", "mail"))
    drive.push(tags=("user:10", "Ärger", "users", "ユーザ"))
    words = drive.backend.tags.words
    assert words() == ["mail", "user:10", "user:9", "users", "Ärger", "ユーザ"]
    assert words("user:") == ["user:10", "user:9"]
    assert words("user", 2) == ["user:10", "user:9"]
    assert words("ユ") == ["ユーザ"]
    assert (words("nobody"), words("user%"), words("user_")) == ([], [], [])


def test_those_who_carry_a_tag_are_counted_by_state(drive: Driver) -> None:
    parent = drive.push(tags=("mail",))
    drive.push(tags=("mail", "slow"), edges=after(parent))
    drive.push(tags=("mail",), available_at=drive.clock() + HOUR)
    drive.push(tags=("other",))
    drive.push(tags=("mail",), queue="now")
    drive.fail(drive.take(queues=("now",)))
    mail, slow, none = count(drive, "mail", "slow", "nobody")
    assert mail.states == {JobState.PENDING: 1, JobState.BLOCKED: 1, JobState.SCHEDULED: 1, JobState.FAILED: 1}
    assert (mail.tag, mail.total, mail.whole) == ("mail", 4, True)
    assert (slow.states, none.states, none.total, none.whole) == ({JobState.BLOCKED: 1}, {}, 0, True)


def test_what_was_forgotten_is_not_counted(drive: Driver) -> None:
    gone = drive.push(tags=("mail",), queue="now")
    drive.complete(drive.take(gone, queues=("now",)))
    drive.push(tags=("mail",))
    drive.did(Verb.FORGET, gone)
    (mail,) = count(drive, "mail")
    assert mail.states == {JobState.PENDING: 1}


def test_the_hours_tell_when_they_were_pushed(drive: Driver) -> None:
    for pushed in (1, 2, 0, 3):
        for _ in range(pushed):
            drive.push(tags=("mail",))
        drive.clock.advance(3600)
    (mail,) = count(drive, "mail")
    assert mail.hours == (0,) * 20 + (1, 2, 0, 3)
    drive.clock.advance(22 * 3600)
    (mail,) = count(drive, "mail")
    assert (mail.hours, mail.total) == ((0, 3) + (0,) * 22, 6)


def test_beyond_so_many_only_the_newest_are_looked_at(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    deep_in(drive, monkeypatch, 600)
    drive.clock.advance(60)
    for start in range(0, 600, 100):
        drive.push_many(100, tags=("mail",), queue=f"q{start}")
    (whole,) = count(drive, "mail")
    assert (whole.total, whole.whole) == (600, True)
    drive.push(tags=("mail",), available_at=drive.clock() + HOUR)
    (cut,) = count(drive, "mail")
    assert (cut.states, cut.whole) == ({JobState.PENDING: 599, JobState.SCHEDULED: 1}, False)


def deep_in(drive: Driver, monkeypatch: pytest.MonkeyPatch, deep: int) -> None:
    """Let a store look at fewer."""
    monkeypatch.setattr(import_module(type(drive.backend.tags).__module__), "DEEP", deep)


def test_too_many_tags_at_once_are_refused(drive: Driver) -> None:
    assert len(count(drive, *(f"t{n}" for n in range(MOST_COUNTED)))) == MOST_COUNTED
    with pytest.raises(InvalidFilter, match="50 tags"):
        count(drive, *(f"t{n}" for n in range(MOST_COUNTED + 1)))
    assert limits.HOURS == 24
