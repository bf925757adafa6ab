from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from horizon.backends.values import QueueSettings
from horizon.core.clock import HOUR, MINUTE, SECOND
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.core.states import JobState
from tests.stores.lending import fresh
from tests.web.pages.conftest import AT, HTMX, SAME, Page
from tests.web.pages.stage import NASTY, Stage


def names(page) -> list[str]:
    """The queues of the table, in order."""
    return [attrs["id"][2:] for attrs in page.all("tr") if attrs.get("id", "").startswith("q-")]


# the table ------------------------------------------------------------------------------------------


def test_without_a_queue_the_page_says_how_one_comes_into_being(look):
    page = look("/queues")
    assert "No queue has been used yet" in page.text
    assert page.all("button", **{"data-copy": "horizon work --queue emails"})


def test_every_queue_stands_in_the_table_with_its_figures(look, stage):
    stage.plenty()
    page = look("/queues")
    assert names(page) == ["data", "default", "emails", "images", "reports"]
    for word in ("Pending", "Running", "Scheduled", "Retrying", "Failed", "Oldest", "Clears in", "In/min", "Out/min"):
        assert word in page.text
    assert page.all("a", href="/horizon/queues/emails")
    assert "the supplier's API is down" in page.text
    assert page.all("a", **{"data-key": "q", "aria-current": "page"})


def test_a_queue_only_a_worker_lists_and_one_only_the_code_defines_are_there_too(look, stage):
    stage.worker(queues=("listed",))
    stage.store.queues.define([QueueSettings(name="defined")])
    assert names(look("/queues")) == ["defined", "listed"]


def test_marks_tell_overridden_settings_and_a_queue_that_nobody_serves(look, stage):
    stage.worker(queues=("other",))
    stage.push(queue="emails")
    stage.store.queues.override("other", {"max_jobs": 5})
    page = look("/queues")
    assert "no worker" in page.text
    assert "differs from code" in page.text
    assert page.all("span", title="Set at run time: max_jobs")


@pytest.mark.parametrize(
    ("sort", "first", "state"),
    [
        ("", "data", "ascending"),
        ("-name", "reports", "descending"),
        ("-pending", "emails", "descending"),
        ("pending", "default", "ascending"),
    ],
)
def test_the_table_is_sorted_by_its_address(look, stage, sort, first, state):
    stage.plenty()
    page = look(f"/queues?sort={sort}" if sort else "/queues")
    assert names(page)[0] == first
    assert [attrs["aria-sort"] for attrs in page.all("th") if "aria-sort" in attrs] == [state]


def test_a_header_sorts_figures_highest_first_and_then_the_other_way_round(look, stage):
    stage.plenty()
    assert look("/queues").all("a", href="/horizon/queues?sort=-failed")
    assert look("/queues?sort=-failed").all("a", href="/horizon/queues?sort=failed")


def test_a_column_that_is_not_there_and_a_page_that_is_none_are_refused(look):
    assert "queues can be sorted by name, pending" in look("/queues?sort=colour", 400).text
    assert "page is a whole number" in look("/queues?page=-1", 400).text


def test_many_queues_come_page_by_page(look, stage):
    for index in range(120):
        stage.push(queue=f"q{index:03}")
    first, last = look("/queues?sort=name"), look("/queues?page=4")
    assert (len(names(first)), names(last)[0], names(last)[-1]) == (30, "q090", "q119")
    assert "30 queues of 120, page 1 of 4" in first.text
    assert first.all("a", rel="next", href="/horizon/queues?page=2")
    assert not last.all("a", rel="next")
    assert names(look("/queues?page=99")) == names(last)


def test_a_page_full_of_queues_is_light(stage):
    for index in range(60):
        stage.push(queue=f"a-queue-with-quite-a-long-name-indeed-{index:03}")
        stage.store.queues.pause(f"a-queue-with-quite-a-long-name-indeed-{index:03}", reason="the provider is down until further notice")
    assert len(stage.client.get("/horizon/queues").data) < 40_000


def test_a_viewer_sees_no_button(look, stage):
    stage.plenty()
    stage.role = "viewer"
    assert look("/queues").acts() == set()
    assert look("/queues/emails").acts() == set()
    assert not look("/queues/emails").all("a", href="/horizon/queues/emails/clear")


# one queue ------------------------------------------------------------------------------------------


def test_a_queue_shows_its_figures_charts_workers_and_jobs_per_state(look, stage):
    stage.plenty()
    page = look("/queues/emails")
    for word in ("Pending", "Running", "Oldest", "Clears in", "In and out", "Wait before the start", "Workers", "Pause", "Settings"):
        assert word in page.text
    assert page.all("a", href="/horizon/jobs?state=failed&q=queue:emails")
    assert page.all("a", href="/horizon/jobs?q=queue:emails")
    assert "web-2" in page.text
    assert any("12 failed" in image.get("aria-label", "") for image in page.all("svg", role="img"))


@pytest.mark.parametrize(("over", "unit"), [("1h", "minute"), ("24h", "hour"), ("7d", "6 hours"), ("30d", "day"), ("nonsense", "minute")])
def test_the_charts_go_back_as_far_as_the_address_says(look, stage, over, unit):
    stage.plenty()
    page = look(f"/queues/emails?range={over}")
    assert f"jobs per {unit}" in page.text
    assert ("came in 198" if unit == "minute" else "came in 201") in page.text


def test_a_queue_without_a_worker_says_what_to_run(look, stage):
    stage.push(queue="emails")
    page = look("/queues/emails")
    assert page.all("button", **{"data-copy": "horizon work --queue emails"})
    assert "not clearing" in page.text


def test_a_queue_that_nobody_has_used_yet_can_be_looked_at(look):
    page = look("/queues/mial")
    assert "No job and no worker has used this queue yet." in page.text
    assert "pause" in page.acts()


@pytest.mark.parametrize("name", ["two words", "x" * 65, NASTY["html"].replace("/", ""), "ä"])
def test_what_cannot_be_the_name_of_a_queue_is_not_found(look, name):
    look(f"/queues/{name}", 404)


def test_a_queue_may_be_called_like_an_address_of_ours(look, stage):
    stage.push(queue="act")
    assert "act" in look("/queues/act").text


# acts -----------------------------------------------------------------------------------------------


def pause_of(stage, queue="emails") -> QueueSettings:
    return stage.store.queues.get(queue)


def test_a_queue_is_paused_from_the_table_and_resumed_where_it_stands(look, act, stage):
    stage.push(queue="emails")
    answer = act("/queues/act", do="pause:emails", back="/horizon/queues")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/horizon/queues")
    assert pause_of(stage).paused
    assert "resume" in look("/queues").acts()
    act("/queues/act", do="resume:emails")
    assert not pause_of(stage).paused


@pytest.mark.parametrize(("verb", "until"), [("pause-15", 15 * MINUTE), ("pause-60", HOUR)])
def test_a_pause_of_a_while_ends_by_itself(act, stage, verb, until):
    act("/queues/act", do=f"{verb}:emails", reason="  the relay moves ")
    assert (pause_of(stage).paused_until, pause_of(stage).paused_reason) == (AT + until, "the relay moves")


def test_a_pause_until_a_time_is_in_the_zone_of_the_viewer(look, act, stage):
    stage.client.set_cookie("horizon_tz", "Europe/Rome", path="/horizon")
    act("/queues/act", do="pause-until:emails", until="2026-11-22T18:00")
    assert pause_of(stage).paused_until == datetime(2026, 11, 22, 17, tzinfo=UTC).timestamp() * SECOND
    assert "22 Nov 2026, 18:00:00 CET" in look("/queues/emails").text


@pytest.mark.parametrize("until", ["", "soon", "2026-11-22T03:00", "9999999"])
def test_a_pause_until_no_time_to_come_is_refused(act, stage, until):
    assert act("/queues/act", do="pause-until:emails", until=until).status_code == 422
    assert not pause_of(stage).paused


def test_pausing_a_queue_that_nobody_has_used_says_so(act, stage):
    stage.worker()
    answer = act("/queues/act", do="pause:mial", headers=HTMX)
    assert "No job and no worker has used this queue yet" in answer.text
    assert pause_of(stage, "mial").paused


def test_a_drain_says_how_many_still_run_and_when_it_is_empty(look, act, stage):
    stage.worker()
    taken = stage.start(stage.push(queue="emails"))
    assert "1 job of it still runs" in act("/queues/act", do="drain:emails", headers=HTMX).text
    assert "Draining." in look("/queues/emails").text
    stage.end(taken)
    page = look("/queues/emails")
    assert "Drained." in page.text
    assert "None of its jobs runs" in page.text


def test_clearing_asks_for_the_name_and_says_how_many(look, act, stage):
    stage.push(queue="emails")
    stage.push(queue="emails", delay=HOUR)
    page = look("/queues/emails/clear")
    assert "2 jobs will be cancelled" in page.text
    assert page.all("input", name="typed", pattern="emails")
    refused = act("/queues/act", do="clear:emails", typed="email")
    assert refused.status_code == 422
    assert len(stage.store.oldest()) == 1


def test_what_was_cleared_can_be_put_back_from_the_toast_and_from_the_page(look, act, stage):
    waits, later = stage.push(queue="emails"), stage.push(queue="emails", delay=HOUR)
    toast = act("/queues/act", do="clear:emails", typed="emails", headers=HTMX)
    assert "2 waiting jobs cancelled" in toast.text
    assert 'value="unclear:emails"' in toast.text
    page = look("/queues/emails")
    assert "2 waiting jobs cancelled" in page.text
    (mark,) = {attrs["value"] for attrs in page.all("input", name="mark")}
    assert "Put 2 jobs back to emails" in act("/queues/act", do="unclear:emails", mark=mark, headers=HTMX).text
    assert [record.state for record in stage.store.many([waits, later])] == [JobState.PENDING, JobState.SCHEDULED]
    assert "unclear" not in look("/queues/emails").acts()


def test_an_empty_queue_has_nothing_to_clear(look):
    assert "Nothing waits in emails" in look("/queues/emails/clear").text


def test_all_that_waits_is_moved(act, stage):
    id = stage.push(queue="emails")
    assert "Moved 1 job from emails to slow" in act("/queues/act", do="move:emails", to="slow", headers=HTMX).text
    assert stage.store.get(id).queue == "slow"
    assert "name the queue" in act("/queues/act", do="move:emails", to="", headers=HTMX).text


def test_settings_are_set_marked_and_given_back_to_the_code(look, act, stage):
    stage.store.queues.define([QueueSettings(name="emails", priority_weight=2)])
    said = act("/queues/act", do="set:emails", max_jobs="5,000", priority_weight="2", patience="90", headers=HTMX)
    assert "most waiting jobs set to 5,000, patience set to 1 min 30 s" in said.text
    assert pause_of(stage).overridden == ("max_jobs", "patience")
    page = look("/queues/emails")
    assert "differs from code: no limit" in page.text
    assert {"reset-max_jobs", "reset-patience"} <= page.acts()
    act("/queues/act", do="reset-max_jobs:emails")
    act("/queues/act", do="set:emails", max_jobs="", priority_weight="2", patience="")
    assert pause_of(stage).overridden == ()
    assert "Nothing was changed" in act("/queues/act", do="set:emails", max_jobs="", priority_weight="2", headers=HTMX).text


@pytest.mark.parametrize(
    "fields", [{"max_jobs": "many"}, {"max_jobs": "0"}, {"priority_weight": "1.5"}, {"patience": "nan"}, {"patience": "1e400"}]
)
def test_an_improper_setting_is_refused(act, stage, fields):
    assert act("/queues/act", do="set:emails", **fields).status_code == 422
    assert pause_of(stage).overridden == ()


def test_an_operator_pauses_and_moves_but_neither_clears_nor_sets(look, act, stage):
    stage.role = "operator"
    stage.push(queue="emails")
    page = look("/queues/emails")
    assert {"pause", "drain", "move"} <= page.acts()
    assert not {"set", "clear"} & page.acts()
    assert act("/queues/act", do="clear:emails", typed="emails").status_code == 403
    assert act("/queues/act", do="set:emails", max_jobs="5").status_code == 403
    look("/queues/emails/clear", 403)


@pytest.mark.parametrize("do", ["", "explode:emails", "pause:", "pause:two words", "clear", ":emails", "pause:emails/nowhere"])
def test_what_is_no_act_on_a_queue_is_refused(act, do):
    assert act("/queues/act", do=do).status_code in (404, 422)


def test_a_queue_of_another_connection_is_another_queue():
    stage = Stage(AT, HORIZON_CONNECTIONS={"archive": fresh()})
    archive = stage.runtime.backend("archive")
    stage.push(queue="emails")
    archive.push([Envelope(id=uuid7(), name="shop:Old", queue="emails", payload=b"{}") for _ in range(3)])
    table = Page(stage.client.get("/horizon/queues").text)
    assert [attrs["value"] for attrs in table.all("button", name="do") if ":" in attrs["value"]] == [
        "pause:emails/archive",
        "pause:emails/default",
    ]
    page = Page(stage.client.get("/horizon/queues/emails?connection=archive").text)
    assert "on the connection archive" in page.text
    assert page.all("a", href="/horizon/jobs?state=pending&q=queue:emails&connection=archive")
    stage.client.post("/horizon/queues/act", data={"do": "clear:emails/archive", "typed": "emails"}, headers=SAME)
    assert [dict(row.counts) for row in archive.numbers.counts()] == [{JobState.CANCELLED: 3}]
    assert "Put them back" not in stage.client.get("/horizon/queues/emails").text
    assert "Put them back" in stage.client.get("/horizon/queues/emails?connection=archive").text
    stage.runtime.close()


def test_the_table_is_taken_away_as_a_file_in_its_order(look, stage):
    stage.plenty()
    stage.store.queues.pause("data", reason="=1+1")
    assert look("/queues?sort=-pending").all("a", href="/horizon/export/queues?format=csv&sort=-pending")
    answer = stage.client.get("/horizon/export/queues?sort=-pending")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="horizon-queues.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["name"] for row in rows] == ["emails", "reports", "data", "default", "images"]
    assert (rows[0]["pending"], rows[2]["paused_reason"]) == ("31", "'=1+1")
    assert [row["name"] for row in stage.client.get("/horizon/export/queues?format=json").json][:2] == ["data", "default"]
    assert stage.client.get("/horizon/export/queues?format=xml").status_code == 400


def test_the_page_of_a_queue_in_full_use_is_light(stage):
    for index in range(30):
        stage.worker(f"w{index}", host=f"a-host-with-a-long-name-{index:02}", queues=("emails", "reports", "images", f"more-{index}"))
    for _ in range(60):
        stage.clock.advance(60)
        stage.done(queue="emails")
    for index in range(150):
        stage.push(queue=f"another-queue-with-a-name-{index:03}")
    stage.push(queue="emails")
    stage.store.queues.override("emails", {"max_jobs": 5000, "patience": 90 * SECOND, "priority_weight": 3})
    stage.store.queues.pause("emails", reason="x" * 500)
    assert len(stage.client.get("/horizon/queues/emails").data) < 40_000


def test_what_the_code_says_of_a_queue_is_told_beside_its_settings(look, stage):
    stage.runtime.routing.define_queue(
        "emails", max_jobs=1500, when_full="delay", fair_by="tenant", encryption_enabled=True, max_concurrent=3
    )
    stage.runtime.routing.define_queue("plain", fifo=True, when_full="drop", max_jobs=10, rate_limit_max=5)
    stage.push(queue="emails")
    page = look("/queues/emails")
    for told in (
        "jobs take turns by tenant",
        "wait for room, 1,500 wait or run at the most",
        "3 of its jobs run at the most",
        "is encrypted",
    ):
        assert told in page.text, told
    assert "no limit" not in [one.get("placeholder") for one in page.all("input", id="s-max_jobs")]
    assert page.all("input", id="s-max_jobs", placeholder="1,500, then they wait")
    page = look("/queues/plain")
    for told in ("first come, first served", "are dropped, beyond 10 waiting ones", "starts 5 times in 60 s"):
        assert told in page.text, told
    assert "In the code" not in look("/queues/other").text


def test_who_paused_a_queue_is_told_on_its_page_and_in_the_table(look, stage, act):
    stage.push(queue="emails")
    act("/queues/act", do="pause:emails", reason="the supplier is down")
    stage.clock.advance(120)
    assert "By ana, 2 min ago." in look("/queues/emails").text
    assert "by ana" in look("/queues").text


def test_a_chart_tells_how_deep_a_queue_was(look, stage):
    stage.worker()
    for _ in range(3):
        stage.push(queue="emails")
    stage.clock.advance(60)
    stage.done(queue="emails")
    text = look("/queues/emails").text
    assert "jobs that wait or run, reckoned back from now" in text


def test_what_another_tab_has_set_since_is_left_alone(act, stage):
    drawn = {"was-max_jobs": "", "was-priority_weight": "1", "was-patience": "60"}
    act("/queues/act", do="set:emails", max_jobs="500", priority_weight="1", patience="60", **drawn)
    act("/queues/act", do="set:emails", max_jobs="", priority_weight="7", patience="60", **drawn)
    kept = stage.store.queues.get("emails")
    assert (kept.max_jobs, kept.priority_weight) == (500, 7)
    assert [name for entry in stage.store.audit.list() for name, _, _ in entry.changes] == ["priority_weight", "max_jobs"]
