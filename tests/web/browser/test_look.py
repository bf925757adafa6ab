"""What everybody can see: axe finds nothing, nothing runs out of the window, no page offends its own content policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from horizon.web.pages.table import PAGES
from tests.web import sights
from tests.web.browser.conftest import AXE, CHROMIUM, Site, comes_true, drawn, overflows, quick
from tests.web.browser.scenes import everything
from tests.web.screens import go

RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations']}"
CONTRAST = "{runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations']}"


def violations(page, rules: str) -> list[object]:
    """What axe has against the page as it stands."""
    drawn(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return page.evaluate(f"axe.run(document, {rules}).then(all => all.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 160))]))")


SLOW = pytest.mark.slow
DOWNLOADS = {"audit_export", "job_log", "job_traceback", *(row.endpoint for row in PAGES if row.endpoint.startswith("export_"))}
LEADS_ELSEWHERE = {"view"}
WIDTHS = (2560, 1280, 800, 620, 360, 390)
ALIKE = {"alerts-3", "audit-2", "batches-2", "failed-3", "jobs-5", "queues-2", "queue-2", "workflow-3", "job-scheduled", "job-asked",
         "compare-attempts", "ask-cancel-all", "ask-move-all", "ask-restart", "ask-retry-group"}  # fmt: skip
"""Differ from a neighbour in their data, not in their make: looked at where it may take long."""


def faults(here, page, sight, thorough: bool) -> list[object]:
    """What is wrong with a sight: light on a desk, dark on a phone, and at any width between; thorough: the other way round too."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})
    go(here, page, sight)
    found = [("light", one) for one in violations(page, RULES)]
    page.emulate_media(color_scheme="dark")
    found += [("dark", one) for one in violations(page, CONTRAST)] if thorough else []
    for width in WIDTHS if thorough else WIDTHS[1:]:
        found += [("wider than", width)] if overflows(page, width) else []
    found += [("phone", one) for one in violations(page, RULES)]
    page.emulate_media(color_scheme="light")
    return found + ([("phone, light", one) for one in violations(page, CONTRAST)] if thorough else [])


PARTS = 4
"""Of the sights that everybody looks at, so that several processes may share them."""
EVERYTHING = [
    *(("full", False, part, PARTS) for part in range(PARTS)),
    ("doors", True, 0, 1),
    ("locked", True, 0, 1),
    *(pytest.param(name, True, 0, 1, marks=SLOW) for name in ("full", "nasty", "empty")),
]


@pytest.fixture(scope="module")
def scene(request):
    return sights.SCENES[request.param]()


@pytest.mark.parametrize(("scene", "thorough", "part", "of"), EVERYTHING, indirect=["scene"])
def test_axe_finds_nothing_in_either_theme_and_nothing_scrolls_sideways_wherever_one_looks(site, scene, thorough, part, of):
    here = site(scene.stage)
    here.expects("the server responded with a status of 4")  # a page that says no on purpose is told on the console of the tab
    page = here.tab("/login" if scene.name == "doors" else "/help", reduced_motion="reduce")
    seen = [sight for sight in scene.sights if thorough or sight.name not in ALIKE][part::of]
    assert [(sight.name, one) for sight in seen for one in faults(here, page, sight, thorough)] == []


@SLOW
@pytest.mark.parametrize("locale", ["he", "fr", "it", "de"])
@pytest.mark.parametrize("scene", ["full", "nasty", "empty"], indirect=True)
def test_axe_finds_nothing_and_nothing_scrolls_sideways_in_any_language(from_the_right, site, scene, locale):
    here = site(scene.stage)
    here.expects("the server responded with a status of 4")
    page = here.tab("/help", reduced_motion="reduce", locale=locale)
    assert page.evaluate("document.documentElement.lang") == locale
    seen = [sight for sight in scene.sights if sight.name not in ALIKE]
    assert [(sight.name, one) for sight in seen for one in faults(here, page, sight, thorough=False)] == []


@pytest.mark.parametrize("path", ["/queues", "/schedules"])
def test_the_widest_tables_run_out_of_no_window_in_the_language_of_long_words(site, path):
    stage = quick("plenty")
    sights.scheduled(stage, ("a reason",))
    page = site(stage).tab(path, locale="de")
    assert [width for width in (1440, 1100, 1000, 880, 800, 700, 641, 390, 360) if overflows(page, width)] == []


SHORT = """() => [...document.querySelectorAll('main table')].flatMap((table) => {
  const end = table.getBoundingClientRect().right;
  return [...table.rows].filter((row) => row.checkVisibility()).map((row) => Math.max(...[...row.cells].map((cell) => cell.getBoundingClientRect().right)))
    .filter((right) => Math.abs(right - end) > 1).map((right) => [table.className, right, end]);
})"""
"""Rows whose lines end before their table does."""


CUT = """() => [...document.querySelectorAll('main table')].filter((table) => table.checkVisibility() && !table.closest('.scroll, .fields'))
  .filter((table) => table.getBoundingClientRect().right > table.closest('.card').getBoundingClientRect().right + 1).map((table) => table.className)"""
"""Tables of which the edge of their card cuts something off."""
TABLES = ("overview", "queues", "failed-2", "batches", "chains", "operations", "audit", "schedules", "schedule", "workers", "job")


@pytest.mark.parametrize("scene", ["full"], indirect=True)
def test_no_table_is_cut_off_between_a_phone_and_a_desk(site, scene):
    here = site(scene.stage)
    page = here.tab("/help")
    cut = []
    for sight in (one for one in scene.sights if one.name in TABLES):
        go(here, page, sight)
        for width in (1241, 1100, 960, 862, 700, 641, 360):
            wider = overflows(page, width)
            cut += [(sight.name, width, one) for one in page.evaluate(CUT)] + ([(sight.name, width)] if wider else [])
    assert cut == []


@pytest.fixture
def large_letters(chromium):
    """The same browser, in which somebody has set letters half as large again."""
    kind = chromium.browser_type
    made = kind.launch(firefox_user_prefs={"font.size.variable.x-western": 24}) if kind.name == "firefox" else kind.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--blink-settings=defaultFontSize=24"]
    )  # fmt: skip
    yield made
    made.close()


@pytest.mark.parametrize(
    ("scene", "names"),
    [("full", TABLES), pytest.param("full", (), marks=SLOW), pytest.param("nasty", (), marks=SLOW)],
    indirect=["scene"],
)
def test_letters_grow_as_somebody_set_them_and_pages_stay_whole(large_letters, scene, names):
    """names: of the sights that are looked at; none: all of them."""
    here, faulty = Site(scene.stage, large_letters), []
    try:
        page = here.tab("/help", reduced_motion="reduce")
        assert page.evaluate("getComputedStyle(document.body).fontSize") == "21px"
        for sight in (one for one in scene.sights if one.name in (names or {one.name} - ALIKE)):
            go(here, page, sight)
            for width in (1440, 390):
                wider = overflows(page, width)
                faulty += [(sight.name, width, one) for one in page.evaluate(CUT)] + ([(sight.name, width)] if wider else [])
    finally:
        here.close()
    assert faulty == []


def test_the_name_of_a_job_has_room_where_the_window_is_hardly_wide_enough_for_its_columns(site):
    page = site(quick("plenty")).tab("/jobs", locale="de")
    for width in (641, 821, 861, 1081):
        page.set_viewport_size({"width": width, "height": 900})
        assert min(page.locator(".jobs td.wide").evaluate_all("cells => cells.map(cell => cell.clientWidth)")) > 100, width
        expect(page.locator(".jobs td.last time").first).to_be_visible()


def test_on_paper_a_row_without_its_buttons_reaches_to_the_edge_of_its_table(site):
    stage = everything()
    here = site(stage)
    page = here.tab("/help", width=720)
    page.emulate_media(media="print")
    short = {}
    for path in ("/jobs", "/failed?view=causes", "/queues", "/schedules", "/views", "/monitoring", "/removed", "/operations"):
        page.goto(here.url(path), wait_until="domcontentloaded")
        expect(page.locator("main table").first, path).to_be_visible()
        expect(page.locator("main td :is(.row, .ib):visible"), path).to_have_count(0)
        short[path] = page.evaluate(SHORT)
    assert {path: rows for path, rows in short.items() if rows} == {}


@pytest.mark.parametrize("scene", ["full"], indirect=True)
def test_every_page_of_the_table_is_among_what_is_looked_at(scene):
    seen = {sight.name for sight in scene.sights}
    assert {row.endpoint for row in PAGES if "GET" in row.methods} - DOWNLOADS - LEADS_ELSEWHERE <= seen


def test_on_a_phone_the_menu_opens_stays_open_while_the_page_is_refreshed_and_shows_where_one_is(site):
    stage = quick("plenty")
    page = site(stage).tab("/audit", width=390, has_touch=True, is_mobile=True, reduced_motion="reduce")
    here, failed = page.locator("#nav [aria-current]"), int(page.locator("#hot").inner_text())
    expect(here).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(here).to_have_text("Audit")
    assert violations(page, RULES) == []
    stage.fail()
    expect(page.locator("#hot")).to_have_text(str(failed + 1))
    expect(here).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(here).to_be_hidden()
    expect(page.get_by_role("button", name="Menu")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_menu_needs_no_script(site, scripts):
    page = site(quick()).tab("/", width=390, java_script_enabled=scripts)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Bulk actions").click()
    page.wait_for_url("**/operations")


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
    expect(page.locator("body")).not_to_have_css("background-color", light)
    page.route("**/ui.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).not_to_have_css("background-color", light)
    page.unroute("**/ui.js*")
    page.reload()
    page.get_by_role("button", name="Theme: dark").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")


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
    comes_true(page, "document.querySelector('a.nav svg use').getBoundingClientRect().width > 5")


def test_a_dialog_is_as_accessible_as_a_page(site):
    stage = quick()
    stage.worker()
    stage.start(id := stage.push())
    page = site(stage).tab(f"/jobs/{id}", reduced_motion="reduce")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog", name="Cancel SendEmail?").wait_for()
    assert violations(page, RULES) == []
