"""A page that is not there, not for oneself or not possible: whoever is let in stays in the frame of all pages, and is told what to do next."""

from __future__ import annotations

from tests.web.pages.conftest import Page


def sought(page: Page) -> str:
    """What the page offers to look for."""
    return page.all("input", name="q", **{"class": "field"})[-1]["value"]


def test_an_id_that_nothing_has_is_looked_for_by_its_beginning(look, stage):
    id = stage.push()
    mistyped = id[:-1] + ("0" if id[-1] != "0" else "1")
    page = look(f"/jobs/{mistyped}", status=404)
    assert page.all("a", **{"class": "nav", "aria-current": "page"}) == [page.all("a", href="/horizon/jobs", **{"class": "nav"})[0]]
    assert sought(page) == id[:13]
    found = look(f"/find?q={sought(page)}")
    assert found.all("a", href=f"/horizon/jobs/{id}", **{"class": "name grow"})


def test_an_address_that_nothing_has_offers_a_search_and_the_overview(look):
    page = look("/nowhere", status=404)
    assert sought(page) == ""
    assert page.all("a", href="/horizon/", **{"class": "btn"})


def test_what_somebody_may_not_do_is_told_in_the_frame(look, stage):
    id = stage.push()
    stage.role = "viewer"
    page = look(f"/jobs/{id}/edit", status=403)
    assert page.all("nav", id="nav")
    assert page.all("a", href="/horizon/", **{"class": "btn primary"})
