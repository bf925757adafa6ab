from __future__ import annotations

import re

import pytest

from horizon.core.audit import AuditEntry
from horizon.core.clock import DAY, SECOND
from tests.web.pages.stage import NASTY, failure

CAUSE = "smtplib.Gone shop/mail.py:send <locals> 3f1c9a0b"
AT = "/failed/causes/smtplib.Gone%20shop/mail.py:send%20%3Clocals%3E%203f1c9a0b"


@pytest.fixture
def broken(stage):
    """A cause with three jobs, which began two days ago."""
    stage.worker()
    stage.ids = []
    for version in ("a41f9c2", "b7e0d11", "b7e0d11"):
        stage.ids.append(
            stage.fail(error=failure("smtplib.Gone", "Connection unexpectedly closed", CAUSE), code_version=version, tags=("eu", version))
        )
        stage.clock.advance(DAY / SECOND)
    return stage


def test_the_page_of_a_cause_tells_all_that_is_known_of_it(look, broken):
    page = look(AT)
    for said in ("Gone", "ongoing", "Retry 3 jobs", "Forget 3", "in version a41f9c2", "Latest exception", "in deliver", "web-2", "eu"):
        assert said in page.text, said
    assert re.search(r"Versions\s*b7e0d11\s*2\s*a41f9c2\s*1", page.text)
    assert [row["id"].removeprefix("j-") for row in page.all("tr") if row.get("id", "").startswith("j-")] == broken.ids[::-1]
    assert page.all("button", name="do", value=f'retry:?state:failed cause:"{CAUSE}"')


def test_a_list_leads_to_the_page(look, broken):
    assert look("/failed?view=causes").all("a", href="/horizon" + AT)


def test_a_cause_that_nobody_knows_is_told(look):
    assert "no job stands failed with the cause" in look("/failed/causes/nosuch", status=404).text


def test_older_jobs_of_a_cause_are_on_the_next_page(look, broken):
    for _ in range(14):
        broken.fail(error=failure(cause=CAUSE))
    (older,) = look(AT).all("a", rel="next")
    rows = [row["id"] for row in look(older["href"].removeprefix("/horizon").removesuffix("#jobs")).all("tr") if "id" in row]
    assert rows == [f"j-{id}" for id in broken.ids[1::-1]]


@pytest.mark.parametrize(
    ("form", "state", "told"),
    [
        ({"do": "resolve", "note": "mended"}, "resolved", "Resolved by ana"),
        ({"do": "mute"}, "muted", "Muted by ana"),
        ({"do": "snooze-24h"}, "snoozed", "Snoozed by ana until"),
        ({"do": "snooze-more", "more": "5"}, "snoozed", "until it has happened 5 times more"),
        ({"do": "snooze", "until": "2099-01-01T10:00"}, None, "A snooze ends between now and"),
        ({"do": "snooze-more", "more": "soon"}, None, "give the number of failures"),
        ({"do": "snooze-more", "more": " "}, None, "say after how many more failures it is told again"),
        ({"do": "snooze", "until": ""}, None, "choose until when it is snoozed"),
        ({"do": "praise"}, None, "a cause takes"),
    ],
)
def test_what_somebody_says_of_a_cause_holds_and_is_told(look, broken, act, form, state, told):
    broken.clock.advance(1)
    answer = act("/causes/act", cause=CAUSE, **form)
    assert answer.status_code == (303 if state else 422)
    assert told.lower() in (look(AT).text if state else answer.text).lower()
    assert ((state or "ongoing") + "\n") in look(AT).text.replace("Copy", "\n")
    if state:
        assert look(AT).all("button", name="do", value="reopen")
        act("/causes/act", cause=CAUSE, do="reopen")
        page = look(AT)
        assert "ongoing" in page.text
        assert "reopened it" in page.text


def test_what_is_muted_turns_nothing_red_and_is_no_reason_why_jobs_fail(look, broken, act):
    broken.clock.advance(-DAY / SECOND)
    assert look("/").all("span", **{"class": "count hot"}, title="3 failed jobs")
    assert "Connection unexpectedly closed" in look("/").text
    act("/causes/act", cause=CAUSE, do="mute")
    page = look("/")
    assert page.all("span", **{"class": "count"}, title="3 failed jobs, 3 of them resolved, snoozed or muted")
    assert "Connection unexpectedly closed" not in page.text
    assert "Whatever failed in the past 24 hours is resolved, snoozed or muted" in page.text
    broken.fail(error=failure(cause="another"))
    assert look("/").all("span", **{"class": "count hot"}, title="4 failed jobs, 3 of them resolved, snoozed or muted")


def test_a_viewer_is_offered_nothing_and_refused(look, broken, act):
    broken.role = "viewer"
    page = look(AT)
    assert not page.all("button", name="do")
    assert act("/causes/act", cause=CAUSE, do="mute").status_code == 403


def test_resolutions_of_older_versions_still_hold(look, broken):
    broken.clock.advance(1)
    broken.store.audit.append(AuditEntry(actor="bea", verb="resolve", target=f"cause:{CAUSE}", detail="by hand"))
    assert "Resolved by bea" in look(AT).text
    assert "Resolved by bea" in look("/failed?view=causes&state=resolved").text


def test_a_cause_whose_jobs_are_gone_is_told_by_what_was_said_of_it(look, broken, act):
    act("/causes/act", cause=CAUSE, do="mute", note="never mind")
    act(do="forget", match=f'state:failed cause:"{CAUSE}"', sure="1")
    page = look(AT)
    assert "muted" in page.text
    assert "never mind" in page.text
    assert not page.all("button", value=f'retry:?state:failed cause:"{CAUSE}"')
    assert look("/failed?view=causes&state=muted").all("a", href="/horizon" + AT)


def test_nasty_words_are_text(look, stage, act):
    stage.worker()
    for text in NASTY.values():
        clean = re.sub(r"[\x00-\x1f]+", " ", text)[:190]  # a fingerprint has no such letters
        stage.fail(error=failure(text[:300], text, clean))
        assert act("/causes/act", cause=clean, do="mute", note=text[:500]).status_code in (303, 422)
    page = look("/failed?view=causes&state=all")
    links = [link["href"] for link in page.all("a") if "/failed/causes/" in link.get("href", "")]
    assert len(links) == len(NASTY)
    for address in ("/horizon/failed?view=causes&state=all", *links):
        assert "<script>alert" not in stage.client.get(address).text
        assert "\u202e" not in look(address.removeprefix("/horizon")).text


def test_the_page_stays_small(look, broken):
    for n in range(40):
        broken.fail(f"shop.jobs:Job{n}", failure("smtplib.Gone", "x" * 500, f"smtplib.Gone shop/m{n}.py:send 3f1c9a{n:02}"))
    for address in ("/horizon/failed?view=causes", "/horizon" + AT):
        assert len(broken.client.get(address).data) < 40_000
