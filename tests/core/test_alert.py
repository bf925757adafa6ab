"""What becomes of an alert, by itself and by what people say."""

from __future__ import annotations

from dataclasses import replace

from horizon.core import alert as alerts
from horizon.core.alert import ACKNOWLEDGED, ACTIVE, MAX_NOTE, MAX_TEXT, MAX_TITLE, RESOLVED, SNOOZED, Severity, Sighting

SEEN = Sighting(
    key="unserved default mails", severity=Severity.HIGH, title="Nobody works on mails", text="Jobs wait.", todo="Start one.",
    command="horizon work", rule="unserved", subject=("queue", "mails"), connection="default", figures={"jobs waiting": "3"},
)  # fmt: skip


def test_one_goes_through_its_states_and_snoozing_ends_by_itself() -> None:
    one = alerts.opened(SEEN, 100)
    assert (one.state(100), one.calls(100), one.count, one.first_at) == (ACTIVE, True, 1, 100)
    taken = alerts.acknowledged(one, "ana", " I look ", 110)
    assert (taken.state(110), taken.calls(110), taken.note) == (ACKNOWLEDGED, False, "I look")
    asleep = alerts.snoozed(one, "ana", 200, None)
    assert [asleep.state(at) for at in (199, 200)] == [SNOOZED, ACTIVE]
    assert alerts.acknowledged(asleep, "bob", None, 120).state(130) == ACKNOWLEDGED
    assert alerts.resolved(taken, None, None, 150).state(150) == RESOLVED


def test_seen_again_it_counts_only_what_came_up_anew_and_keeps_what_was_said() -> None:
    one = alerts.acknowledged(alerts.opened(SEEN, 100), "ana", "mine", 110)
    again = alerts.touched(one, replace(SEEN, text="More wait."), 120, anew=True)
    assert (again.count, again.last_at, again.first_at, again.text, again.acknowledged_by) == (2, 120, 100, "More wait.", "ana")
    assert alerts.touched(one, SEEN, 120, anew=False).count == 1


def test_one_that_becomes_graver_calls_again() -> None:
    low = replace(SEEN, severity=Severity.LOW)
    one = alerts.snoozed(alerts.acknowledged(alerts.opened(low, 100), "ana", "mine", 110), "ana", 9_999, None)
    assert not one.calls(120)
    assert alerts.touched(one, SEEN, 120, anew=False).calls(120)
    assert alerts.touched(one, replace(SEEN, severity=Severity.INFO), 120, anew=False).state(120) == SNOOZED


def test_it_comes_back_from_text_as_it_was_and_what_a_later_version_wrote_is_left_out() -> None:
    one = alerts.acknowledged(alerts.opened(SEEN, 100), 'Ä\u202e"', None, 110)
    assert alerts.read(alerts.write(one)) == one
    assert alerts.read(alerts.write(one)[:-1] + ', "mood": "calm"}') == one
    plain = alerts.opened(Sighting(key="k", severity=Severity.INFO, title="t"), 1)
    assert alerts.read(alerts.write(plain)) == plain


def test_foreign_text_is_cut_to_a_size_that_fits_into_a_note() -> None:
    huge = replace(SEEN, title="x" * 9_000, text="ä" * 99_000, todo="y" * 99_000, figures={f"{n}" * 300: "z" * 900 for n in range(99)})
    one = alerts.acknowledged(alerts.opened(huge, 1), "ana", "n" * 9_000, 2)
    assert (len(one.title), len(one.text), len(one.note or "")) == (MAX_TITLE, MAX_TEXT, MAX_NOTE)
    assert len(alerts.write(one).encode()) < 65_536
    assert len(alerts.write(replace(one, text="💥" * MAX_TEXT, todo="💥" * MAX_TEXT)).encode()) < 65_536


def test_the_same_key_is_the_same_alert_and_the_gravest_comes_first() -> None:
    assert alerts.id_of("a") == alerts.opened(replace(SEEN, key="a"), 1).id != alerts.id_of("b")
    assert [severity.grave for severity in Severity] == [True, True, False, False, False]
    assert [severity.rank for severity in Severity] == [0, 1, 2, 3, 4]
