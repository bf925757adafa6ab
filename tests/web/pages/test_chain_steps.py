"""Adding a step to a chain that goes on, and taking one out."""

from __future__ import annotations

from tests.web import shop_jobs
from tests.web.pages import flows
from tests.web.pages.conftest import HTMX

NAME = shop_jobs.SendMail.name


def steps(stage, id: str) -> list[tuple[str, str, bool]]:
    from horizon.jobs.groups.steps import status_of

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


def test_who_may_only_look_sees_no_buttons_and_changes_nothing(stage, act, look):
    stage.worker()
    id, ids = flows.chain(stage, "Extract", "Load")
    stage.role = "viewer"
    page = look(f"/chains/{id}")
    assert "Add a step" not in page.text
    assert not page.all("button", value=f"remove:{id}/{ids['Load']}")
    assert act("/chains/steps", do=f"remove:{id}/{ids['Load']}", sure="1").status_code == 403
