"""Many batches, chains or workflows at once, from their lists."""

from __future__ import annotations

import re

import pytest

from horizon.control import many_groups
from horizon.control.many_groups import GroupActs
from horizon.core.outcome import Kind
from horizon.web import live
from tests.web.pages import flows
from tests.web.pages.conftest import HTMX, Page
from tests.web.pages.stage import failure


@pytest.fixture(autouse=True)
def worker(stage):
    stage.worker()


def states(stage, *groups):
    return [one.state for one in stage.store.groups.many(groups)]


def test_rows_are_ticked_and_cancelled_once_it_was_asked_and_put_back_by_undo(look, stage, act):
    known = [flows.batch(stage, 2, name=name)[0] for name in ("Spring", "Summer", "Autumn")]
    done, own = flows.batch(stage, 1, name="Over")
    flows.done(stage, *own)
    page = look("/batches")
    assert page.acts() == {"retry", "cancel"}
    assert page.all("button", value="cancel")[0]["data-many"] == "Cancel {n} batches"
    (rows,) = page.all("input", name="rows")
    given = {"kind": "batch", "rows": rows["value"], "id": ["0", "2", "3"], "back": "/horizon/batches"}
    asked = act("/groups/act", do="cancel", **given)
    assert "Cancel 3 batches?" in asked.text
    assert "Left as they are, because they have ended: 1 batch." in asked.text
    assert states(stage, *known) == ["running"] * 3
    said = act(
        "/groups/act",
        do="cancel",
        sure="1",
        rows=live.pack([done, *known[:2]]),
        page="1",
        kind="batch",
        reason="sale is over",
        headers=HTMX,
    )
    assert "Cancelled 2 batches; 1 batch left as they were: it has ended already: completed" in said.text
    assert states(stage, *known) == ["cancelled", "cancelled", "running"]
    assert "sale is over" in (stage.store.groups.get(known[0]).reason or "")
    (operation,) = re.findall(r'name="id" value="([^"]+)"', said.text)
    told = act("/operations/undo", id=operation, headers=HTMX).text
    assert "4 jobs of 2 batches put back" in told
    assert "Stopped" not in told  # it was over
    assert states(stage, *known) == ["running"] * 3


def test_undo_leaves_alone_what_somebody_else_had_cancelled_before(stage, act):
    mine, theirs = (flows.batch(stage, 1)[0] for _ in range(2))
    act("/groups/act", do=f"cancel:{theirs}", sure="1")
    stage.clock.advance(1)
    said = act("/groups/act", do="cancel", sure="1", rows=live.pack([mine, theirs]), page="1", kind="batch", headers=HTMX)
    (operation,) = re.findall(r'name="id" value="([^"]+)"', said.text)
    act("/operations/undo", id=operation)
    assert states(stage, mine, theirs) == ["running", "cancelled"]


def test_all_that_match_are_retried_and_what_nothing_failed_in_is_left_alone(look, stage, act):
    for name in ("Import 1", "Import 2", "Letters"):
        _, own = flows.batch(stage, 2, name=name, allow=2)
        flows.failed(stage, own[0])
    whole, _ = flows.batch(stage, 1, name="Import 3")
    asked = act("/groups/act", do="retry", match="?q=import", kind="batch")
    assert "Retry what failed of 3 batches?" in asked.text
    assert "Every one that matches “import”." in asked.text
    said = act("/groups/act", do="retry", match="?q=import", kind="batch", sure="1", saw="4", reason="the relay is back", headers=HTMX)
    assert "Retried what failed of 2 batches; 1 batch left as they were: nothing of it has failed; 1 no longer matches" in said.text
    assert stage.store.groups.get(whole).state == "running"
    assert [one.failed for one in stage.store.groups.find(many_groups.GroupQuery(text=("letters",))).items] == [1]


def test_a_retry_of_many_asks_how_carefully_and_its_page_tells_of_the_jobs_that_it_watches(look, stage, act):
    jobs = []
    for _ in range(3):
        _, own = flows.batch(stage, 2, allow=2)
        for one in own:
            flows.failed(stage, one)
        jobs += own
    stage.clock.advance(60)
    asked = Page(act("/groups/act", do="retry", match="?", kind="batch").text)
    assert [field["name"] for field in asked.all("select")] == ["pace", "canary", "stop"]
    assert not Page(act("/groups/act", do="cancel", match="?", kind="batch").text).all("select", name="pace")
    given = {"do": "retry", "match": "?", "kind": "batch", "sure": "1", "saw": "3", "pace": "1/s", "canary": "10", "stop": "20"}
    said = act("/groups/act", headers=HTMX, **given)
    assert "Retrying what failed of 3 batches in the background, at 1 a second, 10 first, stops when more than 20 % fail again" in said.text
    stage.clock.advance(1)
    GroupActs(stage.runtime).run()
    stage.clock.advance(1)
    GroupActs(stage.runtime).run()
    (again,) = [one.id for one in stage.store.many(jobs) if one.state == "pending"][:1]
    stage.run(again, Kind.FAILED, error=failure())
    (one,) = GroupActs(stage.runtime).list()
    page = look(f"/operations/{one.id}")
    told = " ".join(page.text.split())
    for word in (
        "1 of 3",
        "Jobs put to work2",
        "1 of 1 job that ended, 1 not over",
        "at 1 a second, 10 first",
    ):
        assert word in told, word
    assert page.all("section", id="again")
    assert "about 2 s left" not in told  # a pace is one of jobs, and nobody knows how many there are


def test_more_than_one_step_goes_on_in_the_background_can_be_stopped_and_its_page_tells_of_it(look, stage, act, monkeypatch):
    monkeypatch.setattr(many_groups, "STEP", 2)
    monkeypatch.setattr(many_groups, "TURN", 600)
    known = [flows.batch(stage, 1)[0] for _ in range(7)]
    act("/groups/act", do="cancel", match="?", kind="batch", sure="1", reason="wrong file")
    assert "Cancelling in the background: 2 of 7 done" in " ".join(look("/batches").text.split())
    GroupActs(stage.runtime).run()
    assert states(stage, *known) == ["cancelled"] * 7
    assert "Cancelled 7 batches. Asked for by" in " ".join(look("/jobs").text.replace("</b>", "").split())
    page = look("/operations")
    assert "Cancel 7 batches" in page.text
    (row,) = [row for row in page.all("tr") if row.get("id", "").startswith("o-")]
    told = " ".join(look(f"/operations/{row['id'][2:]}").text.split())
    for said in ("Cancel 7 batches", "It is over.", "wrong file", "Batches it was done to", "all batches"):
        assert said in told, said


def test_an_act_that_was_stopped_goes_no_further(look, stage, act, monkeypatch):
    monkeypatch.setattr(many_groups, "STEP", 1)
    known = [flows.batch(stage, 1)[0] for _ in range(3)]
    act("/groups/act", do="cancel", rows=live.pack(known), page="1", kind="batch", sure="1")
    (one,) = GroupActs(stage.runtime).list()
    assert "Stopped after 1 batch" in act("/operations/stop", id=one.id, headers=HTMX).text
    assert "Stopped after 1 batch" in act("/operations/stop", id=one.id, headers=HTMX).text  # a second click says the same
    GroupActs(stage.runtime).run()
    assert states(stage, *known) == ["cancelled", "running", "running"]


def test_one_act_takes_the_newest_that_match_and_says_that_others_do_too(stage, act, monkeypatch):
    monkeypatch.setattr(many_groups, "MOST", 2)
    known = [flows.batch(stage, 1)[0] for _ in range(3)]
    asked = act("/groups/act", do="cancel", match="?", kind="batch")
    assert "Cancel 2 batches?" in asked.text
    assert "others match too" in asked.text
    act("/groups/act", do="cancel", match="?", kind="batch", sure="1")
    assert states(stage, *known) == ["running", "cancelled", "cancelled"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"do": "cancel", "kind": "batch"}, "tick the rows"), ({"do": "shred", "match": "?", "kind": "batch"}, "shred"),
        ({"do": "cancel", "match": "?q=queue:x", "kind": "batch"}, "is not a filter"), ({"do": "cancel", "match": "?", "kind": "job"}, "kind is one of"),
        ({"do": "cancel", "match": "?q=nothing", "kind": "batch", "sure": "1"}, "nothing matches any more"),
    ],
)  # fmt: skip
def test_a_form_that_means_nothing_is_refused_with_the_reason(stage, act, fields, said):
    answer = act("/groups/act", headers=HTMX, **fields)
    assert said in answer.text


def test_a_viewer_has_no_boxes_and_is_refused(look, stage, act):
    id, _ = flows.batch(stage, 1)
    stage.role = "viewer"
    page = look("/batches")
    assert not page.all("input", type="checkbox", name="id")
    assert not page.acts()
    assert act("/groups/act", do="cancel", rows=live.pack([id]), page="1", kind="batch", sure="1").status_code == 403
    assert states(stage, id) == ["running"]


def test_a_page_full_of_long_names_stays_light(stage):
    for index in range(26):
        id, _ = flows.batch(stage, 2, name=f"{index} " + "Extraordinarily long name & <b>" * 6, user="u" * 40)
        stage.store.groups.cancel(id, reason="the provider is down until further notice " * 3)
    assert len(stage.client.get("/horizon/batches?q=extra&after=7d").data) < 40_000


@pytest.mark.parametrize("wild", ["00009999", "9" * 5_000, "0" * 5_000, "²"])
def test_numbers_that_no_page_ever_sent_are_no_fault_of_the_server(stage, act, wild):
    id, _ = flows.batch(stage, 1)
    rows = {"rows": live.pack([id]), "kind": "batch", "sure": "1"}
    assert "tick the rows" in act("/groups/act", do="cancel", id=wild, headers=HTMX, **rows).text
    assert act("/jobs/act", do="cancel", id=wild, rows=live.pack([id]), sure="1", headers=HTMX).status_code < 500
    assert act("/groups/act", do="retry", match="?", kind="batch", saw=wild, sure="1", headers=HTMX).status_code < 500
    assert stage.client.get(f"/horizon/queues?page={wild}").status_code < 500


def test_an_act_that_cancelled_nothing_offers_no_undo(look, stage, act):
    id, own = flows.batch(stage, 1)
    flows.done(stage, *own)
    act("/groups/act", do="cancel", rows=live.pack([id]), page="1", kind="batch", sure="1")
    (one,) = GroupActs(stage.runtime).list()
    assert (one.done, one.skipped) == (0, 1)
    assert not look(f"/operations/{one.id}").all("form", action="/horizon/operations/undo")


def test_what_was_over_at_once_was_told_at_once_and_stands_on_no_other_page(look, stage, act):
    id, _ = flows.batch(stage, 1)
    act("/groups/act", do="cancel", rows=live.pack([id]), page="1", kind="batch", sure="1", headers=HTMX)
    assert "Asked for by" not in look("/jobs").text
