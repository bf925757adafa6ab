"""What was removed, watched tags and bulk actions as files, and the filter of bulk actions."""

from __future__ import annotations

from horizon.core.query import JobQuery


def test_what_was_removed_is_taken_away(stage, act):
    stage.worker()
    ids = [stage.done() for _ in range(2)]
    act("/jobs/act", do=f"forget:{ids[0]}", sure="1")
    (row,) = stage.client.get("/horizon/export/removed?format=json").json
    assert (row["id"], bool(row["removed_at"])) == (ids[0], True)
    assert stage.client.get("/horizon/export/removed").text.startswith("removed_at,id,name,state")


def test_watched_tags_are_taken_away_with_their_counts(stage, act):
    stage.push(tags=("tenant:7",))
    act("/monitoring/act", do="watch", tag="tenant:7")
    (row,) = stage.client.get("/horizon/export/monitoring?format=json").json
    assert (row["tag"], row["watched_by"], row["pending"]) == ("tenant:7", "ana", 1)


def test_watched_tags_are_narrowed_by_words_and_state_on_the_page_and_in_the_file(look, stage, act):
    stage.worker()
    stage.fail(tags=("tenant:7",))
    stage.push(tags=("tenant:8",))
    for tag in ("tenant:7", "tenant:8", "mail"):
        act("/monitoring/act", do="watch", tag=tag)

    def rows(asked: str) -> list[str]:
        return [row["id"][2:] for row in look(f"/monitoring?{asked}").all("tr") if row.get("id", "").startswith("t-")]

    for asked, found in (
        ("q=tenant", ["tenant:7", "tenant:8"]),
        ("state=failed", ["tenant:7"]),
        ("q=-tenant+user:ana", ["mail"]),
        ("q=user:ben", []),
    ):
        assert rows(asked) == found, asked
    assert "Nothing fits" in look("/monitoring?q=nobody").text
    assert "3 watched tags" in look("/monitoring?q=mail").text
    assert [row["tag"] for row in stage.client.get("/horizon/export/monitoring?format=json&state=waiting").json] == ["tenant:8"]
    assert look("/monitoring?q=mail").all("a", href="/horizon/export/monitoring?format=csv&q=mail")


def test_bulk_actions_are_narrowed_and_taken_away(look, stage):
    for verb, actor in (("retry", "ana"), ("cancel", "ben")):
        stage.store.operations.start(verb, JobQuery(queue="emails"), {}, actor=actor, expected=3)
    page = look("/operations?q=user:ben")
    assert "Cancel 3 jobs" in page.text
    assert "Retry 3 jobs" not in page.text
    assert page.all("a", href="/horizon/new/view?page=operations&q=user%3Aben")
    assert "Nothing fits" in look("/operations?state=running&q=nobody").text
    assert [row["actor"] for row in stage.client.get("/horizon/export/operations?format=json&q=action:retry").json] == ["ana"]


def test_lists_that_have_rows_offer_their_views(look, stage, act):
    stage.worker()
    stage.push(tags=("tenant:7",))
    act("/monitoring/act", do="watch", tag="tenant:7")
    act("/jobs/act", do=f"forget:{stage.done()}", sure="1")
    for page in ("monitoring", "removed", "audit"):
        assert look(f"/{page}").all("a", href=f"/horizon/new/view?page={page}"), page
