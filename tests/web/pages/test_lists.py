from __future__ import annotations

import csv
import io
import json

import pytest

from horizon.core.clock import DAY, HOUR, SECOND
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from horizon.web.pages import columns
from tests.web.pages.conftest import SAME, Page
from tests.web.pages.stage import failure


def test_a_time_range_stands_in_the_address_and_is_kept_from_page_to_page(look, stage):
    old = stage.push()
    stage.clock.advance(2 * DAY / SECOND)
    new = [stage.push() for _ in range(2)]
    page = look("/jobs?after=24h&limit=1")
    assert page.rows() == [new[1]]
    assert page.all("a", href="/horizon/jobs?after=24h&limit=1", **{"aria-current": "true"})
    older = page.all("a", rel="next")[0]["href"].removeprefix("/horizon")
    assert look(older).rows() == [new[0]]
    assert look("/jobs?before=24h").rows() == [old]
    assert page.all("a", **{"aria-label": "Remove the filter after:24h"})[0]["href"] == "/horizon/jobs?limit=1"


def test_from_and_to_are_read_in_the_zone_of_whoever_looks(look, stage):
    id = stage.push()  # half past two in UTC, half past three in Rome
    stage.client.set_cookie("horizon_tz", "Europe/Rome", path="/horizon")
    assert look("/jobs?after=2026-11-22T15:30&before=2026-11-22T15:31").rows() == [id]
    assert look("/jobs?after=2026-11-22T15:31").rows() == []
    assert look("/jobs?after=sometime", 400).all("div", id="wrong")


def test_a_time_in_the_search_wins_over_the_range(look, stage):
    id = stage.push()
    stage.clock.advance(HOUR / SECOND)
    assert look("/jobs?q=after:2h&after=1m").rows() == [id]


def test_tabs_keep_the_search_the_range_and_the_page_size(look, stage):
    stage.push(tags=("a",))
    page = look("/jobs?q=tag:a+state:pending&after=7d&limit=50")
    assert page.all("a", href="/horizon/jobs?q=tag:a&state=failed&after=7d&limit=50")


@pytest.mark.parametrize("size", [25, 50, 100, 200])
def test_the_page_size_is_chosen_by_a_link(look, stage, size):
    for _ in range(30):
        stage.push()
    page = look(f"/jobs?limit={size}")
    assert len(page.rows()) == min(30, size)
    (here,) = [one for one in page.all("a", **{"aria-current": "true"}) if "limit" in one["href"] or one["href"] == "/horizon/jobs"][-1:]
    assert here["href"] == ("/horizon/jobs" if size == 25 else f"/horizon/jobs?limit={size}")


def test_columns_are_chosen_by_a_form_and_kept_in_a_cookie(look, stage, act):
    stage.worker()
    stage.done(user="u-7")
    assert "u-7" not in look("/jobs").text
    answer = act("/look", columns="chosen", column=["user", "worker", "nonsense"], back="/horizon/jobs")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/horizon/jobs")
    page = look("/jobs")
    assert "u-7" in page.text
    assert "web-2:4471" in page.text
    assert "Tries" not in "".join(page.text.partition("Actions")[0].split("State")[-1:])
    act("/look", columns="usual")
    assert "u-7" not in look("/jobs").text


def test_a_cookie_of_columns_that_is_none_of_ours_counts_as_the_usual_ones(look, stage):
    stage.push()
    for value in ("<script>", "a" * 500, ".....", "Queue"):
        stage.client.set_cookie("horizon_columns", value, path="/horizon")
        assert look("/jobs").all("th", **{"class": "num"})


def test_a_row_opens_where_it_stands_by_a_plain_form(look, stage):
    stage.worker()
    lines = stage.log(("INFO", "opened the file"), ("ERROR", "it is empty"))
    id = stage.run(stage.push(args={"path": "spring.csv"}, max_tries=1), Kind.FAILED, error=failure(), logs=lines)
    other = stage.push()
    closed = look("/jobs?state=failed&limit=50")
    (opener,) = closed.all("button", name="open")
    assert (opener["form"], opener["value"]) == ("peek", id)
    assert "spring.csv" not in closed.text
    page = look(f"/jobs?state=failed&limit=50&open={id}")
    for said in ("spring.csv", "smtplib.SMTPServerDisconnected", "opened the file", "it is empty", "Open the job"):
        assert said in page.text
    assert [button["value"] for button in page.all("button", name="shut")] == [id], "the same button closes it"
    assert {"name": "open", "type": "hidden", "value": id} in page.all("input", name="open")
    both = look(f"/jobs?open={id}&open={other}")
    assert len(both.all("button", name="shut")) == 2
    assert not look(f"/jobs?open={id}&open={other}&shut={id}").all("tr", id=f"p-{id}")
    assert page.all("tr", id=f"p-{id}")
    assert not look(f"/jobs?open={other},{'x' * 36}").all("tr", id=f"p-{id}")


def test_whoever_may_not_see_payloads_opens_a_row_to_keys_and_types(look, stage):
    stage.role = "viewer"
    id = stage.push(args={"card": {"number": "4111"}, "note": "for her birthday"})
    text = look(f"/jobs?open={id}").text
    assert "4111" not in text
    assert "birthday" not in text
    assert "note" in text


def taken(stage, path: str) -> str:
    answer = stage.client.get(f"/horizon{path}", headers=SAME)
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


def test_every_job_that_matches_is_exported_not_only_those_on_the_page(stage):
    wanted = [stage.push(queue="emails") for _ in range(450)]
    stage.push(queue="reports")
    rows = list(csv.DictReader(io.StringIO(taken(stage, "/jobs/export?format=csv&queue=emails&limit=25"))))
    assert [row["id"] for row in rows] == wanted[::-1]
    assert {"name", "state", "queue", "created_at", "error_message"} <= set(rows[0])
    assert len(json.loads(taken(stage, "/jobs/export?format=json&q=queue:emails"))) == 450


def test_the_export_of_failures_holds_only_failures_and_no_formulas(stage):
    stage.worker()
    stage.push()
    id = stage.fail(error=failure("Boom", "=cmd|' /C calc'!A0"))
    (row,) = csv.DictReader(io.StringIO(taken(stage, "/failed/export?format=csv&state=pending")))
    assert (row["id"], row["error_message"]) == (id, "'=cmd|' /C calc'!A0")


def test_the_page_links_to_the_export_with_its_filters(look, stage):
    stage.push(queue="emails")
    page = look("/jobs?q=queue:emails&after=7d&limit=50")
    assert page.all("a", href="/horizon/jobs/export?format=csv&q=queue:emails&after=7d")


@pytest.mark.parametrize("query", ["format=xml", "q=quue:x", "after=never"])
def test_an_export_that_is_not_understood_is_refused_in_words(stage, query):
    assert stage.client.get(f"/horizon/jobs/export?{query}").status_code == 400


def test_a_search_that_is_too_long_is_refused_without_being_repeated(stage):
    answer = stage.client.get(f"/horizon/jobs?q={'x' * 5_000}")
    assert answer.status_code == 400
    assert "at most 1,000 characters, got 5,000" in answer.text
    assert "x" * 1_001 not in answer.text


def test_a_page_stays_light_whatever_its_jobs_are_called(stage):
    stage.worker()
    for index in range(25):
        stage.fail(f"shop.jobs:{'Extraordinarily' * 130}{index}", failure("Long" * 60, "message " * 200), tags=("long:" + "t" * 190, "b"))
    for path in ("/jobs", "/failed"):
        page = stage.client.get(f"/horizon{path}")
        assert len(Page(page.text).rows()) == 25
        assert len(page.data) < 48_000


def test_with_every_column_a_page_has_fewer_rows_and_stays_light(look, stage):
    stage.worker()
    for index in range(26):
        stage.fail(tags=("mail", f"order:{index}"), user=f"user-{index}", priority=10)
    stage.client.set_cookie("horizon_columns", ".".join(column.key for column in columns.COLUMNS), path="/horizon")
    for path in ("/jobs", "/failed"):
        page = look(path)
        assert len(page.rows()) == 18
        assert [one["href"] for one in page.all("a", **{"aria-current": "true"})][-1] == f"/horizon{path}"
        assert len(stage.client.get(f"/horizon{path}").data) < 40_000
        assert len(look(f"{path}?limit=25").rows()) == 25


def test_a_bulk_bar_offers_what_the_tab_allows(look, stage):
    stage.worker()
    stage.push()
    stage.fail()
    offered = {
        state: {one["value"] for one in look(f"/jobs?state={state}").all("button", name="do") if ":" not in one["value"]}
        for state in ("pending", "failed")
    }
    assert offered == {"pending": {"prioritize", "reschedule", "move", "cancel"}, "failed": {"retry", "forget"}}


def test_forgotten_rows_that_are_still_shown_can_be_brought_back_together(look, stage, act):
    stage.worker()
    ids = [stage.fail() for _ in range(2)]
    rows = look("/failed").handed_back()
    act(do="forget", id=ids)
    page = look("/failed", **{"HX-Request": "true", "Horizon-Rows": rows})
    assert page.all("button", value="restore")
    act(do="restore", id=ids)
    assert set(look("/failed").rows()) == set(ids)


def test_a_row_is_acted_on_by_its_number_in_the_list_that_names_its_jobs_once(look, stage, act):
    ids = [stage.push() for _ in range(3)]
    (rows,) = {one["value"] for one in look("/jobs").all("input", name="rows")}
    act(do="cancel:1", rows=rows)
    assert [stage.store.get(id).state for id in ids] == [JobState.PENDING, JobState.CANCELLED, JobState.PENDING]
    act(do="cancel", id=["0", "2"], rows=rows, sure="1")
    assert {stage.store.get(id).state for id in ids} == {JobState.CANCELLED}


def test_a_number_without_its_list_names_no_job(stage, act):
    id = stage.push()
    for fields in ({"rows": "rubbish"}, {"rows": ""}, {"rows": "AaIBpRINcEaW8CI3psscpQ", "do": "cancel:9999999999"}):
        assert "Nothing" in act(**{"do": "cancel:0", **fields}, headers={**SAME, "HX-Request": "true"}).text
    assert stage.store.get(id).state is JobState.PENDING
