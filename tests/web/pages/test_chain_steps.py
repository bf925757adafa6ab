"""Adding a step to a chain that goes on, and taking one out."""

from __future__ import annotations

from horizon.jobs.groups.steps import status_of
from tests.web import shop_jobs
from tests.web.pages import flows
from tests.web.pages.conftest import HTMX

NAME = shop_jobs.SendMail.name


def named(stage, id: str):
    return status_of(stage.store, stage.store.groups.get(id)).steps


def steps(stage, id: str) -> list[tuple[str, str, bool]]:
    return [(step.name.rpartition(":")[2], step.state, step.removed) for step in status_of(stage.store, stage.store.groups.get(id)).steps]


def test_a_step_is_added_at_the_end_and_behind_another(stage, act, look):
    stage.worker()
    id, ids = flows.chain(stage, "Extract", "Load", "Report")
    page = look(f"/chains/{id}")
    assert page.all("option", value=ids["Extract"])
    assert not page.all("option", value=ids["Report"])
    assert act("/chains/steps", do=f"add:{id}", name=NAME, args='{"to": "a@b.c"}').status_code == 303
    act("/chains/steps", do=f"add:{id}", name=NAME, args='{"to": "x@b.c"}', after=ids["Extract"])
    assert [name for name, _, _ in steps(stage, id)] == ["Extract", "send-mail", "Load", "Report", "send-mail"]
    assert [entry.verb for entry in stage.store.audit.list()][:2] == ["insert step", "insert step"]
    drawn = look(f"/chains/{id}")
    assert len([line for line in drawn.all("path") if "edge" in (line.get("class") or "") and "tip" not in line["class"]]) == 4


def test_what_cannot_be_added_is_told(stage, act):
    stage.worker()
    id, _ = flows.chain(stage, "Extract", "Load")
    for fields, said in (
        ({"name": "shop.jobs:Nothing"}, "no job is registered as"),
        ({"name": NAME, "args": "[1]"}, "the arguments are a JSON object"),
        ({"name": NAME, "args": '{"nobody": 1}'}, "does not take these arguments"),
        ({"name": NAME, "args": '{"to": "a@b.c"}', "after": "nothing"}, "the chain has no step"),
    ):
        answer = act("/chains/steps", do=f"add:{id}", headers=HTMX, **fields)
        assert said in answer.text, answer.text
    assert len(steps(stage, id)) == 2


def test_a_step_that_waits_is_removed_after_a_question(stage, act, look):
    stage.worker()
    id, ids = flows.chain(stage, "Extract", "Load", "Report")
    asked = act("/chains/steps", do=f"remove:{id}/{ids['Load']}", number="2")
    assert "Remove step 2 of ETL?" in asked.text
    assert not any(removed for _, _, removed in steps(stage, id))
    act("/chains/steps", do=f"remove:{id}/{ids['Load']}", sure="1")
    assert ("Load", "cancelled", True) in steps(stage, id)
    page = look(f"/chains/{id}")
    assert "1 step was removed." in page.text
    assert "not needed" not in page.text
    assert not page.all("button", value=f"remove:{id}/{ids['Extract']}")
    assert page.all("button", value=f"remove:{id}/{ids['Report']}")


def test_a_step_that_was_removed_is_no_progress(stage, act, look):
    stage.worker()
    id, ids = flows.chain(stage, "Extract", "Load", "Report")
    act("/chains/steps", do=f"remove:{id}/{ids['Load']}", sure="1")
    text = " ".join(look(f"/chains/{id}").text.split())
    assert "0 of 2 steps" in text
    assert "1 step was removed." in text
    assert "33 %" not in look("/chains").text
    assert status_of(stage.store, stage.store.groups.get(id)).progress == 0


def test_who_may_only_look_sees_no_buttons_and_changes_nothing(stage, act, look):
    stage.worker()
    id, ids = flows.chain(stage, "Extract", "Load")
    stage.role = "viewer"
    page = look(f"/chains/{id}")
    assert "Add a step" not in page.text
    assert not page.all("button", value=f"remove:{id}/{ids['Load']}")
    assert act("/chains/steps", do=f"remove:{id}/{ids['Load']}", sure="1").status_code == 403


def test_a_step_that_was_removed_is_put_back_to_where_it_stood_as_a_new_job(stage, act, look):
    stage.worker()
    id, ids = flows.chain(stage, "Extract", "Load", "Report")
    for name in ("Load", "Report"):
        act("/chains/steps", do=f"add:{id}", name=NAME, args=f'{{"to": "{name}@b.c"}}', after=ids["Extract"])
    first, second = (step.id for step in named(stage, id) if step.name == NAME)
    toast = act("/chains/steps", do=f"remove:{id}/{second}", sure="1", headers=HTMX).text
    assert f"restore:{id}/{second}" in toast
    assert "/removed" not in toast  # that page has jobs; a step stands on the page of its chain
    act("/chains/steps", do=f"remove:{id}/{first}", sure="1")
    assert look(f"/chains/{id}").all("button", value=f"restore:{id}/{second}")
    act("/chains/steps", do=f"restore:{id}/{second}")
    act("/chains/steps", do=f"restore:{id}/{first}")
    assert [name for name, _, removed in steps(stage, id) if not removed] == ["Extract", "send-mail", "send-mail", "Load", "Report"]
    back = [stage.store.get(step.id) for step in named(stage, id) if step.name == NAME and not step.removed]
    assert {f"from:{first}", f"from:{second}"} == {tag for job in back for tag in job.tags if tag.startswith("from:")}
    twice = act("/chains/steps", do=f"restore:{id}/{first}", headers=HTMX)
    assert "was put back already" in twice.text
    assert stage.store.audit.list()[0].verb == "restore step"


def test_the_last_step_is_put_back_too_and_one_that_was_not_removed_is_not(stage, act):
    stage.worker()
    id, ids = flows.chain(stage, "Extract", "Load")
    act("/chains/steps", do=f"add:{id}", name=NAME, args='{"to": "a@b.c"}')
    (last,) = (step.id for step in named(stage, id) if step.name == NAME)
    act("/chains/steps", do=f"remove:{id}/{last}", sure="1")
    act("/chains/steps", do=f"restore:{id}/{last}")
    assert [name for name, _, removed in steps(stage, id) if not removed] == ["Extract", "Load", "send-mail"]
    assert "was not removed" in act("/chains/steps", do=f"restore:{id}/{ids['Load']}", headers=HTMX).text
