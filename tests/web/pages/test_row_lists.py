"""Lists that are read whole: narrowed, taken away, acted on by rows; schedules and queues here."""

from __future__ import annotations

import csv
import io

import pytest

from horizon.backends.schedules import Schedule, ScheduleChange
from horizon.web import narrowing
from tests.schedule.office import alone  # noqa: F401
from tests.web.pages.conftest import HTMX, Page

JOB = "tests.schedule.office:Report"


@pytest.fixture
def kept(stage):
    """Three schedules of the store."""
    names = {"invoices": ("0 2 * * *", "billing"), "letters": ("every 60s", "emails"), "reports": ("0 3 * * 1", "billing")}
    at = stage.store.now() + 10**9
    made = [
        Schedule(name=name, target=JOB, when=when, options={"queue": queue}, due_at=at, next_at=at) for name, (when, queue) in names.items()
    ]
    stage.store.schedules.write([ScheduleChange(name=one.name, version=0, schedule=one) for one in made])
    return list(names)


def ids(page, prefix):
    return [row["id"].removeprefix(prefix) for row in page.all("tr") if row.get("id", "").startswith(prefix)]


def paused(stage):
    return [one.name for one in stage.store.schedules.all() if one.paused]


def test_schedules_are_narrowed_by_words_keys_and_state(look, act, kept):
    act("/schedules/act", do="pause:letters")
    for asked, found in (
        ("", kept), ("q=rep", kept), ("q=name:rep", ["reports"]), ("q=queue:billing", ["invoices", "reports"]), ("q=-queue:billing", ["letters"]),
        ("state=paused", ["letters"]), ("q=class:Report+name:%22letters%22", ["letters"]), ("q=name:%22letter%22", []), ("q=monday", ["reports"]),
    ):  # fmt: skip
        assert ids(look(f"/schedules?{asked}"), "s-") == found, asked
    assert "Paused1" in look("/schedules").text
    assert "did you mean paused?" in look("/schedules?state=pausd", status=400).text
    assert "there are class, name, queue, timezone" in look("/schedules?q=tag:x", status=400).text


def test_schedules_are_taken_away_with_their_filters(stage, kept):
    answer = stage.client.get("/horizon/export/schedules?q=queue:billing&format=json")
    assert [row["name"] for row in answer.json] == ["invoices", "reports"]
    rows = list(csv.DictReader(io.StringIO(stage.client.get("/horizon/export/schedules").text)))
    assert [row["name"] for row in rows] == kept
    assert stage.client.get("/horizon/export/schedules?format=xml").status_code == 400


def test_several_schedules_are_paused_at_once_and_resumed_by_undo(look, act, stage, kept):
    act("/schedules/act", do="pause:reports")
    page = look("/schedules")
    assert page.all("button", value="pause")[0]["data-many"] == "Pause {n} schedules"
    (rows,) = page.all("input", name="rows")
    said = act("/schedules/act", do="pause", rows=rows["value"].replace("\n", "\r\n"), id=["0", "2"], headers=HTMX)
    assert "Paused 1 schedule; 1 left as they were: it is paused already" in said.text
    assert paused(stage) == ["invoices", "reports"]
    undo = Page(said.text)
    assert undo.all("form", method="post")[0]["action"] == "/horizon/schedules/act"
    act("/schedules/act", **{field["name"]: field["value"] for field in undo.all("input", type="hidden")})
    assert paused(stage) == ["reports"]


def test_many_schedules_are_run_once_it_was_asked(act, stage, kept):
    asked = act("/schedules/act", do="run", match="?q=queue:billing")
    assert "Run 2 schedules now?" in asked.text
    assert "billing 2" in " ".join(asked.text.replace('<b class="tnum">', "").split())
    act("/schedules/act", do="run", match="?q=queue:billing", sure="1")
    assert [one.name for one in stage.store.schedules.all() if one.last_job] == ["invoices", "reports"]
    assert {row.queue: row.counts["pending"] for row in stage.store.numbers.counts()} == {"billing": 2}


def test_queues_are_narrowed_sorted_and_taken_away(look, act, stage):
    for queue, count in (("emails", 1), ("exports", 3), ("letters", 2)):
        for _ in range(count):
            stage.push(queue=queue)
    act("/queues/act", do="pause:exports")
    assert ids(look("/queues?q=e&sort=-pending"), "q-") == ["exports", "letters", "emails"]
    assert ids(look("/queues?q=-ex+e&sort=-pending"), "q-") == ["letters", "emails"]
    assert ids(look("/queues?state=paused"), "q-") == ["exports"]
    page = look("/queues?q=ex")
    assert page.all("a", href="/horizon/queues?q=ex&sort=-pending")
    assert page.all("a", href="/horizon/new/view?page=queues&q=ex")
    assert [row["name"] for row in stage.client.get("/horizon/export/queues?format=json&q=ex").json] == ["exports"]


def test_several_queues_are_paused_and_resumed(look, act, stage):
    for queue in ("a", "b", "c"):
        stage.push(queue=queue)
    (rows,) = look("/queues").all("input", name="rows")
    said = act("/queues/act", do="pause", rows=rows["value"], id=["0", "2"], reason="the relay moves", headers=HTMX)
    assert "Paused 2 queues" in said.text
    assert [queue.name for queue in stage.store.queues.all() if queue.paused] == ["a", "c"]
    asked = act("/queues/act", do="resume", match="?state=paused")
    assert "Resume 2 queues?" in asked.text
    act("/queues/act", do="resume", match="?state=paused", sure="1")
    assert not [queue.name for queue in stage.store.queues.all() if queue.paused]


@pytest.mark.parametrize("path", ["/queues/act", "/schedules/act"])
def test_forms_about_rows_that_mean_nothing_are_refused(act, stage, kept, path):
    stage.push()
    for fields, said in (
        ({"do": "pause"}, "tick the rows"),
        ({"do": "shred", "match": "?"}, "shred"),
        ({"do": "pause", "match": "?q=nobody"}, "none of these"),
    ):
        assert said in act(path, headers=HTMX, **fields).text
    stage.role = "viewer"
    assert act(path, do="pause", match="?", sure="1").status_code == 403


@pytest.mark.parametrize("path", ["/queues", "/schedules"])
def test_a_viewer_narrows_and_ticks_nothing(look, stage, kept, path):
    stage.push()
    stage.role = "viewer"
    page = look(path)
    assert page.all("input", id="find-rows")
    assert not page.all("input", type="checkbox", name="id")


def test_quotes_ask_for_the_whole_value_of_a_key():
    how = narrowing.Narrowing(states={}, words=lambda row: (row,), keys={"name": lambda row: (row,)})
    assert how.understand({"q": 'name:"Mail"'}).of(["mail", "mails"]) == ["mail"]
    assert how.understand({"q": "name:mail*"}).of(["mail", "mails", "letter"]) == ["mail", "mails"]
    assert how.understand({"q": "-mails"}).of(["mail", "mails", None or ""]) == ["mail", ""]
