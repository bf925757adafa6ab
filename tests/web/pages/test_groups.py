"""The pages of batches, chains and workflows."""

from __future__ import annotations

import re

import pytest

from horizon.core.envelope import On
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.web.pages.table import PAGES
from tests.stores.lending import fresh
from tests.web.pages import flows
from tests.web.pages.conftest import HTMX, SAME, Page
from tests.web.pages.stage import NASTY, Stage, failure


@pytest.fixture(autouse=True)
def worker(stage):
    stage.worker()


def test_without_any_each_page_shows_how_to_dispatch_one(look):
    for path, said in (
        ("/batches", "batch([SendEmail(to)"),
        ("/chains", 'chain([Extract("orders.csv")'),
        ("/workflows", 'with workflow("Nightly")'),
    ):
        assert said in look(path).text


def test_the_list_is_newest_first_with_progress_state_and_counts(look, stage):
    first, own = flows.batch(stage, 4, name="First")
    flows.done(stage, *own)
    stage.clock.advance(5)
    second, own = flows.batch(stage, 4, name="Second", allow=2)
    flows.failed(stage, own[0])
    page = look("/batches")
    assert [row["id"] for row in page.all("tr") if "id" in row] == [f"g-{second}", f"g-{first}"]
    assert [bar["aria-label"] for bar in page.all("svg", role="img") if "Progress" in bar["aria-label"]] == [
        "Progress: 25 % over, 1 failed, 3 waiting", "Progress: 100 % over, 4 completed",
    ]  # fmt: skip
    assert "2 batches in all" in page.text


def test_a_list_is_narrowed_by_state_and_by_name(look, stage):
    flows.batch(stage, 1, name="First")
    _, own = flows.batch(stage, 1, name="Second")
    flows.done(stage, *own)
    assert ids(look("/batches?state=completed")) == ids(look("/batches?name=Second"))
    assert len(ids(look("/batches?state=running"))) == 1
    assert "No batch fits" in look("/batches?name=Third").text
    wrong = look("/batches?state=soon", status=400)
    assert "state is one of" in wrong.text


def test_a_list_is_searched_by_words_keys_and_times(look, stage):
    first = flows.batch(stage, 1, name="Import of June", user="ana")[0]
    stage.clock.advance(7200)
    second = flows.batch(stage, 1, name="Import of July", user="ben")[0]
    for asked, found in (
        ("q=import", [second, first]), ("q=june", [first]), ("q=user:ben", [second]), ("q=state:completed", []), ("after=1h", [second]),
        ("q=before:1h+import", [first]), ("q=name:%22Import+of+June%22", [first]), ("q=%22import+of%22&user=ben", [second]),
    ):  # fmt: skip
        assert ids(look(f"/batches?{asked}")) == found, asked
    page = look("/batches?q=june&after=7d")
    assert page.all("a", **{"aria-label": "Remove the filter after:7d"})[0]["href"] == "/horizon/batches?q=june"
    assert page.all("a", href="/horizon/batches?q=june&after=7d&state=failed")
    assert page.all("a", href="/horizon/new/view?page=batches&q=june&after=7d")


@pytest.mark.parametrize(
    ("asked", "said"),
    [("queue:x", "queue: is not a filter; there are after, before"), ("-june", "cannot be looked up"), ("user:a user:b", "given twice")],
)
def test_a_search_for_groups_that_no_index_answers_is_refused_with_the_reason(look, asked, said):
    assert said in look(f"/batches?q={asked}", status=400).text


def test_an_id_pasted_into_the_search_of_a_list_opens_what_has_it(stage):
    id = flows.batch(stage, 1)[0]
    answer = stage.client.get(f"/horizon/chains?q={id}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/horizon/batches/{id}")


def test_a_list_is_taken_away_with_its_filters_as_csv_and_json(stage):
    known = [flows.batch(stage, 1, name=name)[0] for name in ("Import", "=Letters", "Import")]
    answer = stage.client.get("/horizon/export/batches?format=json&q=import")
    assert [row["id"] for row in answer.json] == [known[2], known[0]]
    text = stage.client.get("/horizon/export/batches").text
    assert text.splitlines()[0].startswith("id,kind,name,connection,state,progress")
    assert ",'=Letters," in text
    assert stage.client.get("/horizon/export/chains?format=xml").status_code == 400


def test_nested_groups_are_listed_when_asked_for(look, stage):
    flows.nightly(stage)
    assert ids(look("/batches")) == []
    assert len(ids(look("/batches?nested=1"))) == 1


def test_a_list_goes_on_where_it_ended(look, stage):
    known = [flows.batch(stage, 1)[0] for _ in range(21)]
    page = look("/batches")
    (older,) = page.all("a", rel="next")
    assert ids(page) == known[:0:-1]
    assert ids(look(older["href"].removeprefix("/horizon"))) == known[:1]


def test_a_list_that_asks_for_news_keeps_its_rows_and_announces_new_ones(look, stage):
    known = flows.batch(stage, 1)[0]
    page = look("/batches")
    (live,) = page.all("div", id="live")
    tag = live["hx-headers"].partition('"Horizon-Rows": "')[2].partition('"')[0]
    flows.batch(stage, 1)
    later = look("/batches", **{"HX-Request": "true", "Horizon-Rows": tag})
    assert ids(later) == [known]
    assert "1 new, show" in later.text


def test_the_page_of_a_batch_adds_up_and_names_what_failed_first(look, stage):
    id, own = flows.batch(stage, 6, allow=2)
    flows.done(stage, *own[:2])
    flows.failed(stage, own[2])
    stage.start(own[3])
    page = look(f"/batches/{id}")
    for said in (
        "50 %",
        "3 of 6 jobs",
        "Completed 2",
        "Failed 1",
        "Cancelled 0",
        "Running 1",
        "Waiting 2",
        "Failed first: SMTPServerDisconnected",
    ):
        assert said in " ".join(page.text.split()), said
    assert page.all("a", href=f"/horizon/jobs/{own[2]}")
    assert page.all("a", href=f"/horizon/jobs?q=batch:{id}&state=failed")


def test_callbacks_stand_with_their_moment_their_state_and_what_they_call(look, stage):
    id, own = flows.batch(stage, 1)
    text = " ".join(look(f"/batches/{id}").text.split())
    assert "When it has completedshop.jobs:tell_the_editorblocked" in text
    flows.done(stage, *own)
    text = " ".join(look(f"/batches/{id}").text.split())
    assert "When it has completedshop.jobs:tell_the_editorpending" in text
    assert "When it failsshop.jobs:tell_the_teamnot needed" in text
    assert "When it has ended, either wayCleanUppending" in text


def test_the_address_of_another_kind_or_of_nothing_is_no_page(look, stage):
    id, _ = flows.batch(stage, 1)
    look(f"/chains/{id}", status=404)
    look(f"/batches/{uuid7()}", status=404)


def test_a_chain_shows_its_steps_in_order_and_what_was_handed_on(look, stage):
    id, steps = flows.chain(stage, "Extract", "Transform", "Load")
    flows.done(stage, steps["Extract"])
    page = look(f"/chains/{id}")
    assert [row["id"][2:] for row in page.all("li") if row.get("id", "").startswith("s-")] == list(steps.values())
    assert "Result of Extracthanded on to step 2" in page.text
    assert "18204" in page.text


def test_a_broken_chain_is_retried_from_the_step_that_broke(look, stage, act):
    id, steps = flows.chain(stage, "Extract", "Transform", "Load")
    flows.done(stage, steps["Extract"])
    flows.failed(stage, steps["Transform"])
    page = look(f"/chains/{id}")
    assert "Retry from step 2" in page.text
    assert "step 2 did not complete" in page.text
    asked = act("/groups/act", do=f"retry:{id}")
    assert "Retry 1 failed job of the chain “ETL”?" in asked.text
    done = act("/groups/act", do=f"retry:{id}", sure="1")
    assert (done.status_code, done.headers["Location"]) == (303, f"/horizon/chains/{id}")
    assert [stage.store.get(step).state for step in steps.values()] == ["completed", "pending", "blocked"]


def test_a_workflow_is_drawn_and_told_as_a_tree(look, stage):
    id, steps = flows.nightly(stage)
    flows.done(stage, steps["Stock"], steps["Prices"])
    page = look(f"/workflows/{id}")
    assert len(boxes(page)) == 9
    for said in ("Stockcompleted, 800 ms", "Alarmnot needed", "Lettersbatch, 0 of 2", "Sweepblocked"):
        assert said in page.text
    edges = [path["class"] for path in page.all("path") if path.get("class", "").startswith("edge")]
    assert "edge on-failed shut" in edges
    assert "edge on-completed met" in edges
    assert "edge on-any" in edges
    prices = re.findall(r"Step (\d+): Prices", page.text)[0]
    assert f"after step {prices} if failed" in page.text
    depths = {row["id"][2:]: row["class"] for row in page.all("li") if row.get("id", "").startswith("s-")}
    assert (depths[steps["Stock"]], depths[steps["Prices"]]) == ("step d0", "step d1")


def test_what_follows_a_nested_group_is_drawn_behind_it_alone(look, stage):
    id, steps = flows.graph(stage, {
        "First": [], "Parts": [("First", On.COMPLETED)], "Last": [("Parts", On.COMPLETED), ("First", On.COMPLETED)],
    }, nested=("Parts",))  # fmt: skip
    page = look(f"/workflows/{id}")
    assert len([path for path in page.all("path") if path.get("class", "").startswith("edge on") and path["d"].startswith("M2")]) == 1
    assert page.all("a", href=f"/horizon/batches/{steps['Parts']}")


def test_a_workflow_of_200_steps_is_drawn_in_any_size(look, stage):
    waits = {f"Step{at}": [(f"Step{at - 10}", On.COMPLETED)] if at >= 10 else [] for at in range(200)}
    id, _ = flows.graph(stage, waits)
    for zoom in ("", "?zoom=half", "?zoom=fit"):
        page = look(f"/workflows/{id}{zoom}")
        assert len(boxes(page)) == 200


def test_cancelling_asks_with_the_count_and_keeps_the_reason(look, stage, act):
    id, own = flows.batch(stage, 5)
    stage.start(own[0])
    asked = act("/groups/act", do=f"cancel:{id}")
    assert "4 jobs that have not started will not run; 1 running one is asked to stop" in asked.text
    assert stage.store.groups.get(id).reason is None
    act("/groups/act", do=f"cancel:{id}", sure="1", reason="the sale is over")
    page = look(f"/batches/{id}")
    assert "It is being cancelled: the sale is over" in page.text
    assert "cancel" not in page.acts()
    entry = stage.store.audit.list(limit=1)[0]
    assert (entry.actor, entry.verb, entry.target, entry.count) == ("ana", "cancel", f"batch:{id}", 5)
    assert entry.detail.endswith(": the sale is over")
    assert look("/audit").all("a", href=f"/horizon/batches/{id}")


def test_a_cancel_is_undone_from_its_toast_and_from_what_was_removed(look, stage, act):
    id, own = flows.batch(stage, 3)
    answer = act("/groups/act", headers=HTMX, do=f"cancel:{id}", sure="1")
    assert f'value="uncancel:{id}"' in answer.text
    assert "was cancelled by ana" in " ".join(look("/removed").text.split())
    act("/groups/act", do=f"uncancel:{id}")
    assert (stage.store.groups.get(id).state, [stage.store.get(one).state for one in own]) == ("running", ["pending"] * 3)
    page = look("/removed")
    assert "Put 3 jobs back to where they were" in page.text
    assert not page.all("button", id="cancelled-1")
    assert "was cancelled" not in look("/removed").text


def test_what_has_ended_is_not_cancelled_and_that_is_said(stage, act):
    id, own = flows.batch(stage, 1)
    flows.done(stage, *own)
    answer = act("/groups/act", headers=HTMX, do=f"cancel:{id}")
    assert "this batch has ended already, completed" in answer.text


def test_retrying_what_failed_reaches_into_nested_groups(stage, act):
    id, steps = flows.nightly(stage)
    flows.done(stage, steps["Orders"], steps["Clean"])
    inner = [record.id for record in stage.store.find(JobQuery(group=steps["Letters"])).items]
    flows.failed(stage, inner[0])
    answer = act("/groups/act", headers=HTMX, do=f"retry:{id}", sure="1")
    assert "Retried 1 job" in answer.text
    assert stage.store.get(inner[0]).state == "pending"


def test_more_failures_than_one_act_takes_are_retried_in_the_background(stage, act):
    id, own = flows.batch(stage, 501, allow_all=True)
    for job in own:
        stage.run(job, Kind.FAILED, error=failure(), runtime=1_000)
    asked = act("/groups/act", do=f"retry:{id}")
    assert "This runs in the background" in asked.text
    assert "in the background" in act("/groups/act", headers=HTMX, do=f"retry:{id}", sure="1").text
    assert stage.store.operations.list(1)[0].verb == "retry"


def test_what_failed_is_retried_with_care_and_a_reason_after_a_look_at_all_of_it(stage, act):
    stage.worker()
    id, ids = flows.batch(stage, 4, allow_all=True)
    inner, nested = flows.batch(stage, 2, parent=id, allow_all=True)
    for one in (*ids[:2], nested[0]):
        flows.failed(stage, one)
    asked = Page(act("/groups/act", do=f"retry:{id}").text)
    assert "Retry 3 failed jobs" in asked.text
    assert {"pace", "canary", "stop"} <= {field["name"] for field in asked.all("select")}
    assert asked.all("input", name="saw", value="3")
    flows.failed(stage, ids[2])
    answer = act(
        "/groups/act", headers=HTMX, do=f"retry:{id}", sure="1", canary="2", stop="20", pace="10/s", reason="the relay is back", saw="3"
    )
    assert "1 more has come to match since you were asked" in answer.text
    (operation,) = stage.store.operations.list(5)
    assert (operation.expected, operation.params["canary"], operation.params["stop_at"]) == (4, 2, 20.0)
    assert "the relay is back" in (stage.store.audit.list()[0].detail or "")
    assert stage.store.groups.get(inner) is not None


def test_who_may_only_look_is_offered_no_act_and_refused_one(look, stage, act):
    id, own = flows.batch(stage, 2, allow=1)
    flows.failed(stage, own[0])
    stage.role = "viewer"
    page = look(f"/batches/{id}")
    assert page.acts() == set()
    assert "Connection unexpectedly closed" not in page.text
    assert act("/groups/act", do=f"cancel:{id}", sure="1").status_code == 403


def test_a_job_names_its_place_in_the_groups_around_it_and_what_it_follows(look, stage):
    id, own = flows.batch(stage, 1)
    chain, steps = flows.chain(stage, "Extract", "Transform")
    assert look(f"/jobs/{own[0]}").all("a", href=f"/horizon/batches/{id}")
    page = look(f"/jobs/{steps['Transform']}")
    assert "step 2 of ETL" in page.text
    assert page.all("a", href=f"/horizon/chains/{chain}")
    callback = stage.store.groups.callbacks(id)[0].id
    assert "the batch Newsletter" in look(f"/jobs/{callback}").text


def test_names_of_others_break_nothing(look, stage):
    for kind, text in NASTY.items():
        id, steps = flows.graph(stage, {"A": [], "B": [("A", On.COMPLETED)]}, name=text[:200].replace("\x00", ""))
        flows.failed(stage, steps["A"])
        assert not [one for one in look(f"/workflows/{id}").all("script") if not one.get("src")], kind
    look("/workflows")


def test_lists_hold_the_groups_of_every_connection_and_each_is_found_where_it_lives():
    stage = Stage(HORIZON_CONNECTIONS={"far": fresh()})
    near, _ = flows.batch(stage, 2, name="Near")
    here, stage.store = stage.store, stage.runtime.backend("far")
    far, own = flows.batch(stage, 2, name="Far")
    stage.store = here
    page = Page(stage.client.get("/horizon/batches").text)
    assert sorted(ids(page)) == sorted([near, far])
    assert ids(Page(stage.client.get("/horizon/batches?connection=far").text)) == [far]
    found = Page(stage.client.get(f"/horizon/batches/{far}").text)
    assert found.all("a", href=f"/horizon/jobs/{own[0]}")
    assert stage.client.post("/horizon/groups/act", data={"do": f"cancel:{far}", "sure": "1"}, headers=SAME).status_code == 303
    assert (stage.runtime.backend("far").groups.get(far).state, here.groups.get(near).state) == ("cancelled", "running")
    stage.runtime.close()


def test_every_page_of_the_navigation_has_a_letter_of_its_own():
    letters = [row.key for row in PAGES if row.title]
    assert sorted(set(letters)) == sorted(letters)


def boxes(page) -> list[str]:
    """Ids of the steps that are drawn."""
    return [box["id"][2:] for box in page.all("a") if box.get("id", "").startswith("n-")]


def ids(page) -> list[str]:
    return [row["id"][2:] for row in page.all("tr") if row.get("id", "").startswith("g-")]
