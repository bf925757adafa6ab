from __future__ import annotations

import pytest

from horizon.backends.values import ActParams, Verb
from horizon.core.clock import HOUR
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.core.query import SCAN_LIMIT, Selection
from horizon.web import hidden
from tests.web.pages.conftest import HTMX, Page
from tests.web.pages.stage import NASTY, Stage


@pytest.fixture
def forget(stage: Stage):
    """Forget jobs as a person does."""
    stage.worker()

    def those(*ids: str, reason: str | None = None) -> None:
        stage.store.act(Selection(ids=ids), Verb.FORGET, ActParams(reason=reason))

    return those


def test_where_nothing_was_removed_the_page_says_how_long_things_stay(look):
    page = look("/removed")
    assert "Nothing to bring back" in page.text
    assert "stay here for 1 h" in page.text


def test_what_was_forgotten_stands_here_with_the_time_that_is_left(look, stage, forget):
    id = stage.done()
    forget(id, reason="a duplicate")
    stage.clock.advance(1200)
    page = look("/removed")
    assert page.rows() == [id]
    for told in ("SendEmail", "a duplicate", "20 min ago", "in 40 min", "completed"):
        assert told in page.text


def test_one_is_brought_back_with_one_click(look, stage, act, forget):
    id, other = stage.done(), stage.done()
    forget(id, other)
    assert act(do=f"restore:{id}", back="/horizon/removed").status_code == 303
    assert look("/removed").rows() == [other]
    assert id in look("/jobs").rows()


def test_a_selection_is_brought_back_together(look, stage, act, forget):
    ids = [stage.done() for _ in range(3)]
    forget(*ids)
    act(do="restore", id=ids[:2])
    assert look("/removed").rows() == ids[2:]


def test_pages_follow_each_other(look, stage, forget):
    ids = [stage.done() for _ in range(30)]
    forget(*ids)
    first = look("/removed")
    (older,) = first.all("a", rel="next")
    second = look(older["href"].removeprefix("/horizon"))
    assert first.rows() + second.rows() == ids[::-1]


def test_removed_jobs_are_narrowed_by_words_keys_and_the_time_they_were_removed(look, stage, act, forget):
    old = stage.done(queue="emails", tags=("tenant:7",))
    forget(old, reason="forgotten by ana at 2026-11-22T14:03:22.123Z: sale is over")
    stage.clock.advance(1200)
    new = stage.done("shop.jobs:Ping", queue="images")
    forget(new)
    act(do=f"cancel:{stage.push(queue='letters')}", reason="wrong list")
    for asked, found in (
        ("", [new, old]), ("q=sale", [old]), ("q=class:Ping", [new]), ("q=-queue:images", [old]), ("q=tag:tenant", [old]), ("q=by:ana", [old]),
        ("after=10m", [new]), ("before=10m", [old]), ("q=sale&after=10m", []),
    ):  # fmt: skip
        page = look(f"/removed?{asked}")
        assert page.rows() == found, asked
        assert ("wrong list" in page.text) is (asked in ("", "q=-queue:images", "q=by:ana", "after=10m")), asked
    assert "Nothing fits" in look("/removed?q=nobody").text
    assert "This filter is not understood" in look("/removed?q=color:red", status=400).text
    assert look("/removed?q=sale").all("a", href="/horizon/export/removed?format=csv&q=sale")
    assert [row["id"] for row in stage.client.get("/horizon/export/removed?format=json&q=class:Ping").json] == [new]
    assert [row["id"] for row in stage.client.get("/horizon/api/removed?q=sale&before=10m").json["items"]] == [old]


def test_pages_of_what_fits_follow_each_other_and_say_how_far_they_looked(look, stage, forget, monkeypatch):
    monkeypatch.setattr(hidden, "SCAN_LIMIT", 40)
    monkeypatch.setattr(hidden, "MAX_LIMIT", 20)
    forget(sought := stage.done(queue="images"))
    others = [stage.done() for _ in range(50)]
    stage.clock.advance(60)
    forget(*others)
    page = look("/removed?q=queue:images")
    assert page.rows() == []
    assert "Searched back to" in page.text
    (further,) = page.all("a", rel="next")
    assert look(further["href"].removeprefix("/horizon")).rows() == [sought]
    first = look("/removed?q=queue:emails")
    (older,) = first.all("a", rel="next")
    assert len(set(first.rows() + look(older["href"].removeprefix("/horizon")).rows())) == 50


def test_a_cursor_that_is_none_is_refused(look):
    assert "is not a cursor of this list" in look("/removed?cursor=x", status=400).text


def test_who_may_not_forget_sees_no_button(look, stage, forget):
    forget(stage.done())
    stage.role = "operator"
    page = look("/removed")
    assert len(page.rows()) == 1
    assert page.acts() == set()
    assert page.all("input", name="id") == []


def test_the_list_of_jobs_and_the_toast_lead_here(look, stage, act):
    stage.worker()
    id = stage.done()
    assert look("/jobs").all("a", href="/horizon/removed")
    toast = Page(act(do=f"forget:{id}", headers=HTMX).text)
    assert toast.all("a", href="/horizon/removed")


def test_the_mark_of_an_act_is_told_without_its_time(look, stage, forget):
    forget(stage.done(), reason="forgotten by ana at 2026-11-22T14:03:22.123Z: sale is over")
    assert "forgotten by ana: sale is over" in look("/removed").text


def test_nasty_records_are_only_text(stage, forget):
    forget(stage.done(f"shop.jobs:{NASTY['html']}"), stage.done(f"shop.jobs:{NASTY['rtl']}"), reason=NASTY["html"])
    text = stage.client.get("/horizon/removed").text
    assert "<script>alert" not in text
    assert "\u202e" not in text


def test_a_queue_that_was_cleared_can_be_put_back_from_here(look, stage, act):
    waiting = [stage.push(queue="emails") for _ in range(2)]
    act("/queues/act", do="clear:emails", typed="emails")
    page = look("/removed")
    assert "emails was cleared" in page.text
    assert "2 jobs cancelled" in page.text
    mark = page.all("input", name="mark")[0]
    act("/queues/act", do="unclear:emails", mark=mark["value"])
    assert {record.state for record in stage.store.many(waiting)} == {"pending"}
    assert "was cleared" not in look("/removed").text


def test_what_was_cancelled_together_is_put_back_from_here(look, stage, act):
    ids = [stage.push() for _ in range(3)]
    act(do="cancel", match="queue:emails state:pending", sure="1", reason="wrong list")
    page = look("/removed")
    text = " ".join(page.text.split())
    assert "was cancelled by ana" in text
    assert "3 jobs, because “wrong list”" in text
    strip = page.all("input", name="mark")[0]["value"]
    act(do="retry", mark=strip, keep_time="1", back="/horizon/removed")
    assert {stage.store.get(id).state.value for id in ids} == {"pending"}
    look("/removed")  # tells what was done
    assert "was cancelled" not in look("/removed").text


def test_a_job_cancelled_by_itself_stands_here_and_goes_back_to_where_it_waited(look, stage, act):
    id = stage.push(delay=HOUR)
    stage.push(queue="images")
    act(do=f"cancel:{id}", reason="not now")
    act(do="cancel", match="queue:images state:pending", sure="1")
    page = look("/removed")
    assert [row["id"] for row in page.all("tr") if row.get("id", "").startswith("c-")] == [f"c-{id}"]
    assert "by ana, because “not now”" in " ".join(page.text.split())
    due = stage.store.get(id).available_at
    act(do=f"retry:{id}", keep_time="1", back="/horizon/removed")
    back = stage.store.get(id)
    assert (back.state.value, back.available_at) == ("scheduled", due)
    look("/removed")  # tells what was done
    assert "Cancelled one by one" not in look("/removed").text


def test_jobs_that_were_ticked_and_cancelled_are_put_back_together_and_many_others_hide_nothing(look, stage, act):
    one, ids = stage.push(), [stage.push() for _ in range(3)]
    act(do=f"cancel:{one}")
    act(do="cancel", id=ids, sure="1", reason="wrong list")
    for _ in range(230):
        stage.push(queue="letters")
    act(do="cancel", match="queue:letters state:pending", sure="1")
    page = look("/removed")
    assert page.all("tr", id=f"c-{one}")
    assert "3 jobs, because “wrong list”" in " ".join(page.text.split())
    mark = next(field["value"] for field in page.all("input", name="mark") if "wrong list" in field["value"])
    act(do="retry", mark=mark, keep_time="1", back="/horizon/removed")
    assert {stage.store.get(id).state.value for id in ids} == {"pending"}


@pytest.mark.parametrize("wait", [0, 600])
def test_an_act_is_found_beneath_more_newer_cancels_than_one_search_looks_at(look, stage, act, wait):
    mine = [stage.push() for _ in range(3)]
    act(do="cancel", id=mine, sure="1", reason="wrong list")
    stage.clock.advance(wait)
    bury(stage)
    page = look("/removed")
    assert "3 jobs, because “wrong list”" in " ".join(page.text.split())
    mark = next(field["value"] for field in page.all("input", name="mark") if "wrong list" in field["value"])
    act(do="retry", mark=mark, keep_time="1", back="/horizon/removed")
    while any(one.state == "running" for one in stage.store.operations.list()):
        stage.store.operations.step()
    assert {stage.store.get(id).state.value for id in mine} == {"pending"}


def test_an_act_that_was_undone_is_not_found_beneath_them_either(look, stage, act):
    mine = [stage.push() for _ in range(3)]
    act(do="cancel", id=mine, sure="1", reason="wrong list")
    stage.store.act(Selection(ids=tuple(mine)), Verb.RETRY, ActParams(keep_time=True))
    stage.clock.advance(600)
    bury(stage)
    assert "wrong list" not in look("/removed").text


@pytest.mark.parametrize("wait", [0, 600])
def test_a_clear_is_found_beneath_more_newer_cancels_of_its_queue_than_one_search_looks_at(look, stage, act, wait):
    mine = [stage.push(queue="images") for _ in range(3)]
    act("/queues/act", do="clear:images", typed="images")
    stage.clock.advance(wait)
    bury(stage)
    page = look("/removed")
    assert "images was cleared" in page.text
    act("/queues/act", do="unclear:images", mark=page.all("input", name="mark")[0]["value"])
    while any(one.state == "running" for one in stage.store.operations.list()):
        stage.store.operations.step()
    assert {stage.store.get(id).state.value for id in mine} == {"pending"}
    assert [(said.detail, said.count) for said in stage.store.audit.list(verb="unclear")] == [
        (page.all("input", name="mark")[0]["value"], 3)
    ]
    look("/removed")  # tells what was done
    assert "was cleared" not in look("/removed").text


def test_a_clear_whose_jobs_were_put_back_by_hand_is_not_found_beneath_them_either(look, stage, act):
    mine = [stage.push(queue="images") for _ in range(3)]
    act("/queues/act", do="clear:images", typed="images")
    stage.store.act(Selection(ids=tuple(mine)), Verb.RETRY, ActParams(keep_time=True))
    stage.clock.advance(600)
    bury(stage)
    assert "was cleared" not in look("/removed").text


def bury(stage: Stage) -> None:
    """More cancelled jobs than one search looks at."""
    for _ in range(SCAN_LIMIT // 500 + 1):
        made = [Envelope(id=uuid7(), name="shop.jobs:Ping", payload=b"{}", queue="images") for _ in range(500)]
        stage.store.push(made)
        stage.store.act(Selection(ids=tuple(one.id for one in made)), Verb.CANCEL, ActParams(reason="the season is over"))


def test_what_the_app_cancelled_by_itself_is_nobodys_slip(look, stage):
    stage.store.act(Selection(ids=(stage.push(),)), Verb.CANCEL, ActParams(reason="the order was withdrawn"))
    assert "Cancelled one by one" not in look("/removed").text


def test_who_may_only_look_sees_what_was_cancelled_and_no_button(look, stage, act):
    id = stage.push()
    act(do=f"cancel:{id}")
    stage.role = "viewer"
    page = look("/removed")
    assert "Cancelled one by one" in page.text
    assert page.acts() == set()
