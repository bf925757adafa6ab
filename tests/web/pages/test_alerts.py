from __future__ import annotations

from typing import Any

import pytest

from horizon.control.alerts import AlertControl
from horizon.core.alert import Alert, Severity, Sighting
from horizon.core.clock import HOUR, MINUTE
from horizon.monitor import alerts
from horizon.security.permissions import Actor
from tests.web.pages.conftest import HTMX, Page
from tests.web.pages.stage import NASTY, Stage


def raised(stage: Stage, key: str = "unserved", severity: Severity = Severity.HIGH, **more: Any) -> Alert:
    seen = Sighting(key=key, severity=severity, **{"title": f"Title of {key}", "text": "Jobs wait.", "todo": "Start a worker.", **more})
    return AlertControl(stage.runtime).raise_(seen).alert


def count(page: Page) -> dict[str, str]:
    spans = [attrs for attrs in page.all("span") if "acknowledged" in attrs.get("title", "")]
    return spans[0] if spans else {}


def test_where_nothing_calls_the_page_says_what_would(look, stage):
    page = look("/alerts")
    assert "Nothing calls for you" in page.text
    assert count(page) == {}
    assert "Nothing has been over yet" in look("/alerts?view=past").text


def test_an_alert_says_what_is_wrong_what_to_do_and_leads_there(look, stage):
    raised(stage, command="horizon work", subject=("queue", "mails"), figures={"jobs waiting": "412"})
    page = look("/alerts")
    assert [
        word
        for word in ("Title of unserved", "Jobs wait.", "Start a worker.", "horizon work", "jobs waiting: 412", "high")
        if word not in page.text
    ] == []
    assert page.all("a", href="/horizon/queues/mails")
    assert page.acts() == {"ack"}


def test_one_in_full_offers_all_that_can_be_said_to_it_in_a_dialog_or_on_its_own(look, stage):
    one = raised(stage)
    (more,) = look("/alerts").all("a", **{"data-dialog": "", "aria-label": "More about: Title of unserved"})
    assert look(more["href"].removeprefix("/horizon")).acts() == {"ack", "snooze", "resolve"}
    dialog = Page(stage.client.get(f"/horizon/alerts/{one.id}", headers={**HTMX, "HX-Target": "dialog"}).text)
    assert dialog.all("h2", id="dialog-title")
    assert dialog.all("button", **{"data-close": ""})
    look("/alerts/none", status=404)


def test_the_navigation_counts_what_nobody_has_taken_on_and_is_red_only_for_what_is_grave(look, stage, act):
    mild = raised(stage, "mild", Severity.MODERATE)
    assert count(look("/alerts"))["class"] == "count"
    grave = raised(stage, "grave", Severity.CRITICAL)
    assert count(look("/jobs")) == {"class": "count hot", "title": "2 alerts that nobody has acknowledged"}
    act("/alerts/act", do=f"ack:{grave.id}")
    assert count(look("/"))["class"] == "count"
    act("/alerts/act", do=f"snooze:{mild.id}:15m")
    assert count(look("/")) == {}


def test_it_is_acknowledged_with_a_note_snoozed_and_resolved_and_then_in_the_past(look, stage, act):
    one = raised(stage)
    assert act("/alerts/act", do=f"ack:{one.id}", note="I look").status_code == 303
    assert [word for word in ("Acknowledged by ana", "“I look”") if word not in look("/alerts").text] == []
    assert "Snoozed until" in act("/alerts/act", headers=HTMX, do=f"snooze:{one.id}:1h").text
    assert alerts.active(stage.store)[0].snoozed_until == stage.clock() + HOUR
    assert "Snoozed by ana until" in look("/alerts").text
    stage.clock.advance(90)
    act("/alerts/act", do=f"resolve:{one.id}")
    assert "Nothing calls for you" in look("/alerts").text
    past = look("/alerts?view=past")
    assert [word for word in ("Resolved by ana", "after 1 min 30 s", "“I look”") if word not in past.text] == []
    assert past.acts() == set()


@pytest.mark.parametrize("deed", ["snooze:{id}:3y", "shout:{id}", "ack:none", ""])
def test_what_cannot_be_done_is_refused_in_words(stage, act, deed):
    one = raised(stage)
    answer = act("/alerts/act", headers=HTMX, do=deed.format(id=one.id))
    assert "toast wrong" in answer.text
    assert alerts.active(stage.store) == [one]


def test_until_tomorrow_is_eight_in_the_morning_where_somebody_looks(stage, act):
    one = raised(stage)
    stage.client.set_cookie("horizon_tz", "Europe/Rome")
    act("/alerts/act", do=f"snooze:{one.id}:tomorrow")  # it is 15:30 there
    assert alerts.active(stage.store)[0].snoozed_until == stage.clock() + 16 * HOUR + 29 * MINUTE + 30_000_000


def test_they_are_filtered_by_severity_and_the_gravest_stand_first(look, stage):
    for key, severity in (("a", Severity.INFO), ("b", Severity.CRITICAL), ("c", Severity.MODERATE)):
        raised(stage, key, severity)
    text = look("/alerts").text
    assert text.index("Title of b") < text.index("Title of c") < text.index("Title of a")
    assert "Title of a" not in look("/alerts?severity=moderate").text
    assert "None of this severity" in look("/alerts?severity=low").text
    look("/alerts?severity=bad", status=400)


def test_the_overview_shows_what_is_active_and_lets_one_take_it_on(look, stage):
    stage.push()
    one = raised(stage, subject=("queue", "mails"))
    page = look("/")
    assert page.all("section", id="active-alerts")
    assert page.all("button", value=f"ack:{one.id}")
    AlertControl(stage.runtime).resolve_key(one.key)
    assert not look("/").all("section", id="active-alerts")


def test_who_only_looks_sees_no_button_and_is_refused(stage, act):
    one = raised(stage)
    stage.role = "viewer"
    page = Page(stage.client.get("/horizon/alerts").text)
    assert page.acts() == set()
    assert act("/alerts/act", do=f"ack:{one.id}").status_code == 403


def test_nasty_alerts_are_only_text_and_a_page_stays_below_40_kb(look, stage):
    for index in range(45):
        kind = NASTY[list(NASTY)[index % len(NASTY)]]
        raised(stage, f"{index}", title=kind, text=kind, todo=kind, subject=("queue", f"q{index}"), figures={kind[:40]: kind})
    answer = stage.client.get("/horizon/alerts")
    assert "<script>alert" not in answer.text
    assert "\u202e" not in Page(answer.text).text
    assert Page(answer.text).all("a", rel="next")
    assert len(look("/alerts?page=3").all("h2")) == 5
    usual = Stage()
    for index in range(45):
        raised(
            usual,
            f"{index}",
            command=f"horizon work --queue queue-{index}",
            text="Jobs wait there, and no worker that lives takes from it.",
            subject=("queue", f"q{index}"),
        )
    assert len(usual.client.get("/horizon/alerts").data) < 40_000


def test_alerts_are_narrowed_by_words_keys_and_the_time_they_came_up(look, stage):
    raised(stage, "old", subject=("queue", "emails"), text="The relay is away.")
    stage.clock.advance(2 * HOUR // 1_000_000)
    raised(stage, "new", subject=("queue", "letters"))

    def found(asked: str) -> list[str]:
        text = look(f"/alerts?{asked}").text
        return [key for key in ("old", "new") if f"Title of {key}" in text]

    for asked, expected in (
        ("q=relay", ["old"]), ("q=about:letters", ["new"]), ("q=-about:letters", ["old"]), ("after=1h", ["new"]), ("before=1h", ["old"]),
        ("after=3h&q=title", ["old", "new"]), ("q=relay&after=1h", []),
    ):  # fmt: skip
        assert found(asked) == expected, asked
    assert "Nothing fits" in look("/alerts?q=nobody").text
    assert "This filter is not understood" in look("/alerts?q=queue:x", status=400).text
    look("/alerts?after=sometime", status=400)
    page = look("/alerts?q=relay&severity=high")
    assert page.all("a", href="/horizon/export/alerts?format=csv&q=relay&severity=high")
    assert page.all("a", href="/horizon/alerts?q=relay&severity=high&after=24h")
    assert page.all("a", href="/horizon/alerts?q=relay&severity=high&view=past")


def test_alerts_are_taken_away_with_their_filters(stage):
    raised(stage, "one", subject=("queue", "emails"))
    gone = raised(stage, "two")
    AlertControl(stage.runtime).resolve(Actor(name="ana", role="operator"), gone.id, note="mended")
    assert [row["title"] for row in stage.client.get("/horizon/export/alerts?format=json&q=about:emails").json] == ["Title of one"]
    (past,) = stage.client.get("/horizon/export/alerts?format=json&view=past").json
    assert (past["title"], past["state"], past["resolved_by"], past["note"]) == ("Title of two", "resolved", "ana", "mended")
    assert stage.client.get("/horizon/export/alerts").text.startswith("id,severity,state,title")
    assert stage.client.get("/horizon/export/alerts?q=queue:x").status_code == 400
