"""What everybody can see: axe finds nothing, nothing runs out of the window, no page offends its own content policy."""

from __future__ import annotations

import pytest

from tests.web.browser.conftest import AXE, quick

RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations']}"
CONTRAST = "{runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations']}"
LISTS = ("/", "/jobs", "/jobs?state=scheduled", "/jobs?q=error:SMTP+after:2h", "/failed?view=causes", "/help", "/failed")


def paths(stage) -> list[str]:
    """Every page, and the page of every job the scene made a name for."""
    return [*LISTS, *(f"/jobs/{id}" for name in ("tried", "running", "hurt") if (id := getattr(stage, name, None)))]


def violations(page, rules: str) -> list[object]:
    """What axe has against the page as it stands."""
    page.evaluate(AXE)
    return page.evaluate(f"axe.run(document, {rules}).then(all => all.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 160))]))")


@pytest.mark.parametrize(("scene", "pages"), [("plenty", 10), ("nasty", 2), ("empty", 2)])
def test_axe_finds_nothing_and_in_the_dark_the_contrast_is_right_as_well(site, scene, pages):
    stage = quick(scene)
    here = site(stage)
    page = here.tab("/", color_scheme="light", reduced_motion="reduce")
    wrong = []
    for path in paths(stage)[::-1][:pages]:
        page.emulate_media(color_scheme="light")
        page.goto(here.url(path), wait_until="domcontentloaded")
        wrong += [(path, one) for one in violations(page, RULES)]
        page.emulate_media(color_scheme="dark")
        wrong += [(path, "dark", one) for one in violations(page, CONTRAST)]
    assert wrong == []


@pytest.mark.parametrize("scene", ["plenty", "nasty", "empty"])
def test_nothing_scrolls_sideways_from_360_pixels_up(site, scene):
    stage = quick(scene)
    here = site(stage)
    page = here.tab("/", width=360, has_touch=True)
    for path in paths(stage)[:: 3 if scene == "empty" else 1]:
        page.goto(here.url(path), wait_until="domcontentloaded")
        for width in (360, 620, 800, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_what_is_touched_on_a_phone_is_large_enough(site):
    stage = quick("plenty")
    page = site(stage).tab("/failed", width=390, has_touch=True, is_mobile=True)
    small = page.evaluate(
        "[...document.querySelectorAll('button, a.btn, a.nav, .tabs a')].filter(e => e.checkVisibility())"
        ".map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect().height]).filter(([, height]) => height < 38)"
    )
    assert small == []


def test_the_theme_goes_round_is_kept_and_is_there_before_any_script(site):
    stage = quick()
    here = site(stage)
    page = here.tab("/", color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Theme: auto").click()
    assert page.evaluate(background) != light
    page.route("**/ui.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate(background) != light
    page.unroute("**/ui.js*")
    page.reload()
    page.get_by_role("button", name="Theme: dark").click()
    page.get_by_role("button", name="Theme: light").click()
    assert page.locator("html").get_attribute("data-theme") == "auto"


def test_a_dark_system_is_dark_by_itself(site):
    stage = quick()
    here = site(stage)
    seen = [here.tab("/", color_scheme=theme).evaluate("getComputedStyle(document.body).backgroundColor") for theme in ("light", "dark")]
    assert seen[0] != seen[1]


def test_names_that_try_to_run_a_script_are_read_as_text(site):
    stage = quick("nasty")
    here = site(stage)
    page = here.tab("/")
    page.on("dialog", lambda dialog: here.complaints.append(f"a script ran: {dialog.message}"))
    for path in ("/", "/jobs", "/failed?view=causes", f"/jobs/{stage.hurt}"):
        page.goto(here.url(path), wait_until="domcontentloaded")
        assert page.locator("main img, main script").count() == 0
    page.goto(here.url("/jobs"), wait_until="domcontentloaded")
    assert "<script>alert('x')</script>" in page.locator("main").inner_text()


def test_icons_are_drawn(site):
    stage = quick()
    page = site(stage).tab("/")
    assert page.evaluate("document.querySelector('a.nav svg use').getBoundingClientRect().width") > 5


def test_a_dialog_is_as_accessible_as_a_page(site):
    stage = quick()
    stage.worker()
    stage.start(id := stage.push())
    page = site(stage).tab(f"/jobs/{id}", reduced_motion="reduce")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog", name="Cancel SendEmail?").wait_for()
    assert violations(page, RULES) == []
