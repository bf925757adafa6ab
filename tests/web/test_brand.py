"""The dashboard as part of somebody's app: name, logo, colour, environment, entries and panels of its own."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup

from horizon import Horizon
from horizon.core.errors import ConfigurationError
from tests.stores import lending
from tests.web.pages.conftest import Page


def site(extension: Horizon | None = None, role: str = "admin", **config: Any) -> Flask:
    app = Flask("acme-shop")
    app.config.update(
        HORIZON_URL=lending.fresh(), HORIZON_SCHEDULER=False, HORIZON_AUTH=lambda request: {"name": "ana", "role": role}, **config
    )
    (extension or Horizon()).init_app(app)
    lending.afterwards(app.extensions["horizon"].runtime.close)
    return app


def look(app: Flask, path: str = "/") -> Page:
    answer = app.test_client().get(f"/horizon{path}")
    assert answer.status_code == 200
    return Page(answer.text)


# brand -------------------------------------------------------------------------------------------------


def test_without_settings_it_is_horizon_without_a_word_of_where() -> None:
    answer = site().test_client().get("/horizon/")
    page = Page(answer.text)
    assert "Overview · Horizon\n" in page.text
    assert not page.all("link", rel="stylesheet", href="/horizon/brand.css")
    assert "env " not in " ".join(attrs.get("class", "") for attrs in page.all("span"))


def test_name_and_logo_stand_in_the_corner_and_the_name_in_titles() -> None:
    app = site(HORIZON_BRAND="Acme <jobs>", HORIZON_LOGO="/static/acme.svg")
    page = look(app)
    assert "Overview · Acme <jobs>\n" in page.text
    assert page.all("img", src="/static/acme.svg", alt="")
    assert "Content-Security-Policy" in app.test_client().get("/horizon/").headers


def test_a_logo_from_elsewhere_opens_the_policy_for_pictures_from_there_and_nothing_else() -> None:
    usual = site().test_client().get("/horizon/").headers["Content-Security-Policy"]
    opened = site(HORIZON_LOGO="https://cdn.acme.example/l.svg").test_client().get("/horizon/").headers["Content-Security-Policy"]
    assert opened == usual.replace("img-src 'self' data:", "img-src 'self' https://cdn.acme.example data:")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOGO", "javascript:alert(1)"), ("LOGO", "http://cdn/x.png"), ("LOGO", "//cdn/x.png"), ("LOGO", "https://a b/x"), ("LOGO", "https://a;b/x"),
        ("ACCENT", "red"), ("ACCENT", "#fff;}*{}"), ("BRAND", "x" * 49), ("ENVIRONMENT", "y" * 25), ("VIEW_TIMEZONE", "Mars/Olympus"),
    ],
)  # fmt: skip
def test_what_will_not_do_is_told_at_the_start_with_what_would(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"HORIZON_{name}"):
        site(**{f"HORIZON_{name}": value})


def test_the_accent_is_a_stylesheet_of_its_own_that_browsers_keep_and_nobody_has_to_sign_in_for() -> None:
    app = site(HORIZON_ACCENT="#0b7285")
    (link,) = [one for one in look(app).all("link", rel="stylesheet") if "brand.css" in one["href"]]
    app.config["HORIZON_AUTH"] = None
    answer = app.test_client().get(link["href"])
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert "--accent:light-dark(#0b7285," in answer.text
    assert "immutable" in answer.headers["Cache-Control"]
    assert "style=" not in app.test_client().get("/horizon/").text


@pytest.mark.parametrize(
    ("word", "tone"),
    [("Production", "stop"), ("prod", "stop"), ("LIVE", "stop"), ("staging", "warn"), ("dev", "calm"), ("Ärzte <b>", "calm")],
)
def test_the_environment_is_a_word_on_every_page_and_production_looks_different(word: str, tone: str) -> None:
    app = site(HORIZON_ENVIRONMENT=word)
    for path in ("/", "/jobs", "/audit"):
        page = look(app, path)
        assert page.all("span", **{"class": f"env {tone}"})
        assert page.all("body", **{"class": f"at-{tone}"})
        assert word in page.text
        assert f"({word})" in page.text.partition("\n\n")[0] or f"({word})" in page.text


def test_the_app_may_say_in_which_zone_everybody_sees_times() -> None:
    client = site(HORIZON_VIEW_TIMEZONE="Asia/Tokyo").test_client()
    client.set_cookie("horizon_tz", "Europe/Rome")
    page = Page(client.get("/horizon/").text)
    assert page.all("html", **{"data-tz": "Asia/Tokyo", "data-tz-fixed": ""})
    assert "Times in Asia/Tokyo" in page.text


# hooks -------------------------------------------------------------------------------------------------


def test_entries_of_the_host_stand_in_the_navigation_for_those_who_may_see_them(caplog: pytest.LogCaptureFixture) -> None:
    horizon = Horizon()
    horizon.nav("Reports", "reports", icon="chart")
    horizon.nav("Runbook", "https://wiki.acme.example/jobs")
    horizon.nav("Secret", "/secret", role="admin")
    horizon.nav("Nowhere", "no.such.endpoint")
    app = site(horizon)
    app.add_url_rule("/reports", "reports", lambda: "x")
    links = [link["href"] for link in look(app).all("a", **{"class": "nav"})][-3:]
    assert links == ["/reports", "https://wiki.acme.example/jobs", "/secret"]
    look(app)
    assert caplog.text.count("has no endpoint 'no.such.endpoint'") == 1
    viewer = site(horizon, role="viewer")
    assert not look(viewer).all("a", href="/secret")


@pytest.mark.parametrize("to", ["javascript:alert(1)", "//evil.example", "data:text/html,x", "", "a b"])
def test_an_entry_leads_nowhere_it_should_not(to: str) -> None:
    with pytest.raises(ConfigurationError, match="leads to an endpoint"):
        Horizon().nav("x", to)


def test_a_panel_is_a_template_or_a_callable_whose_text_is_escaped_unless_it_says_that_it_is_html(tmp_path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "panel.html").write_text("<p>{{ 40 + 2 }} orders</p>")
    horizon = Horizon()
    horizon.panel("overview", "panel.html", title="Orders")
    horizon.panel("overview", lambda: "1 < 2")
    horizon.panel("overview", lambda: Markup("<b id='own'>x</b>"))
    horizon.panel("overview", lambda: None)
    horizon.panel("overview", lambda: "for admins", role="admin")
    app = site(horizon, role="operator")
    app.jinja_loader.searchpath.append(str(tmp_path / "templates"))  # type: ignore[union-attr]
    page = look(app)
    assert [word for word in ("42 orders", "Orders", "1 < 2") if word not in page.text] == []
    assert page.all("b", id="own")
    assert len([one for one in page.all("section") if one.get("id", "").startswith("host-")]) == 3


def test_a_panel_that_raises_says_so_and_the_rest_of_the_page_stands(caplog: pytest.LogCaptureFixture) -> None:
    horizon = Horizon()
    horizon.panel("overview", lambda: 1 / 0, title="Broken")
    horizon.panel("overview", "no/such/template.html")
    horizon.panel("overview", lambda: "fine")
    with caplog.at_level(logging.ERROR):
        page = look(site(horizon))
    assert page.text.count("This panel could not be drawn") == 2
    assert "fine" in page.text
    assert "ZeroDivisionError" in caplog.text


def test_what_a_panel_says_is_asked_once_for_all_who_look_and_anew_where_it_wants_that() -> None:
    asked: list[str] = []
    horizon = Horizon()
    horizon.panel("overview", lambda: asked.append("shared"), every=3600)
    horizon.panel("overview", lambda: asked.append("each"), every=0)
    app = site(horizon)
    for _ in range(3):
        look(app)
    assert (asked.count("shared"), asked.count("each")) == (1, 3)


def test_a_panel_stands_where_there_is_a_place_for_one() -> None:
    for page, what in (("nowhere", "x.html"), ("overview", 7)):
        with pytest.raises(ConfigurationError, match="a panel stands on overview"):
            Horizon().panel(page, what)  # type: ignore[arg-type]
