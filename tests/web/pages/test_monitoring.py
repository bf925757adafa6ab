from __future__ import annotations

import json

import pytest

from horizon.backends.database import tags as database
from horizon.backends.memory import tags as memory
from horizon.backends.redis import tags as redis
from horizon.backends.tags import DEEP
from tests.web.pages.conftest import HTMX, SAME
from tests.web.pages.kept import keep


def post(stage, headers=SAME, **form):
    return stage.client.post("/horizon/monitoring/act", data=form, headers=headers)


def test_watched_tags_are_counted_by_state_and_lead_to_their_jobs(look, stage):
    stage.worker()
    for _ in range(3):
        stage.push(tags=("mail",))
    stage.fail(tags=("mail", "slow"))
    keep(stage, ("mail", "nobody"), ())
    page = look("/monitoring")
    assert page.all("a", href="/horizon/monitoring/jobs?tag=mail&state=failed")
    assert page.all("a", href="/horizon/monitoring/jobs?tag=mail&state=pending,scheduled,retrying,blocked")
    assert not page.all("a", href="/horizon/monitoring/jobs?tag=nobody&state=failed")
    assert look("/monitoring/jobs?tag=mail&state=failed").rows() == [stage.store.find(_failed()).items[0].id]


def _failed():
    from horizon.core.query import JobQuery
    from horizon.core.states import JobState

    return JobQuery(states=(JobState.FAILED,))


def test_a_tag_is_watched_and_let_go(look, stage):
    for tags in (("tenant:7", "once"), ("tenant:7",)):
        stage.push(tags=tags)
    assert not look("/monitoring").all("button", value="watch:once")
    assert "No tag is watched" in look("/monitoring").text
    assert look("/monitoring").all("button", value="watch:tenant:7")
    assert post(stage, do="watch:tenant:7").status_code == 303
    page = look("/monitoring")
    assert page.all("tr", id="t-tenant:7")
    assert not page.all("button", value="watch:tenant:7")
    assert "Watching" not in post(stage, HTMX, do="stop:tenant:7").text
    assert "No tag is watched" in look("/monitoring").text


def test_a_viewer_sees_the_counts_and_no_buttons(look, stage):
    stage.push(tags=("mail",))
    keep(stage, ("mail",), ())
    stage.role = "viewer"
    assert look("/monitoring").acts() == set()
    assert post(stage, do="watch", tag="x").status_code == 403


@pytest.mark.parametrize(("tag", "said"), [("", "1 to 250"), ("user:*", "leave out the *")])
def test_what_is_no_tag_is_refused_in_words(stage, tag, said):
    assert said in post(stage, HTMX, do="watch", tag=tag).text


def test_the_jobs_of_a_tag_are_a_list_like_any_other(look, stage):
    mine = [stage.push(tags=("a b/c?&", "x"), queue=queue) for queue in ("emails", "reports")]
    stage.push(tags=("other",))
    page = look("/monitoring/jobs?tag=a+b/c?%26")
    assert page.rows() == mine[::-1]
    assert look("/monitoring/jobs?tag=a+b/c?%26&q=queue:reports").rows() == mine[1:]
    assert page.all("input", name="tag", value="a b/c?&")
    assert look("/jobs?tag=other&q=queue:emails").all("a", **{"aria-label": "Remove the filter tag:other"})
    assert "tag: is given twice" in look("/monitoring/jobs?tag=x&q=tag:other", status=400).text
    assert stage.client.get("/horizon/monitoring/jobs").status_code == 422


def test_an_act_on_all_that_match_is_about_jobs_with_the_tag_only(look, stage):
    for _ in range(30):
        stage.push(tags=("mail",))
    assert look("/monitoring/jobs?tag=mail&state=pending").all("input", id="all-match", value="state:pending tag:mail")


def test_a_count_that_is_not_whole_says_so(look, stage, monkeypatch):
    assert DEEP == 5_000
    for wing in (memory, database, redis):
        monkeypatch.setattr(wing, "DEEP", 2)
    for _ in range(3):
        stage.push(tags=("mail",))
    keep(stage, ("mail",), ())
    page = look("/monitoring")
    assert "2+" in page.text
    assert "are counted; a + says so" in page.text
    assert "2+" in look("/monitoring/jobs?tag=mail").text


def test_the_api_tells_the_same(stage):
    stage.push(tags=("mail",))
    answer = stage.client.post("/horizon/api/monitoring", json={"action": "watch", "tag": "mail"}, headers=SAME)
    assert answer.json == {"action": "watch", "tag": "mail", "done": True}
    (row,) = stage.client.get("/horizon/api/monitoring").json["items"]
    assert (row["tag"], row["jobs"], row["counts"]["pending"], row["hours"][-1]) == ("mail", 1, 1, 1)
    assert json.loads(stage.client.get("/horizon/api/jobs?tag=mail").text)["items"][0]["tags"] == ["mail"]
    assert stage.client.post("/horizon/api/monitoring", json={"action": "explode", "tag": "x"}, headers=SAME).status_code == 400
