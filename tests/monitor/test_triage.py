from __future__ import annotations

from dataclasses import replace

import pytest

from horizon.backends.spread import Tally
from horizon.core.clock import DAY, HOUR
from horizon.monitor import triage
from horizon.monitor.triage import Act, CauseState, Said, standing

NOW = 100 * DAY


def said(word: str, at: int = NOW - HOUR, **more: int) -> Said:
    return Said(last=Act(word=word, at=at, by="ana", **more))  # type: ignore[arg-type]


def state(of: Said | None, *, first: int = NOW - 2 * DAY, last: int = NOW - 2 * HOUR, count: int = 5, now: int = NOW) -> CauseState:
    return standing(of, first_at=first, last_at=last, count=count, now=now).state


def test_a_cause_is_new_for_a_day_as_long_as_nobody_spoke_of_it() -> None:
    assert state(None, first=NOW - DAY + 1) is CauseState.NEW
    assert state(None, first=NOW - DAY) is CauseState.ONGOING
    assert state(said("reopen"), first=NOW - 1) is CauseState.ONGOING


def test_what_is_resolved_has_regressed_when_a_job_fails_with_it_again() -> None:
    assert state(said("resolve"), last=NOW - HOUR) is CauseState.RESOLVED
    assert state(said("resolve"), last=NOW - HOUR + 1) is CauseState.REGRESSED


def test_a_snooze_holds_until_its_time() -> None:
    assert state(said("snooze", until=NOW + 1), last=NOW) is CauseState.SNOOZED
    assert state(said("snooze", until=NOW)) is CauseState.ONGOING


def test_a_snooze_holds_until_it_has_happened_so_many_times_more() -> None:
    assert state(said("snooze", more=3, count=5), count=7) is CauseState.SNOOZED
    assert state(said("snooze", more=3, count=5), count=8) is CauseState.ONGOING
    assert state(said("snooze", until=NOW, more=3, count=5), count=5) is CauseState.ONGOING


def test_what_is_muted_stays_so_whatever_comes() -> None:
    assert state(said("mute"), last=NOW, count=10**6) is CauseState.MUTED


def test_a_word_that_nobody_knows_leaves_it_ongoing() -> None:
    assert state(said("praise")) is CauseState.ONGOING


@pytest.mark.parametrize(("one", "is_quiet"), [(one, one in ("resolved", "snoozed", "muted")) for one in CauseState])
def test_quiet_is_what_nobody_needs_to_look_at(one: CauseState, is_quiet: bool) -> None:
    assert one.quiet is is_quiet


def test_the_quiet_ones_are_counted_with_their_jobs() -> None:
    words = {"a": said("mute"), "b": said("resolve"), "c": said("resolve")}
    tallies = {
        "a": Tally(count=7, first_at=1, last_at=NOW),
        "b": Tally(count=5, first_at=1, last_at=NOW),
        "c": Tally(count=3, first_at=1, last_at=2),
    }
    assert triage.quiet(words, tallies, NOW) == {"a": 7, "c": 3}


def test_of_many_causes_those_are_looked_at_of_which_somebody_spoke_last() -> None:
    words = {f"c{n}": said("mute", at=n) for n in range(150)}
    assert triage.latest(words)[:2] == ("c149", "c148")
    assert len(triage.latest(words)) == triage.TALLIED


def test_what_was_said_is_read_as_it_was_written_and_the_last_word_holds() -> None:
    first = triage.after(None, Act(word="resolve", at=1, by="ana", note="“mended” 🎉"), type="KeyError", name="shop:Send")
    second = triage.after(first, Act(word="snooze", at=2, by="bo", until=9, more=4, count=2))
    found = triage.read(triage.written(second), 7)
    assert found == replace(second, version=7)
    assert [act.word for act in second.history] == ["snooze", "resolve"]
    assert (second.type, second.name) == ("KeyError", "shop:Send")


def test_the_history_is_bounded() -> None:
    found = None
    for at in range(100):
        found = triage.after(found, Act(word="mute", at=at, by="ana", note="x" * 500))
    assert found is not None
    assert len(found.past) == triage.MOST_PAST
    assert len(triage.written(found).encode()) < 65_536


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "{}", '{"acts": []}', '{"acts": [1]}', '{"acts": [{"word": "mute"}]}', '{"acts": [{"word": 1, "at": "x"}]}']
)
def test_a_note_that_nobody_here_understands_says_nothing(body: str) -> None:
    assert triage.read(body, 1) is None
