from __future__ import annotations

import pytest

from horizon.control.views import LONGEST_QUERY, MOST_OWN, ViewControl
from horizon.core.errors import InvalidInput, InvalidTransition, NotFound, PermissionDenied
from tests.shop import ANA, OTTO, VERA, Shop


@pytest.fixture
def views(shop: Shop) -> ViewControl:
    return ViewControl(shop)


def names(views: ViewControl, actor: object, page: str = "") -> list[str]:
    return [one.name for one in views.seen_by(actor, page)]  # type: ignore[arg-type]


def test_an_own_view_is_seen_by_its_owner_alone_a_shared_one_by_everybody(views: ViewControl) -> None:
    views.save(VERA, "Mine", "jobs", "q=state:failed")
    views.save(OTTO, "Ours", "failed", "q=tag:mail", shared=True)
    assert names(views, VERA) == ["Mine", "Ours"]
    assert names(views, OTTO) == ["Ours"]
    assert names(views, VERA, "jobs") == ["Mine"]


def test_what_says_only_where_somebody_was_is_not_kept(views: ViewControl) -> None:
    made = views.save(VERA, "  Failed   mails ", "jobs", "?q=tag%3Amail&state=failed&cursor=abc&open=x&page=3&empty=")
    assert (made.name, made.query) == ("Failed mails", "q=tag%3Amail&state=failed")
    assert made.args() == {"q": "tag:mail", "state": "failed"}


def test_to_share_takes_an_operator_and_to_change_anothers_an_admin(views: ViewControl) -> None:
    with pytest.raises(PermissionDenied, match="operate"):
        views.save(VERA, "Ours", "jobs", "q=x", shared=True)
    mine = views.save(VERA, "Mine", "jobs", "q=x")
    with pytest.raises(PermissionDenied, match="operate"):
        views.change(VERA, mine.id, {"shared": True})
    ours = views.save(OTTO, "Ours", "jobs", "q=y", shared=True)
    for refused in (lambda: views.change(VERA, ours.id, {"name": "Hers"}), lambda: views.remove(VERA, ours.id)):
        with pytest.raises(PermissionDenied, match="otto's"):
            refused()
    assert views.change(ANA, ours.id, {"name": "Everybody's", "pinned": True}).pinned
    assert names(views, VERA) == ["Everybody's", "Mine"]
    views.remove(ANA, ours.id)
    assert names(views, VERA) == ["Mine"]


def test_anothers_own_view_is_not_there_for_others(views: ViewControl) -> None:
    mine = views.save(VERA, "Mine", "jobs", "q=x")
    with pytest.raises(NotFound):
        views.get(OTTO, mine.id)
    assert views.get(ANA, mine.id).name == "Mine"
    with pytest.raises(NotFound):
        views.get(VERA, "x" * 5_000)


def test_a_name_is_taken_once_per_list_and_person_and_once_among_the_shared(views: ViewControl) -> None:
    views.save(VERA, "Mine", "jobs", "q=x")
    with pytest.raises(InvalidTransition, match="already"):
        views.save(VERA, "mine", "jobs", "q=y")
    views.save(VERA, "Mine", "failed", "q=y")
    views.save(OTTO, "Mine", "jobs", "q=y", shared=True)
    with pytest.raises(InvalidTransition, match="already"):
        views.save(ANA, "MINE", "jobs", "q=z", shared=True)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\x00lines"])
def test_a_name_that_will_not_do_is_refused(views: ViewControl, name: str) -> None:
    with pytest.raises(InvalidInput, match="name of 1 to 60"):
        views.save(VERA, name, "jobs", "q=x")


def test_a_list_that_is_none_and_an_address_that_is_too_long_are_refused(views: ViewControl) -> None:
    with pytest.raises(InvalidInput, match="one of the lists"):
        views.save(VERA, "x", "login", "q=x")
    with pytest.raises(InvalidInput, match="at most 2,000"):
        views.save(VERA, "x", "jobs", "q=" + "x" * LONGEST_QUERY)
    assert views.save(VERA, "مرحبا 👩‍👩‍👧", "jobs", "q=x").name == "مرحبا 👩‍👩‍👧"


def test_nobody_keeps_more_than_so_many(views: ViewControl) -> None:
    for index in range(MOST_OWN):
        views.save(VERA, f"view {index}", "jobs", "q=x")
    with pytest.raises(InvalidTransition, match="100 views already"):
        views.save(VERA, "one more", "jobs", "q=x")
    views.save(OTTO, "one more", "jobs", "q=x")


def test_each_change_leaves_an_audit_entry(views: ViewControl, shop: Shop) -> None:
    made = views.save(OTTO, "Ours", "jobs", "q=x", shared=True)
    views.change(OTTO, made.id, {"name": "All"})
    views.change(OTTO, made.id, {"name": "All"})
    views.remove(OTTO, made.id)
    told = [(entry.actor, entry.verb, entry.target) for entry in shop.backend().audit.list()]
    assert told == [("otto", "remove view", "view:All"), ("otto", "change view", "view:All"), ("otto", "save view", "view:Ours")]
